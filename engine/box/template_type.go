package box

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"sync"
	"sync/atomic"
)

// templates executes templates of text/template and html/template over values of a program. It is safe for concurrent
// use.
type templates struct {
	prog *Program

	types  sync.Map // types.Type -> *tmplType, nil where reflection tells all
	closed sync.Map // reflect.Type -> bool
	sigs   sync.Map // sigKey -> *tmplSig

	interfaces func() tmplInterfaces
	escaping   sync.Mutex // held while a template of html/template is escaped
}

// tmplInterfaces are the interfaces of compiled code that templates look for.
type tmplInterfaces struct {
	err, stringer, marshaler *types.Interface
}

var (
	errorType        = reflect.TypeFor[error]()
	anyType          = reflect.TypeFor[any]()
	stringerType     = reflect.TypeFor[fmt.Stringer]()
	marshalerType    = reflect.TypeFor[json.Marshaler]()
	stringType       = reflect.TypeFor[string]()
	reflectValueType = reflect.TypeFor[reflect.Value]()
)

type templatesKey struct{}

// templates returns what the program executes templates with.
func (p *Program) templates() *templates {
	found, ok := p.memo.Load(templatesKey{})
	if !ok {
		found, _ = p.memo.LoadOrStore(templatesKey{}, newTemplates(p))
	}
	e, _ := found.(*templates)
	return e
}

func newTemplates(p *Program) *templates {
	e := &templates{prog: p}
	e.interfaces = sync.OnceValue(func() tmplInterfaces {
		return tmplInterfaces{
			err:       e.hostInterface(errorType),
			stringer:  e.hostInterface(stringerType),
			marshaler: e.hostInterface(marshalerType),
		}
	})
	return e
}

func (e *templates) hostInterface(t reflect.Type) *types.Interface {
	i, _ := e.prog.universe.TypeOf(t).Underlying().(*types.Interface)
	return i
}

// tmplType is a type that reflection does not tell from others, because it mentions types of the program, or struct types
// or interface types that are no names of compiled code.
type tmplType struct {
	typ   *Type
	t     types.Type
	under types.Type

	fields  sync.Map // name -> []int, nil where there is none
	methods sync.Map // name -> *tmplMethod, nil where there is none
	answers sync.Map // *types.Interface -> bool, whether the type implements it

	pointer, slice atomic.Pointer[tmplType] // the types made of this one
}

// typeOf returns what describes t beyond reflection, nil where nothing does. The values of t are of type r; r is nil where
// that is not known because there is no value.
func (e *templates) typeOf(t types.Type, r reflect.Type) *tmplType {
	if _, ok := t.(*types.Basic); ok {
		return nil
	}
	t = types.Unalias(t)
	if found, ok := e.types.Load(t); ok {
		known, _ := found.(*tmplType)
		return known
	}
	var made *tmplType
	if !e.plain(t, r) {
		made = e.describe(e.prog.Type(t))
	}
	found, _ := e.types.LoadOrStore(t, made)
	known, _ := found.(*tmplType)
	return known
}

// boxed returns what describes the type of a Box.
func (e *templates) boxed(t *Type) *tmplType {
	if found, ok := e.types.Load(t.Type); ok {
		if known, _ := found.(*tmplType); known != nil {
			return known
		}
	}
	made := e.describe(t)
	e.types.Store(t.Type, made)
	return made
}

func (e *templates) describe(t *Type) *tmplType {
	return &tmplType{typ: t, t: t.Type, under: t.Type.Underlying()}
}

// plain reports whether reflection tells values of t, which are of type r, from those of all other types.
func (e *templates) plain(t types.Type, r reflect.Type) bool {
	t = types.Unalias(t)
	switch t := t.(type) {
	case *types.Basic:
		return true
	case *types.Interface:
		return t.NumMethods() == 0
	}
	if r == nil {
		return false
	}
	switch t := t.(type) {
	case *types.Named:
		return r == errorType || r.PkgPath() != "" && types.Identical(e.prog.universe.TypeOf(r), t)
	case *types.Pointer:
		return r.Kind() == reflect.Pointer && e.plain(t.Elem(), r.Elem())
	case *types.Slice:
		return r.Kind() == reflect.Slice && e.plain(t.Elem(), r.Elem())
	case *types.Array:
		return r.Kind() == reflect.Array && e.plain(t.Elem(), r.Elem())
	case *types.Chan:
		return r.Kind() == reflect.Chan && e.plain(t.Elem(), r.Elem())
	case *types.Map:
		return r.Kind() == reflect.Map && e.plain(t.Key(), r.Key()) && e.plain(t.Elem(), r.Elem())
	case *types.Signature:
		return r.Kind() == reflect.Func && e.plainTuple(t.Params(), r.NumIn(), r.In) && e.plainTuple(t.Results(), r.NumOut(), r.Out)
	default:
		return false
	}
}

func (e *templates) plainTuple(tuple *types.Tuple, n int, at func(int) reflect.Type) bool {
	if tuple.Len() != n {
		return false
	}
	for i := range n {
		if !e.plain(tuple.At(i).Type(), at(i)) {
			return false
		}
	}
	return true
}

// pointer returns the type of pointers to d.
func (e *templates) pointer(d *tmplType) *tmplType {
	return e.derived(&d.pointer, func() types.Type { return types.NewPointer(d.t) })
}

// derived returns a type that is made once, so that its identity can serve as a key. It is one of the program.
func (e *templates) derived(at *atomic.Pointer[tmplType], form func() types.Type) *tmplType {
	if found := at.Load(); found != nil {
		return found
	}
	at.CompareAndSwap(nil, e.boxed(e.prog.Type(form())))
	return at.Load()
}

// implements reports whether the type has the methods of an interface of compiled code.
func (d *tmplType) implements(i *types.Interface) bool {
	found, ok := d.answers.Load(i)
	if !ok {
		found, _ = d.answers.LoadOrStore(i, types.Implements(d.t, i))
	}
	answer, _ := found.(bool)
	return answer
}

// isClosed reports whether no value of type r can hold a Box: nothing in it is an interface, and no method or function
// in it can be asked for one. Nor does it lead to a method that something is called in the place of.
func (e *templates) isClosed(r reflect.Type) bool {
	if r == nil {
		return true
	}
	if found, ok := e.closed.Load(r); ok {
		known, _ := found.(bool)
		return known
	}
	closed := !mentionsInterface(r, make(map[reflect.Type]bool)) && !e.prog.reachesStandIn(r, make(map[reflect.Type]bool))
	e.closed.Store(r, closed)
	return closed
}

func mentionsInterface(r reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[r] {
		return false
	}
	seen[r] = true
	switch r.Kind() {
	case reflect.Interface, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return mentionsInterface(r.Elem(), seen)
	case reflect.Map:
		return mentionsInterface(r.Key(), seen) || mentionsInterface(r.Elem(), seen)
	case reflect.Struct:
		for f := range r.Fields() {
			if mentionsInterface(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
