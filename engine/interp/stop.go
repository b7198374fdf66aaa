package interp

import (
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// An interpreter offers to stop what it executes only together with an evaluation, which must not run beside another one.
// What it does then is to count up its field id, which each step of its goroutines compares, and to close its channel done,
// which all operations of channels wait for beside their own where its field cancelChan was set when they were compiled. That
// is done here from outside.

// insides are what is used of an interpreter, as offsets. A test sees to it that the release this is built with has them.
var insides = func() (o struct {
	id, done, cancelChan uintptr
	found                bool
},
) {
	t := reflect.TypeFor[interp.Interpreter]()
	id, hasID := t.FieldByName("id")
	done, hasDone := t.FieldByName("done")
	cancelChan, hasCancelChan := t.FieldByName("cancelChan")
	o.id, o.done, o.cancelChan = id.Offset, done.Offset, cancelChan.Offset
	o.found = hasID && hasDone && hasCancelChan && id.Type.Kind() == reflect.Uint64 && id.Offset == 0 &&
		done.Type == reflect.TypeFor[chan struct{}]() && cancelChan.Type.Kind() == reflect.Bool
	return o
}()

// stoppable makes what an interpreter is going to compile end where done is closed after stop. It comes before anything is
// compiled.
func stoppable(i *interp.Interpreter, done chan struct{}) {
	if insides.found {
		*(*chan struct{})(unsafe.Add(unsafe.Pointer(i), insides.done)) = done
		*(*bool)(unsafe.Add(unsafe.Pointer(i), insides.cancelChan)) = true
	}
}

// stop ends what an interpreter executes, at the next step of each of its goroutines; those that wait for a channel take that
// step when done is closed. Functions that are stopped return zero values, what they deferred does not run, and the
// interpreter is of no use afterwards: every function that it is asked to call ends at its first step.
func stop(i *interp.Interpreter) {
	if insides.found {
		atomic.AddUint64((*uint64)(unsafe.Add(unsafe.Pointer(i), insides.id)), 1)
	}
}
