package box

import (
	"go/types"
	"iter"
	"reflect"
	"slices"
	"sync/atomic"
)

// reflectType is a type of the program as package reflect shows types. There is one for each Type, so that equal types are
// equal. It must not be passed to compiled functions of package reflect.
type reflectType struct {
	reflect.Type // that of Box; only there for the methods that are not exported
	t            *Type
	known        atomic.Pointer[reflect.Type]
}

// form returns the erased form of the type. It is nil where that is not known.
func (r *reflectType) form() reflect.Type {
	if rt := r.known.Load(); rt != nil {
		return *rt
	}
	return nil
}

func (r *reflectType) learn(rt reflect.Type) {
	if rt != nil {
		r.known.CompareAndSwap(nil, &rt)
	}
}

// reflectTypeKey is where a Program remembers them.
type reflectTypeKey struct{ t *Type }

// reflectType returns a type as reflect.TypeOf does. Its values have reflect type rt, if that is known.
func (p *Program) reflectType(t types.Type, rt reflect.Type) reflect.Type {
	if rt != nil && odd(t, rt) {
		rt = nil
	}
	if !p.boxes(t) {
		if rt == nil {
			rt = p.erase(t)
		}
		if rt != nil {
			return rt
		}
	}
	key := reflectTypeKey{p.Type(t)}
	if known, ok := p.memo.Load(key); ok && (rt == nil || known.(*reflectType).form() != nil) {
		return known.(*reflectType)
	}
	if rt == nil {
		rt = p.erase(t)
	}
	made, _ := p.memo.LoadOrStore(key, &reflectType{Type: reflect.TypeFor[Box](), t: key.t})
	r := made.(*reflectType)
	r.learn(rt)
	return r
}

// typesOf returns the type behind one of package reflect, and the erased form, which is nil where it is not known.
func (p *Program) typesOf(t reflect.Type) (types.Type, reflect.Type) {
	r, ok := t.(*reflectType)
	if !ok {
		return p.universe.TypeOf(t), t
	}
	if kept := p.kept(r.t.Type); kept != nil {
		return r.t.Type, kept
	}
	return r.t.Type, r.form()
}

// keptKey is where a Program remembers the structs in which it keeps values of recursive types: see Erased.
type keptKey struct{ t *Type }

// kept returns the struct in which values of a type are kept, nil for most types.
func (p *Program) kept(t types.Type) reflect.Type {
	if rt, ok := p.memo.Load(keptKey{p.Type(t)}); ok {
		return rt.(reflect.Type)
	}
	return nil
}

// noteKept learns from a value how values of its type are kept.
func (p *Program) noteKept(t types.Type, v reflect.Value) {
	if v.Kind() == reflect.Struct && odd(t, v.Type()) {
		p.memo.LoadOrStore(keptKey{p.Type(t)}, v.Type())
	}
}

// stored returns a value in the form in which values of its type are kept.
func (p *Program) stored(t types.Type, v reflect.Value) reflect.Value {
	rt := p.kept(t)
	if rt == nil || v.Type() == rt || !v.Type().AssignableTo(rt.Field(0).Type) {
		return v
	}
	s := reflect.New(rt).Elem()
	s.Field(0).Set(v)
	return s
}

// boxes reports whether values of a type are kept in a Box where an interface holds them.
func (p *Program) boxes(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return false
	case *types.Named:
		return t.Obj().Pkg() != nil && !p.isHostType(t)
	case *types.Pointer:
		return p.boxes(t.Elem())
	case *types.Slice:
		return p.boxes(t.Elem())
	case *types.Array:
		return p.boxes(t.Elem())
	case *types.Chan:
		return p.boxes(t.Elem())
	case *types.Map:
		return p.boxes(t.Key()) || p.boxes(t.Elem())
	case *types.Interface:
		return t.NumMethods() > 0
	case *types.Signature:
		return p.anyBoxes(t.Params()) || p.anyBoxes(t.Results())
	}
	return true
}

func (p *Program) anyBoxes(tuple *types.Tuple) bool {
	for v := range tuple.Variables() {
		if p.boxes(v.Type()) {
			return true
		}
	}
	return false
}

// erase returns the erased form of a type as far as it is known without a value of it.
func (p *Program) erase(t types.Type) reflect.Type { return p.eraseIn(t, nil) }

// eraseIn is erase within types that are being erased: one that leads back to them is not known.
func (p *Program) eraseIn(t types.Type, outer []*types.Named) reflect.Type {
	if known, ok := p.memo.Load(reflectTypeKey{p.Type(t)}); ok {
		if rt := known.(*reflectType).form(); rt != nil {
			return rt
		}
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if n.Obj().Pkg() == nil {
			return reflect.TypeFor[error]()
		}
		if u, ok := p.universe.(interface {
			Symbol(path, name string) (reflect.Value, bool)
		}); ok && p.isHostType(n) {
			if v, ok := u.Symbol(n.Obj().Pkg().Path(), n.Obj().Name()); ok && v.Kind() == reflect.Pointer {
				return v.Type().Elem()
			}
			return nil
		}
		if slices.Contains(outer, n) {
			return nil
		}
		outer = append(slices.Clip(outer), n)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicType(u)
	case *types.Interface:
		return reflect.TypeFor[any]()
	case *types.Pointer:
		return made(reflect.PointerTo, p.eraseIn(u.Elem(), outer))
	case *types.Slice:
		return made(reflect.SliceOf, p.eraseIn(u.Elem(), outer))
	case *types.Array:
		return made(func(e reflect.Type) reflect.Type { return reflect.ArrayOf(int(u.Len()), e) }, p.eraseIn(u.Elem(), outer))
	case *types.Chan:
		return made(func(e reflect.Type) reflect.Type { return reflect.ChanOf(chanDir(u), e) }, p.eraseIn(u.Elem(), outer))
	case *types.Map:
		if key := p.eraseIn(u.Key(), outer); key != nil {
			return made(func(e reflect.Type) reflect.Type { return reflect.MapOf(key, e) }, p.eraseIn(u.Elem(), outer))
		}
	case *types.Signature:
		in, out := p.eraseAll(u.Params(), outer), p.eraseAll(u.Results(), outer)
		if !slices.Contains(in, nil) && !slices.Contains(out, nil) {
			return reflect.FuncOf(in, out, u.Variadic())
		}
	}
	return nil
}

func (p *Program) eraseAll(tuple *types.Tuple, outer []*types.Named) []reflect.Type {
	var all []reflect.Type
	for v := range tuple.Variables() {
		all = append(all, p.eraseIn(v.Type(), outer))
	}
	return all
}

func made(of func(reflect.Type) reflect.Type, elem reflect.Type) reflect.Type {
	if elem == nil {
		return nil
	}
	return of(elem)
}

func chanDir(t *types.Chan) reflect.ChanDir {
	switch t.Dir() {
	case types.SendOnly:
		return reflect.SendDir
	case types.RecvOnly:
		return reflect.RecvDir
	}
	return reflect.BothDir
}

func (r *reflectType) prog() *Program           { return r.t.prog }
func (r *reflectType) under() types.Type        { return r.t.Type.Underlying() }
func (r *reflectType) String() string           { return r.t.String() }
func (r *reflectType) Name() string             { return r.prog().bareName(r.t.Type) }
func (r *reflectType) Kind() reflect.Kind       { return kindOf(r.t.Type) }
func (r *reflectType) Comparable() bool         { return types.Comparable(r.t.Type) }
func (r *reflectType) Size() uintptr            { return r.needed("Size").Size() }
func (r *reflectType) Align() int               { return r.needed("Align").Align() }
func (r *reflectType) FieldAlign() int          { return r.needed("FieldAlign").FieldAlign() }
func (r *reflectType) Bits() int                { return r.needed("Bits").Bits() }
func (r *reflectType) CanSeq() bool             { return r.needed("CanSeq").CanSeq() }
func (r *reflectType) CanSeq2() bool            { return r.needed("CanSeq2").CanSeq2() }
func (r *reflectType) Len() int                 { return r.needed("Len").Len() }
func (r *reflectType) NumIn() int               { return r.needed("NumIn").NumIn() }
func (r *reflectType) NumOut() int              { return r.needed("NumOut").NumOut() }
func (r *reflectType) IsVariadic() bool         { return r.needed("IsVariadic").IsVariadic() }
func (r *reflectType) ChanDir() reflect.ChanDir { return r.needed("ChanDir").ChanDir() }

func (r *reflectType) OverflowInt(x int64) bool   { return r.needed("OverflowInt").OverflowInt(x) }
func (r *reflectType) OverflowUint(x uint64) bool { return r.needed("OverflowUint").OverflowUint(x) }

func (r *reflectType) OverflowFloat(x float64) bool {
	return r.needed("OverflowFloat").OverflowFloat(x)
}

func (r *reflectType) OverflowComplex(x complex128) bool {
	return r.needed("OverflowComplex").OverflowComplex(x)
}

// needed returns the erased form for what it shares with the type.
func (r *reflectType) needed(method string) reflect.Type {
	if r.form() == nil {
		panic("reflect: " + method + " of " + r.String() + " is not supported by the interpreter")
	}
	return r.form()
}

func (r *reflectType) PkgPath() string {
	if n, ok := r.t.Type.(*types.Named); ok {
		return pkgPath(n.Obj().Pkg())
	}
	return ""
}

// pkgPath returns the path of a package as compiled types have it.
func pkgPath(pkg *types.Package) string {
	switch {
	case pkg == nil:
		return ""
	case pkg.Name() == "main":
		return "main"
	}
	return pkg.Path()
}

func (r *reflectType) Implements(u reflect.Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.Implements")
	}
	t, _ := r.prog().typesOf(u)
	i, ok := t.Underlying().(*types.Interface)
	if !ok {
		panic("reflect: non-interface type passed to Type.Implements")
	}
	return types.Implements(r.t.Type, i)
}

func (r *reflectType) AssignableTo(u reflect.Type) bool {
	t, _ := r.prog().typesOf(u)
	return types.AssignableTo(r.t.Type, t)
}

func (r *reflectType) ConvertibleTo(u reflect.Type) bool {
	t, _ := r.prog().typesOf(u)
	return types.ConvertibleTo(r.t.Type, t)
}

// part returns the type of a part. From is that of the erased forms.
func (r *reflectType) part(t types.Type, from func(reflect.Type) reflect.Type) reflect.Type {
	if r.form() == nil {
		return r.prog().reflectType(t, nil)
	}
	return r.prog().reflectType(t, from(r.form()))
}

func (r *reflectType) Elem() reflect.Type {
	if u, ok := r.under().(interface{ Elem() types.Type }); ok {
		return r.part(u.Elem(), reflect.Type.Elem)
	}
	panic("reflect: Elem of invalid type " + r.String())
}

func (r *reflectType) Key() reflect.Type {
	m, ok := r.under().(*types.Map)
	if !ok {
		panic("reflect: Key of non-map type " + r.String())
	}
	return r.part(m.Key(), reflect.Type.Key)
}

func (r *reflectType) In(i int) reflect.Type {
	s := r.signature("In")
	return r.part(s.Params().At(i).Type(), func(t reflect.Type) reflect.Type { return t.In(i) })
}

func (r *reflectType) Out(i int) reflect.Type {
	s := r.signature("Out")
	return r.part(s.Results().At(i).Type(), func(t reflect.Type) reflect.Type { return t.Out(i) })
}

func (r *reflectType) signature(method string) *types.Signature {
	s, ok := r.under().(*types.Signature)
	if !ok {
		panic("reflect: " + method + " of non-func type " + r.String())
	}
	return s
}

func (r *reflectType) Ins() iter.Seq[reflect.Type]  { return counted(r.NumIn, r.In) }
func (r *reflectType) Outs() iter.Seq[reflect.Type] { return counted(r.NumOut, r.Out) }
func (r *reflectType) Fields() iter.Seq[reflect.StructField] {
	return counted(r.NumField, r.Field)
}
func (r *reflectType) Methods() iter.Seq[reflect.Method] { return counted(r.NumMethod, r.Method) }

func counted[T any](n func() int, at func(int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range n() {
			if !yield(at(i)) {
				return
			}
		}
	}
}
