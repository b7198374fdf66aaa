package interp

import (
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// loading is a load that may be stopped.
type loading struct {
	mu      sync.Mutex
	interp  *interp.Interpreter
	stopped bool
}

// begin tells which interpreter is to be stopped. It is false where the load was stopped before.
func (l *loading) begin(i *interp.Interpreter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interp = i
	return !l.stopped
}

func (l *loading) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	if l.interp != nil {
		stop(l.interp)
	}
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
