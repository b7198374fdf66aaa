package carry

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

type refused interface {
	Chan(c chan int)
	Deep(v map[string][]struct{ C <-chan int })
	Func() func()
	Locked(m *sync.Mutex)
	Map(m map[*Item]int)
	Two(p unsafe.Pointer, u uintptr)
	Unknown(v interface{ Foo() })
	Nested(v Options)
	Ok(i int) error
}

func TestWhatCannotCrossIsNamed(t *testing.T) {
	_, err := Compile(reflect.TypeFor[refused](), options())
	if err == nil {
		t.Fatal("it was compiled")
	}
	for _, want := range []string{
		"carry.refused.Chan: parameter 1: chan int: a channel cannot cross",
		"carry.refused.Deep: parameter 1: struct { C <-chan int }.C: <-chan int: a channel cannot cross",
		"carry.refused.Func: result 1: func(): a function cannot be returned",
		"carry.refused.Locked: parameter 1: sync.Mutex: it has no exported field",
		"carry.refused.Map: parameter 1: map[*carry.Item]int: a pointer as a key",
		"carry.refused.Two: parameter 1: unsafe.Pointer: an address",
		"carry.refused.Two: parameter 2: uintptr: an address",
		"carry.refused.Unknown: parameter 1: interface { Foo() }: it is in no symbol table",
		"carry.refused.Nested: parameter 1: carry.Options.Table: carry.Table.Symbols: result 1: reflect.Value: it has no exported",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "Ok") {
		t.Errorf("a method that can cross is named in\n%v", err)
	}
	if _, err := Compile(reflect.TypeFor[Item](), options()); err == nil {
		t.Error("a struct was compiled")
	}
}
