package lower

import "go/types"

// subst replaces type parameters by type arguments.
type subst struct {
	l *lowerer
	// args are those of a function or method and of the types around it; list has them in order.
	args map[*types.TypeParam]types.Type
	list []types.Type
	// key tells apart the instances of a function, and with it those of the types that it declares.
	key   string
	cache map[types.Type]types.Type
}

// localKey is a type that is declared in a generic function, in one of its instances.
type localKey struct {
	obj *types.TypeName
	key string
}

func (s *subst) typ(t types.Type) types.Type {
	if s == nil || len(s.args) == 0 || t == nil {
		return t
	}
	if found, ok := s.cache[t]; ok {
		return found
	}
	r := s.replace(t)
	s.cache[t] = r
	return r
}

func (s *subst) replace(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if arg, ok := s.args[t]; ok {
			return arg
		}
		return t
	case *types.Alias:
		return s.typ(types.Unalias(t))
	case *types.Named:
		return s.named(t)
	case *types.Pointer:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewPointer(e)
		}
	case *types.Slice:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewSlice(e)
		}
	case *types.Array:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewArray(e, t.Len())
		}
	case *types.Chan:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewChan(t.Dir(), e)
		}
	case *types.Map:
		k, e := s.typ(t.Key()), s.typ(t.Elem())
		if k != t.Key() || e != t.Elem() {
			return types.NewMap(k, e)
		}
	case *types.Tuple:
		return s.tuple(t)
	case *types.Signature:
		return s.signature(t)
	case *types.Struct:
		return s.structType(t)
	case *types.Interface:
		return s.interfaceType(t)
	case *types.Union:
		return t
	}
	return t
}

func (s *subst) tuple(t *types.Tuple) *types.Tuple {
	changed := false
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		v := t.At(i)
		vars[i] = v
		if n := s.typ(v.Type()); n != v.Type() {
			vars[i] = types.NewParam(v.Pos(), v.Pkg(), v.Name(), n)
			changed = true
		}
	}
	if !changed {
		return t
	}
	return types.NewTuple(vars...)
}

func (s *subst) signature(t *types.Signature) types.Type {
	params, results := s.tuple(t.Params()), s.tuple(t.Results())
	if params == t.Params() && results == t.Results() && t.TypeParams() == nil && t.RecvTypeParams() == nil {
		return t
	}
	return types.NewSignatureType(nil, nil, nil, params, results, t.Variadic())
}

func (s *subst) structType(t *types.Struct) types.Type {
	changed := false
	fields := make([]*types.Var, t.NumFields())
	tags := make([]string, t.NumFields())
	for i := range fields {
		f := t.Field(i)
		fields[i], tags[i] = f, t.Tag(i)
		if n := s.typ(f.Type()); n != f.Type() {
			fields[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), n, f.Embedded())
			changed = true
		}
	}
	if !changed {
		return t
	}
	return types.NewStruct(fields, tags)
}

func (s *subst) interfaceType(t *types.Interface) types.Type {
	changed := false
	methods := make([]*types.Func, t.NumExplicitMethods())
	for i := range methods {
		m := t.ExplicitMethod(i)
		methods[i] = m
		sig := m.Signature()
		params, results := s.tuple(sig.Params()), s.tuple(sig.Results())
		if params != sig.Params() || results != sig.Results() {
			methods[i] = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), types.NewSignatureType(nil, nil, nil, params, results, sig.Variadic()))
			changed = true
		}
	}
	embedded := make([]types.Type, t.NumEmbeddeds())
	for i := range embedded {
		embedded[i] = s.typ(t.EmbeddedType(i))
		changed = changed || embedded[i] != t.EmbeddedType(i)
	}
	if !changed {
		return t
	}
	return types.NewInterfaceType(methods, embedded).Complete()
}

func (s *subst) named(t *types.Named) types.Type {
	if t.TypeArgs().Len() > 0 {
		if s.isLocal(t.Origin()) {
			// Each instance of the function has a generic type of its own.
			s.l.refuse(s.l.Fset.Position(t.Obj().Pos()), "the generic type %s in a generic function (the interpreter would take it for one type in all instances; declare it outside the function)", t.Obj().Name())
		}
		changed := false
		args := make([]types.Type, t.TypeArgs().Len())
		for i := range args {
			args[i] = s.typ(t.TypeArgs().At(i))
			changed = changed || args[i] != t.TypeArgs().At(i)
		}
		if !changed {
			return t
		}
		n, err := types.Instantiate(s.l.context, t.Origin(), args, false)
		if err != nil {
			panic("lower: " + err.Error())
		}
		return n
	}
	if !s.isLocal(t) {
		return t
	}
	key := localKey{t.Obj(), s.key}
	if found := s.l.locals[key]; found != nil {
		return found
	}
	obj := types.NewTypeName(t.Obj().Pos(), t.Obj().Pkg(), t.Obj().Name(), nil)
	n := types.NewNamed(obj, nil, nil)
	s.l.locals[key] = n
	s.l.out.Locals[n] = Local{Declared: t.Obj(), Args: s.list}
	n.SetUnderlying(s.typ(t.Underlying()).Underlying())
	return n
}

// isLocal reports whether a type is declared in a function.
func (s *subst) isLocal(t *types.Named) bool {
	obj := t.Obj()
	return obj.Pkg() != nil && obj.Parent() != nil && obj.Parent() != obj.Pkg().Scope() && obj.Parent() != types.Universe
}
