package confine

import (
	"context"
	"time"
)

// Watch keeps an eye on a process: its resident memory, its CPU time and its threads. When it uses more than it may, exceeded is
// called with the reason, as a sentence about "it"; to end the process is up to that. Where the policy lets the process start
// programs and it leads a process group, all of the group counts.
//
// Watch blocks. It returns nil when ctx has ended, when the process has, and after it has called exceeded, which it does once at
// most. The error is for a process that cannot be watched; on systems other than Linux it is ErrUnsupported.
//
// Memory is looked at every 20 ms where the limit is near, and less often where it is far: as often as it takes for a process that
// fills a gigabyte in a second not to get far beyond.
func Watch(ctx context.Context, pid int, p Policy, exceeded func(reason string)) error {
	return watch(ctx, pid, p, exceeded)
}

const (
	fastest = 20 * time.Millisecond
	slowest = 250 * time.Millisecond
	// fillRate is how many bytes in a second a process is expected to fill at most.
	fillRate = 2 << 30
)

// nextLook is when memory should be looked at again.
func nextLook(used, most int64) time.Duration {
	left := float64(max(most-used, 0)) / fillRate * float64(time.Second)
	return min(max(time.Duration(left), fastest), slowest)
}
