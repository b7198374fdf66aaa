package box

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// abiType is how the runtime keeps a type: what all types have in common.
type abiType struct {
	_ uintptr // size
	_ uintptr // bytes with pointers
	_ uint32  // hash
	_ [4]uint8
	_ unsafe.Pointer // equality
	_ unsafe.Pointer // garbage collector's data
	_ int32          // name
	_ int32          // pointer to this
}

// abiStruct is how the runtime keeps a struct type.
type abiStruct struct {
	_      abiType
	_      unsafe.Pointer // path of the package
	fields []abiField
}

// abiField is a field of it.
type abiField struct {
	_      unsafe.Pointer // name
	typ    unsafe.Pointer
	offset uintptr
}

// typePointer returns what a reflect.Type points to, which identifies the type.
func typePointer(t reflect.Type) unsafe.Pointer {
	return reflect.ValueOf(t).UnsafePointer()
}

// structLayout returns an error unless the types of this build are kept as this package knows it.
var structLayout = sync.OnceValue(func() error {
	// A reflect.Type is a pointer to a struct with one field, the runtime's.
	t := reflect.TypeOf(reflect.TypeFor[int]())
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct || t.Elem().NumField() != 1 ||
		t.Elem().Size() != unsafe.Sizeof(abiType{}) {
		return errLayout
	}
	probe := reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeFor[int8]()},
		{Name: "B", Type: reflect.PointerTo(reflect.TypeFor[[1]placeholder]())},
		{Name: "C", Type: reflect.TypeFor[string]()},
	})
	return setFieldType(probe, 1, reflect.PointerTo(probe))
})

var errLayout = errors.New("recursive types are not supported with this version of Go: its types are kept in another way")

// setFieldType changes the type of a field of a struct that reflect.StructOf has made and that nobody else knows yet. The
// new type is laid out like the old one.
func setFieldType(s reflect.Type, i int, t reflect.Type) error {
	fields := (*abiStruct)(typePointer(s)).fields
	if len(fields) != s.NumField() || cap(fields) < len(fields) {
		return errLayout
	}
	for j := range fields {
		f := s.Field(j)
		if fields[j].typ != typePointer(f.Type) || fields[j].offset != f.Offset {
			return errLayout
		}
	}
	old := s.Field(i).Type
	if old.Kind() != t.Kind() || old.Size() != t.Size() || old.Align() != t.Align() || old.Comparable() != t.Comparable() {
		return fmt.Errorf("%s is not laid out like %s", t, old)
	}
	fields[i].typ = typePointer(t)
	if s.Field(i).Type != t {
		return errLayout
	}
	return nil
}
