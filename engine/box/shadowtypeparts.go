package box

import (
	"go/token"
	"go/types"
	"reflect"
	"strings"
)

func (r *reflectType) structure(method string) *types.Struct {
	s, ok := r.under().(*types.Struct)
	if !ok {
		panic("reflect: " + method + " of non-struct type " + r.String())
	}
	return s
}

func (r *reflectType) NumField() int { return r.structure("NumField").NumFields() }

func (r *reflectType) Field(i int) reflect.StructField {
	s := r.structure("Field")
	if i < 0 || i >= s.NumFields() {
		panic("reflect: Field index out of bounds")
	}
	v := s.Field(i)
	f := reflect.StructField{
		Name: v.Name(), Tag: reflect.StructTag(s.Tag(i)), Index: []int{i}, Anonymous: v.Embedded(),
		Type: r.part(v.Type(), func(t reflect.Type) reflect.Type { return t.Field(i).Type }),
	}
	if !v.Exported() {
		f.PkgPath = pkgPath(v.Pkg())
	}
	if r.form() != nil {
		f.Offset = r.form().Field(i).Offset
	}
	return f
}

func (r *reflectType) FieldByIndex(index []int) reflect.StructField {
	var f reflect.StructField
	var t reflect.Type = r
	for n, i := range index {
		if n > 0 && t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
			t = t.Elem()
		}
		f = t.Field(i)
		t = f.Type
	}
	return f
}

func (r *reflectType) FieldByName(name string) (reflect.StructField, bool) {
	s := r.structure("FieldByName")
	var pkg *types.Package
	if n, ok := r.t.Type.(*types.Named); ok {
		pkg = n.Obj().Pkg()
	} else if s.NumFields() > 0 {
		pkg = s.Field(0).Pkg()
	}
	found, index, _ := types.LookupFieldOrMethod(r.t.Type, true, pkg, name)
	if v, ok := found.(*types.Var); !ok || !v.IsField() {
		return reflect.StructField{}, false
	}
	f := r.FieldByIndex(index)
	f.Index = index
	return f, true
}

func (r *reflectType) FieldByNameFunc(match func(string) bool) (reflect.StructField, bool) {
	found, n := reflect.StructField{}, 0
	for f := range r.Fields() {
		if match(f.Name) {
			found, n = f, n+1
		}
	}
	return found, n == 1
}

// structOf is reflect.StructOf.
func (p *Program) structOf(fields []reflect.StructField) reflect.Type {
	vars, tags := make([]*types.Var, len(fields)), make([]string, len(fields))
	forms := make([]reflect.StructField, len(fields))
	for i, f := range fields {
		if f.Type == nil || f.Name == "" || f.PkgPath != "" || !token.IsExported(f.Name) {
			return reflect.StructOf(fields) // most likely panics
		}
		t, rt := p.typesOf(f.Type)
		vars[i] = types.NewField(token.NoPos, nil, f.Name, t, f.Anonymous)
		tags[i] = string(f.Tag)
		forms[i] = reflect.StructField{Name: f.Name, Tag: f.Tag, Type: p.known(t, rt)}
	}
	if len(fields) == 0 {
		return p.reflectType(types.NewStruct(nil, nil), reflect.TypeFor[struct{ Empty bool }]())
	}
	return p.reflectType(types.NewStruct(vars, tags), reflect.StructOf(forms))
}

// exported lists the methods that package reflect shows, in its order.
func (r *reflectType) exported() []*types.Selection {
	var all []*types.Selection
	for m := range types.NewMethodSet(r.t.Type).Methods() {
		if m.Obj().Exported() || isInterface(r.t.Type) {
			all = append(all, m)
		}
	}
	return all
}

func (r *reflectType) NumMethod() int { return len(r.exported()) }

func (r *reflectType) Method(i int) reflect.Method {
	all := r.exported()
	if i < 0 || i >= len(all) {
		panic("reflect: Method index out of range")
	}
	f := all[i].Obj().(*types.Func)
	m := reflect.Method{Name: f.Name(), Index: i}
	if !f.Exported() {
		m.PkgPath = pkgPath(f.Pkg())
	}
	sig := f.Signature()
	if isInterface(r.t.Type) {
		m.Type = r.prog().reflectType(plainly(sig, nil), nil)
		return m
	}
	full := plainly(sig, r.t.Type)
	if recorded, ok := r.t.Method(f.Id()); ok && r.form() != nil {
		raw := r.prog().unbound(recorded, r.form())
		m.Func = r.prog().value(full, raw, exportedField)
		m.Type = r.prog().reflectType(full, raw.Type())
		return m
	}
	m.Type = r.prog().reflectType(full, nil)
	return m
}

func (r *reflectType) MethodByName(name string) (reflect.Method, bool) {
	if token.IsExported(name) {
		for i, s := range r.exported() {
			if s.Obj().Name() == name {
				return r.Method(i), true
			}
		}
	}
	return reflect.Method{}, false
}

// plainly returns a signature without a receiver, or with it as the first parameter.
func plainly(s *types.Signature, recv types.Type) *types.Signature {
	var params []*types.Var
	if recv != nil {
		params = append(params, types.NewParam(token.NoPos, nil, "", recv))
	}
	for v := range s.Params().Variables() {
		params = append(params, v)
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), s.Results(), s.Variadic())
}

// unbound returns a method as a function whose first parameter is the receiver.
func (p *Program) unbound(m Method, rt reflect.Type) reflect.Value {
	f := m.Func.Type()
	in := []reflect.Type{rt}
	for i := 1; i < f.NumIn(); i++ {
		in = append(in, f.In(i))
	}
	return reflect.MakeFunc(reflect.FuncOf(in, outs(f), f.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		return m.Call(args[0].Interface(), args[1:]...)
	})
}

// boundTo returns a method as a function without the receiver.
func (p *Program) boundTo(m Method, recv any) reflect.Value {
	f := m.Func.Type()
	var in []reflect.Type
	for i := 1; i < f.NumIn(); i++ {
		in = append(in, f.In(i))
	}
	return reflect.MakeFunc(reflect.FuncOf(in, outs(f), f.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		return m.Call(recv, args...)
	})
}

func outs(f reflect.Type) []reflect.Type {
	var out []reflect.Type
	for t := range f.Outs() {
		out = append(out, t)
	}
	return out
}

// valueName returns what Value.String says of a value that is no string.
func (p *Program) valueName(t types.Type) string {
	return "<" + strings.TrimSpace(p.name(t)) + " Value>"
}
