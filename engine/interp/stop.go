package interp

import (
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// loading is a load that may be stopped, as long as it has not ended.
type loading struct {
	mu      sync.Mutex
	interp  *interp.Interpreter
	stopped bool
	ended   bool
}

// begin tells which interpreter is to be stopped. It is false where the load was stopped before.
func (l *loading) begin(i *interp.Interpreter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interp = i
	return !l.stopped
}

// goOn reports whether the next step of the load is to be taken: a stop ends only what runs at that moment.
func (l *loading) goOn() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.stopped
}

// end says that the load is over. It is false where the load was stopped: nobody waits for what came of it.
func (l *loading) end() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	return !l.stopped
}

// stop gives the load up. It is false where the load has ended.
func (l *loading) stop() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.stopped = true
	if l.interp != nil {
		stop(l.interp)
	}
	return true
}

// stop ends what an interpreter executes, at the next step of each of its goroutines. Functions that are stopped return
// zero values, so that the interpreter is of no use afterwards. The interpreter itself offers this only together with
// an evaluation, which must not run beside another one: what it does is to count up its field id, which each step
// compares.
func stop(i *interp.Interpreter) {
	if idIsFirst {
		atomic.AddUint64((*uint64)(unsafe.Pointer(i)), 1)
	}
}

// idIsFirst holds for the release of the interpreter that this is built with; a test sees to it.
var idIsFirst = func() bool {
	f := reflect.TypeFor[interp.Interpreter]().Field(0)
	return f.Name == "id" && f.Type.Kind() == reflect.Uint64
}()
