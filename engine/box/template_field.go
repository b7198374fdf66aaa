package box

import (
	"errors"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"text/template/parse"
)

func (s *tmplExec) fieldNode(dot tmplValue, n *parse.FieldNode, args []parse.Node, final *tmplValue) tmplValue {
	s.at(n)
	return s.chain(dot, dot, n, n.Ident, args, final)
}

func (s *tmplExec) chainNode(dot tmplValue, n *parse.ChainNode, args []parse.Node, final *tmplValue) tmplValue {
	s.at(n)
	if len(n.Field) == 0 {
		s.errorf("internal error: no fields in evalChainNode")
	}
	if n.Node.Type() == parse.NodeNil {
		s.errorf("indirection through explicit nil in %s", n)
	}
	recv := s.arg(dot, tmplParam{}, n.Node) // of any type at all
	return s.chain(dot, recv, n, n.Field, args, final)
}

func (s *tmplExec) variableNode(dot tmplValue, n *parse.VariableNode, args []parse.Node, final *tmplValue) tmplValue {
	s.at(n)
	x := *s.variable(n.Ident[0])
	if len(n.Ident) == 1 {
		s.noArguments(args, final)
		return x
	}
	return s.chain(dot, x, n, n.Ident[1:], args, final)
}

// chain evaluates .A.B.C: the arguments belong to the last.
func (s *tmplExec) chain(dot, recv tmplValue, n parse.Node, names []string, args []parse.Node, final *tmplValue) tmplValue {
	last := len(names) - 1
	for _, name := range names[:last] {
		recv = s.field(dot, recv, n, name, nil, nil)
	}
	return s.field(dot, recv, n, names[last], args, final)
}

// field evaluates a method, a field or a map entry of that name.
func (s *tmplExec) field(dot, recv tmplValue, n parse.Node, name string, args []parse.Node, final *tmplValue) tmplValue {
	if !recv.valid() {
		if s.host.missingKey() == missingError {
			s.errorf("nil data; no entry for key %q", name)
		}
		return tmplValue{}
	}
	outer := recv
	recv, isNil := s.env.indirect(recv)
	if recv.kind() == reflect.Interface && isNil {
		s.errorf("nil pointer evaluating %s.%s", outer.typeName(), name)
	}
	if m := s.env.methodOf(recv, name); m != nil {
		return s.call(dot, m, n, name, args, final)
	}
	hasArgs := len(args) > 1 || final != nil
	switch recv.kind() {
	case reflect.Struct:
		if index := s.env.fieldIndex(recv, name); index != nil {
			x, err := s.env.fieldByIndex(recv, index)
			if !token.IsExported(name) {
				s.errorf("%s is an unexported field of struct type %s", name, outer.typeName())
			}
			if err != nil {
				s.errorf("%v", err)
			}
			if hasArgs {
				s.errorf("%s has arguments but cannot be invoked as function", name)
			}
			return x
		}
	case reflect.Map:
		if x, ok := s.entry(recv, name, hasArgs); ok {
			return x
		}
	case reflect.Pointer:
		if isNil && s.mayHaveField(recv, name) {
			s.errorf("nil pointer evaluating %s.%s", outer.typeName(), name)
		}
	}
	s.errorf("can't evaluate field %s in type %s", name, outer.typeName())
	return tmplValue{}
}

// entry returns the entry of a map, where its keys can be strings.
func (s *tmplExec) entry(m tmplValue, name string, hasArgs bool) (tmplValue, bool) {
	key := s.env.mapKey(m)
	if !s.env.assignable(hostValue(name), key) {
		return tmplValue{}, false
	}
	if hasArgs {
		s.errorf("%s is not a method but has arguments", name)
	}
	v := m.v.MapIndex(s.env.erase(hostValue(name), key))
	if v.IsValid() {
		return s.env.inner(m, v), true
	}
	switch s.host.missingKey() {
	case missingZero:
		return s.env.inner(m, reflect.Zero(m.v.Type().Elem())), true
	case missingError:
		s.errorf("map has no entry for key %q", name)
	}
	return tmplValue{}, true
}

// mapKey returns the type of the keys of the map m.
func (e *templates) mapKey(m tmplValue) tmplParam {
	r := m.v.Type().Key()
	if m.d == nil {
		return tmplParam{r: r}
	}
	t, _ := m.d.under.(*types.Map)
	return e.param(t.Key(), r)
}

// mayHaveField reports whether a nil pointer could have the field, were it not nil.
func (s *tmplExec) mayHaveField(ptr tmplValue, name string) bool {
	if ptr.d == nil {
		t := ptr.v.Type().Elem()
		if t.Kind() != reflect.Struct {
			return true
		}
		_, ok := t.FieldByName(name)
		return ok
	}
	t := elemType(ptr.d.under)
	if _, ok := t.Underlying().(*types.Struct); !ok {
		return true
	}
	return findField(t, name) != nil
}

// fieldIndex returns where the struct x has a field of that name, nil where it has none.
func (e *templates) fieldIndex(x tmplValue, name string) []int {
	if x.d == nil {
		f, _ := x.v.Type().FieldByName(name)
		return f.Index
	}
	if found, ok := x.d.fields.Load(name); ok {
		index, _ := found.([]int)
		return index
	}
	index := findField(x.d.t, name)
	x.d.fields.Store(name, index)
	return index
}

// fieldByIndex returns a field, which may be that of an embedded struct.
func (e *templates) fieldByIndex(x tmplValue, index []int) (tmplValue, error) {
	for i, at := range index {
		if i > 0 && x.kind() == reflect.Pointer {
			if x.v.IsNil() {
				return x, errors.New("reflect: indirection through nil pointer to embedded struct field " + e.elemName(x))
			}
			x = e.elem(x)
		}
		x = e.fieldAt(x, at)
	}
	return x, nil
}

func (e *templates) fieldAt(x tmplValue, i int) tmplValue {
	if x.d == nil {
		return tmplValue{v: x.v.Field(i)}
	}
	t, _ := x.d.under.(*types.Struct)
	return e.static(t.Field(i).Type(), x.v.Field(i))
}

// elemName returns the name of the type that x points to, without its package.
func (e *templates) elemName(x tmplValue) string {
	if x.d == nil {
		return x.v.Type().Elem().Name()
	}
	if named, ok := types.Unalias(elemType(x.d.under)).(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// findField looks for a field in a struct and in what it embeds, level by level: the only one of its level counts.
func findField(t types.Type, name string) []int {
	type place struct {
		t     *types.Struct
		index []int
	}
	root, _ := t.Underlying().(*types.Struct)
	if root == nil {
		return nil
	}
	seen := map[*types.Struct]bool{root: true}
	for level := []place{{t: root}}; len(level) > 0; {
		var next []place
		var found []int
		for _, p := range level {
			for i := range p.t.NumFields() {
				f := p.t.Field(i)
				index := slices.Concat(p.index, []int{i})
				if f.Name() == name {
					if found != nil {
						return nil
					}
					found = index
					continue
				}
				if inner := embedded(f); inner != nil && !seen[inner] {
					next = append(next, place{inner, index})
				}
			}
		}
		if found != nil {
			return found
		}
		for _, p := range next {
			seen[p.t] = true
		}
		level = next
	}
	return nil
}

// embedded returns the struct that a field embeds, nil where it embeds none.
func embedded(f *types.Var) *types.Struct {
	if !f.Embedded() {
		return nil
	}
	t := f.Type().Underlying()
	if ptr, ok := t.(*types.Pointer); ok {
		t = ptr.Elem().Underlying()
	}
	s, _ := t.(*types.Struct)
	return s
}
