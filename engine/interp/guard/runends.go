package guard

import (
	"fmt"
	"slices"
)

// maxEnd is how much is kept of each end of what a program prints.
const maxEnd = 32 << 10

// ends keeps the beginning and the end of what is written to it.
type ends struct {
	first, last []byte
	skipped     int64
}

// Write implements io.Writer. It never fails.
func (e *ends) Write(p []byte) (int, error) {
	n := len(p)
	fits := min(maxEnd-len(e.first), len(p))
	e.first = append(e.first, p[:fits]...)
	p = p[fits:]
	if over := len(p) - maxEnd; over > 0 {
		e.skipped += int64(over)
		p = p[over:]
	}
	e.last = append(e.last, p...)
	if over := len(e.last) - maxEnd; over > 0 {
		e.skipped += int64(over)
		e.last = slices.Delete(e.last, 0, over)
	}
	return n, nil
}

func (e *ends) bytes() []byte {
	if e.skipped == 0 {
		return slices.Concat(e.first, e.last)
	}
	return slices.Concat(e.first, fmt.Appendf(nil, "\n... omitting %d bytes ...\n", e.skipped), e.last)
}
