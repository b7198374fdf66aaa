package confine

import (
	"cmp"
	"math"
	"runtime/debug"
	"time"
)

// Limits are how much a process may use. In each field zero is the default, and a negative number is no limit.
type Limits struct {
	// Memory is how many bytes may be resident, of the process and of all that it has started together. The default is
	// 512 MiB.
	Memory int64
	// CPU is how many cores it may keep busy, on average over CPUWindow: 0.5 is half of one. The default is no limit, since
	// calls have timeouts.
	CPU       float64
	CPUWindow time.Duration // 10 seconds by default
	// OpenFiles is how many descriptors each process may have. The default is 256.
	OpenFiles int
	// Processes is how many threads there may be, those of all that the process has started included. The default is 256.
	Processes int
	// FileSize is how many bytes a file that it writes may have. The default is no limit.
	FileSize int64
}

const (
	defaultMemory    = 512 << 20
	defaultCPUWindow = 10 * time.Second
	defaultOpenFiles = 256
	defaultProcesses = 256
)

// maxStack bounds the stack of a goroutine: it is enough for a recursion of some ten thousand interpreted calls. One without end is
// told in milliseconds, and does not take a gigabyte first, which is Go's default.
const maxStack = 64 << 20

// withDefaults returns the limits with a number in each field; one that is no limit is larger than anything can be.
func (l Limits) withDefaults() Limits {
	l.Memory = orNone(cmp.Or(l.Memory, defaultMemory), math.MaxInt64)
	l.CPUWindow = orNone(cmp.Or(l.CPUWindow, defaultCPUWindow), defaultCPUWindow)
	l.OpenFiles = orNone(cmp.Or(l.OpenFiles, defaultOpenFiles), math.MaxInt32)
	l.Processes = orNone(cmp.Or(l.Processes, defaultProcesses), math.MaxInt32)
	l.FileSize = orNone(cmp.Or(l.FileSize, -1), math.MaxInt64)
	if l.CPU <= 0 {
		l.CPU = math.Inf(1)
	}
	return l
}

func orNone[T ~int | ~int64](n, none T) T {
	if n < 0 {
		return none
	}
	return n
}

func (l Limits) hasMemory() bool    { return l.Memory < math.MaxInt64 }
func (l Limits) hasCPU() bool       { return !math.IsInf(l.CPU, 1) }
func (l Limits) hasOpenFiles() bool { return l.OpenFiles < math.MaxInt32 }
func (l Limits) hasProcesses() bool { return l.Processes < math.MaxInt32 }
func (l Limits) hasFileSize() bool  { return l.FileSize < math.MaxInt64 }

// BoundStacks bounds the stacks of goroutines, as Apply does too: for what reads source before that.
func BoundStacks() { debug.SetMaxStack(maxStack) }

// setRuntime holds the Go runtime of this process to the limits. Fatal errors name them.
func setRuntime(l Limits) {
	BoundStacks()
	if l.hasMemory() {
		debug.SetMemoryLimit(l.Memory / 10 * 9)
	}
	if l.hasProcesses() {
		debug.SetMaxThreads(l.Processes)
	}
}
