package interp

import (
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// warm has the interpreter compute the types of all functions and their parameters. It does so by itself when a function
// is first called, or a function literal first executed, without a lock: two first calls at a time would race.
//
// What is read here is not exported; the layout is that of the release in use, a test sees to it.
func warm(i *interp.Interpreter) {
	if !internals.known {
		return
	}
	w := warmer{seen: make(map[unsafe.Pointer]bool)}
	for _, root := range read[[]unsafe.Pointer](unsafe.Pointer(i), internals.roots) {
		w.node(root)
	}
}

// internals are the places in the interpreter's structs that are read, as offsets.
var internals = findInternals()

type layout struct {
	known bool
	// roots of Interpreter, []*node; child of node, []*node; typ of node, *itype; arg of itype, []*itype.
	roots, child, typ, arg uintptr
	itype                  reflect.Type
	typeOf                 int // the method TypeOf of *itype
}

func findInternals() (l layout) {
	roots, ok := reflect.TypeFor[interp.Interpreter]().FieldByName("roots")
	if !ok || roots.Type.Kind() != reflect.Slice || roots.Type.Elem().Kind() != reflect.Pointer {
		return l
	}
	node := roots.Type.Elem().Elem()
	child, hasChild := node.FieldByName("child")
	typ, hasType := node.FieldByName("typ")
	if !hasChild || !hasType || child.Type != roots.Type || typ.Type.Kind() != reflect.Pointer {
		return l
	}
	arg, ok := typ.Type.Elem().FieldByName("arg")
	typeOf, hasMethod := typ.Type.MethodByName("TypeOf")
	if !ok || !hasMethod || arg.Type != reflect.SliceOf(typ.Type) {
		return l
	}
	return layout{
		known: true, roots: roots.Offset, child: child.Offset, typ: typ.Offset, arg: arg.Offset,
		itype: typ.Type.Elem(), typeOf: typeOf.Index,
	}
}

func read[T any](p unsafe.Pointer, offset uintptr) T { return *(*T)(unsafe.Add(p, offset)) }

// warmer goes through the nodes of a program.
type warmer struct {
	seen map[unsafe.Pointer]bool // types
}

func (w *warmer) node(n unsafe.Pointer) {
	if n == nil {
		return
	}
	children := read[[]unsafe.Pointer](n, internals.child)
	if t := read[unsafe.Pointer](n, internals.typ); t != nil && !w.seen[t] {
		args := read[[]unsafe.Pointer](t, internals.arg)
		if len(args) > 0 || len(children) == functionParts {
			w.compute(t)
		}
		for _, arg := range args {
			w.compute(arg)
		}
	}
	for _, c := range children {
		w.node(c)
	}
}

// functionParts is how many children the node of a function has: receiver, name, type and body.
const functionParts = 4

// compute calls TypeOf of an itype. Where that panics, it does so again when the program gets there.
func (w *warmer) compute(t unsafe.Pointer) {
	if t == nil || w.seen[t] {
		return
	}
	w.seen[t] = true
	defer func() { _ = recover() }()
	reflect.NewAt(internals.itype, t).Method(internals.typeOf).Call(nil)
}
