package symbols

import (
	"go/token"
	"go/types"
	"iter"
	"reflect"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// typ returns the type that a reflected type is. The caller holds u.mu.
func (u *Universe) typ(t reflect.Type) types.Type {
	if known, ok := u.types[t]; ok {
		return known
	}
	if t.Name() != "" {
		if t.PkgPath() == "" || t.PkgPath() == "unsafe" {
			return basic(t)
		}
		if typ := u.instance(t); typ != nil {
			u.types[t] = typ
			return typ
		}
		return u.named(t)
	}
	typ := u.literal(t)
	u.types[t] = typ
	return typ
}

// basic returns a predeclared type.
func basic(t reflect.Type) types.Type {
	if t.Kind() == reflect.UnsafePointer {
		return types.Typ[types.UnsafePointer]
	}
	name := t.Name()
	if name == "uint8" {
		name = "byte" // what most signatures say
	}
	return types.Universe.Lookup(name).Type()
}

// named returns a defined type, with its methods.
func (u *Universe) named(t reflect.Type) types.Type {
	pkg := u.pkgOf(t)
	named := types.NewNamed(types.NewTypeName(token.NoPos, pkg, t.Name(), nil), nil, nil)
	u.types[t] = named // before its parts, which may mention it
	if u.loading > 0 { // else it may be one that a function declares, which shares its name with others
		u.hidden[[2]string{t.PkgPath(), t.Name()}] = t
	}
	if t.Kind() == reflect.Interface {
		named.SetUnderlying(u.interfaceType(t, types.NewVar(token.NoPos, pkg, "", named)).Underlying())
		return named
	}
	named.SetUnderlying(u.literal(t).Underlying())
	value, pointer := types.NewVar(token.NoPos, pkg, "", named), types.NewVar(token.NoPos, pkg, "", types.NewPointer(named))
	for m := range u.methods(t) {
		recv := pointer
		if m.byValue {
			recv = value
		}
		named.AddMethod(types.NewFunc(token.NoPos, pkg, m.name, u.signature(m.typ, m.skip, recv)))
	}
	u.addSealed(named, t)
	return named
}

// method is an exported method of a defined type.
type method struct {
	name    string
	typ     reflect.Type // of the function
	skip    int          // parameters that are the receiver
	byValue bool         // a value has it too, not only a pointer
}

// methods returns those of a pointer to a type. Reflection makes a new type of each that it shows, with the receiver: where the
// names are known, it is asked for the type without.
func (u *Universe) methods(t reflect.Type) iter.Seq[method] {
	pointer := reflect.PointerTo(t)
	var noted []stdlib.Method
	if owner := u.table(t.PkgPath()); owner != nil {
		noted = owner.Methods(t.Name())
	}
	if noted != nil && len(noted) == pointer.NumMethod() {
		return func(yield func(method) bool) {
			v := reflect.Zero(pointer)
			for i, m := range noted {
				if !yield(method{name: m.Name, typ: v.Method(i).Type(), byValue: m.ByValue}) {
					return
				}
			}
		}
	}
	return func(yield func(method) bool) {
		for m := range pointer.Methods() {
			_, has := t.MethodByName(m.Name)
			if !yield(method{m.Name, m.Type, 1, has}) {
				return
			}
		}
	}
}

// addSealed adds the methods that are not exported, as far as they decide on what the type can be assigned to:
// reflection shows them in interfaces only.
func (u *Universe) addSealed(named *types.Named, t reflect.Type) {
	owner := u.table(t.PkgPath())
	if owner == nil {
		return
	}
	added := make(map[string]bool)
	for _, sealed := range owner.sealed() {
		if !reflect.PointerTo(t).Implements(sealed) {
			continue
		}
		var recv types.Type = named
		if !t.Implements(sealed) {
			recv = types.NewPointer(named)
		}
		for m := range sealed.Methods() {
			if m.IsExported() || added[m.Name] {
				continue
			}
			added[m.Name] = true
			pkg := u.pkg(m.PkgPath)
			named.AddMethod(types.NewFunc(token.NoPos, pkg, m.Name, u.signature(m.Type, 0, types.NewVar(token.NoPos, pkg, "", recv))))
		}
	}
}

// literal returns the type that t is made of.
func (u *Universe) literal(t reflect.Type) types.Type {
	switch t.Kind() {
	case reflect.Array:
		return types.NewArray(u.typ(t.Elem()), int64(t.Len()))
	case reflect.Slice:
		return types.NewSlice(u.typ(t.Elem()))
	case reflect.Map:
		return types.NewMap(u.typ(t.Key()), u.typ(t.Elem()))
	case reflect.Pointer:
		return types.NewPointer(u.typ(t.Elem()))
	case reflect.Chan:
		return types.NewChan(chanDirs[t.ChanDir()], u.typ(t.Elem()))
	case reflect.Func:
		return u.signature(t, 0, nil)
	case reflect.Struct:
		return u.structType(t)
	case reflect.Interface:
		return u.interfaceType(t, nil)
	default:
		return types.Typ[basicKinds[t.Kind()]]
	}
}

var chanDirs = map[reflect.ChanDir]types.ChanDir{
	reflect.BothDir: types.SendRecv, reflect.SendDir: types.SendOnly, reflect.RecvDir: types.RecvOnly,
}

var basicKinds = map[reflect.Kind]types.BasicKind{
	reflect.Bool: types.Bool, reflect.String: types.String, reflect.UnsafePointer: types.UnsafePointer,
	reflect.Int: types.Int, reflect.Int8: types.Int8, reflect.Int16: types.Int16, reflect.Int32: types.Int32,
	reflect.Int64: types.Int64, reflect.Uint: types.Uint, reflect.Uint8: types.Uint8, reflect.Uint16: types.Uint16,
	reflect.Uint32: types.Uint32, reflect.Uint64: types.Uint64, reflect.Uintptr: types.Uintptr,
	reflect.Float32: types.Float32, reflect.Float64: types.Float64,
	reflect.Complex64: types.Complex64, reflect.Complex128: types.Complex128,
}

// signature returns a function type; the first skip parameters are left out.
func (u *Universe) signature(t reflect.Type, skip int, recv *types.Var) *types.Signature {
	return types.NewSignatureType(recv, nil, nil, u.tuple(t.NumIn()-skip, func(i int) reflect.Type { return t.In(skip + i) }),
		u.tuple(t.NumOut(), t.Out), t.IsVariadic())
}

// tuple returns n parameters or results, by their types. All of one type are the same variable, and those alone the same tuple.
func (u *Universe) tuple(n int, at func(i int) reflect.Type) *types.Tuple {
	switch n {
	case 0:
		return nil
	case 1:
		return u.single(at(0))
	}
	list := make([]*types.Var, n)
	for i := range list {
		list[i] = u.single(at(i)).At(0)
	}
	return types.NewTuple(list...)
}

func (u *Universe) single(t reflect.Type) *types.Tuple {
	single := u.singles[t]
	if single == nil {
		single = types.NewTuple(types.NewParam(token.NoPos, nil, "", u.typ(t)))
		u.singles[t] = single
	}
	return single
}

// structType returns a struct type. Fields that are not exported matter for comparison and for literals without keys
// only: they get a type that compares as theirs does, which keeps what they are made of out of the universe.
func (u *Universe) structType(t reflect.Type) *types.Struct {
	fields := make([]*types.Var, t.NumField())
	tags := make([]string, t.NumField())
	for i := range fields {
		f := t.Field(i)
		var typ types.Type = types.Typ[types.Int]
		switch {
		case f.IsExported() || f.Anonymous:
			typ = u.typ(f.Type)
		case !f.Type.Comparable():
			typ = types.NewSlice(typ)
		}
		var pkg *types.Package
		if f.PkgPath != "" {
			pkg = u.pkg(f.PkgPath)
		} else if t.PkgPath() != "" {
			pkg = u.pkg(t.PkgPath())
		}
		fields[i], tags[i] = types.NewField(token.NoPos, pkg, f.Name, typ, f.Anonymous), string(f.Tag)
	}
	return types.NewStruct(fields, tags)
}

// interfaceType returns an interface type. Its methods belong to recv, by which they are called; nil is the type itself.
func (u *Universe) interfaceType(t reflect.Type, recv *types.Var) types.Type {
	if t.NumMethod() == 0 {
		return types.Universe.Lookup("any").Type()
	}
	methods := make([]*types.Func, t.NumMethod())
	for i := range methods {
		m := t.Method(i)
		var pkg *types.Package
		if m.PkgPath != "" {
			pkg = u.pkg(m.PkgPath)
		} else if t.PkgPath() != "" {
			pkg = u.pkg(t.PkgPath())
		}
		methods[i] = types.NewFunc(token.NoPos, pkg, m.Name, u.signature(m.Type, 0, recv))
	}
	return types.NewInterfaceType(methods, nil).Complete()
}
