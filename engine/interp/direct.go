package interp

import (
	"reflect"
	goruntime "runtime"
	"unsafe"
)

// The functions of an interpreter are made by reflect.MakeFunc. A call by reflection lays arguments out as compiled code
// expects them, and the function takes them apart again, which is a third of the time of a short call. The function that
// MakeFunc was given does the same for less.

// madeFunc is what the value of a function made by reflect.MakeFunc points to: the code that all of them share first, and
// the function that MakeFunc was given somewhere after it.
type madeFunc [6]uintptr

// made is how functions of reflect.MakeFunc are recognised: their code, and the word that holds the function. Where this
// release of Go makes them otherwise, word is zero, and none is.
var made = func() (m struct {
	code uintptr
	word int
},
) {
	given := func([]reflect.Value) []reflect.Value { return nil }
	value := *(*uintptr)(unsafe.Pointer(&given))
	p := pointee(reflect.MakeFunc(reflect.TypeFor[func()](), given))
	for i := 1; i < len(p); i++ {
		if p[i] == value {
			m.code, m.word = p[0], i
		}
	}
	goruntime.KeepAlive(given)
	return m
}()

func pointee(f reflect.Value) *madeFunc {
	variable := reflect.New(f.Type())
	variable.Elem().Set(f)
	return *(**madeFunc)(variable.UnsafePointer())
}

// direct returns a function that does what f.Call does, as cheaply as can be. It must be given what f takes.
func direct(f reflect.Value) func(args []reflect.Value) []reflect.Value {
	if p := pointee(f); made.word != 0 && p[0] == made.code {
		return *(*func([]reflect.Value) []reflect.Value)(unsafe.Pointer(&p[made.word]))
	}
	return f.Call
}
