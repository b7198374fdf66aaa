package worker

import (
	"cmp"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// defaultOutput is runtime.Limits.Output where it is zero.
const defaultOutput = 4 << 20

// outputWindow is the time that the limit of output is for.
const outputWindow = time.Minute

// outputOf returns how much a package may print and log in a window.
func outputOf(l runtime.Limits) int64 {
	if l.Output < 0 {
		return math.MaxInt64
	}
	return cmp.Or(l.Output, defaultOutput)
}

// hostOutput is where the host cuts off what a child should have cut off by itself. Their windows do not begin at the same time.
func hostOutput(most int64) int64 {
	if most > math.MaxInt64/4 {
		return math.MaxInt64
	}
	return 2*most + 64<<10
}

// meter counts what is printed and logged, and says what is too much. The zero meter, and a nil one, have no limit.
type meter struct {
	mu    sync.Mutex
	most  int64 // in a window; zero is no limit
	began time.Time
	used  int64
	lost  int64 // bytes in this window that were too much
}

// allow sets the limit.
func (m *meter) allow(most int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.most = most
}

// take reports whether so many bytes may be printed now. The notice, where there is one, says what has been left out.
func (m *meter) take(n int, now time.Time) (ok bool, notice string) {
	if m == nil {
		return true, ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.most == 0 {
		return true, ""
	}
	if now.Sub(m.began) >= outputWindow {
		if m.lost > 0 {
			notice = fmt.Sprintf("%d bytes of output were left out (limits: output)", m.lost)
		}
		m.began, m.used, m.lost = now, 0, 0
	}
	if m.lost == 0 && int64(n) <= m.most-m.used {
		m.used += int64(n)
		return true, notice
	}
	if m.lost == 0 {
		notice = fmt.Sprintf("more than %d bytes of output in a minute: what comes in the rest of it is left out (limits: output)", m.most)
	}
	m.lost += int64(n)
	return false, notice
}
