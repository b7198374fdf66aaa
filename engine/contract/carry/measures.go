package carry

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// maxRunning bounds how many bytes of arguments the other side's calls that run have come with, unless it is one call alone.
const maxRunning = 2 * DefaultMaxSize

var errRunning = fmt.Errorf("the calls that run have come with more than %d bytes", maxRunning)

// measures are what a session has to do with.
type measures struct {
	held  atomic.Int64 // references of the other side that last as long as the session, and are still in use
	bytes atomic.Int64 // of arguments of the other side's calls that run
}

// Held counts what the other side has returned and is still in use here: interfaces, streams among them, that are neither closed nor
// garbage.
func (m *measures) Held() int { return int(m.held.Load()) }

// enter counts the arguments of a call. It is false where there is no room for them.
func (m *measures) enter(size int) bool {
	all := m.bytes.Add(int64(size))
	if all > maxRunning && all > int64(size) {
		m.leave(size)
		return false
	}
	return true
}

func (m *measures) leave(size int) { m.bytes.Add(-int64(size)) }

// grip is what keeps a value of the other side from being forgotten there.
type grip struct {
	link   *Session
	id     uint64
	loosed atomic.Bool
}

// hold has the other side know when r is garbage.
func (r *remote) hold() {
	r.grip = &grip{link: r.link, id: r.id}
	r.link.held.Add(1)
	runtime.AddCleanup(r, func(g *grip) {
		g.loose()
		g.link.release(g.id)
	}, r.grip)
}

// loose says that the value is not in use any more. A nil grip is that of a value that lasts as long as a call.
func (g *grip) loose() {
	if g != nil && !g.loosed.Swap(true) {
		g.link.held.Add(-1)
	}
}
