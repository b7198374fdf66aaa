package config

import (
	"math"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
)

// usage returns what the processes of packages may use. What is left out is zero.
func (k *usageKeys) usage() runtime.Limits {
	return runtime.Limits{
		Memory: k.Memory.n, CPU: k.CPU.n, OpenFiles: int(k.OpenFiles.n), Processes: int(k.Processes.n), Output: k.Output.n,
	}
}

// noLimit is how a limit is written that there is none of. It is negative then.
const noLimit = "none"

// size is a number of bytes above zero. It is zero where it is left out.
type size struct{ n int64 }

const wantSize = "a size such as 256MiB or 1GB, or none"

func (s *size) read(d *decoder, v value) {
	got, ok := d.scalar(v, false)
	switch got := got.(type) {
	case int64:
		s.n = got
	case string:
		s.n = parseSize(got)
	}
	if ok && (s.n == 0 || s.n < 0 && got != noLimit) {
		s.n = 0
		d.add(v.at, "%s: want %s, got %s", v.label, wantSize, describe(v.node, false))
	}
}

var sizePattern = lazily(`^([0-9]+) ?([kKMGT]i?B)$`)

// parseSize returns a size in bytes, -1 for none, and 0 for what is no size. KiB, MiB, GiB and TiB are powers of 1024; kB, MB, GB and TB
// those of 1000.
func parseSize(s string) int64 {
	if s == noLimit {
		return -1
	}
	m := sizePattern().FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	base := int64(1000)
	if strings.Contains(m[2], "i") {
		base = 1024
	}
	for range strings.IndexByte("KMGT", strings.ToUpper(m[2])[0]) + 1 {
		if n > math.MaxInt64/base {
			return 0
		}
		n *= base
	}
	return n
}

// bound is a whole number above zero. It is zero where it is left out.
type bound struct{ n int64 }

func (b *bound) read(d *decoder, v value) {
	if isNoLimit(v) {
		b.n = -1
		return
	}
	b.n, _ = d.whole(v, 1, "a whole number above 0, or none")
}

// share is a number of cores above zero, with a fraction. It is zero where it is left out.
type share struct{ n float64 }

func (s *share) read(d *decoder, v value) {
	if isNoLimit(v) {
		s.n = -1
		return
	}
	got, ok := d.scalar(v, false)
	switch got := got.(type) {
	case int64:
		s.n = float64(got)
	case float64:
		s.n = got
	}
	if ok && s.n <= 0 {
		s.n = 0
		d.add(v.at, "%s: want a number of cores above 0, such as 0.5, or none, got %s", v.label, describe(v.node, false))
	}
}

// isNoLimit reports whether a value says that there is no limit.
func isNoLimit(v value) bool {
	if !isScalar(v.node) {
		return false
	}
	got, err := scalar(v.node)
	return err == nil && got == noLimit
}
