package box

import (
	"fmt"
	"go/types"
	"reflect"
	"text/template/parse"
)

// assignable reports whether x, which is a value, can be assigned to a parameter.
func (e *templates) assignable(x tmplValue, p tmplParam) bool {
	if x.d == nil && p.d == nil {
		return x.v.Type().AssignableTo(p.r)
	}
	if p.isEmptyInterface() {
		return true
	}
	return types.AssignableTo(e.typ(x), p.typ(e))
}

// erase returns x in the form that a function of the program or of compiled code takes.
func (e *templates) erase(x tmplValue, p tmplParam) reflect.Value {
	switch {
	case p.r == reflectValueType:
		return reflect.ValueOf(x.v)
	case !x.valid():
		return reflect.Zero(p.r)
	case p.kind() == reflect.Interface:
		return e.toInterface(x, p.r)
	}
	if t := x.v.Type(); !t.AssignableTo(p.r) {
		return e.kept(x.v, p.r)
	}
	return x.v
}

// kept returns v as interpreted code keeps values of recursive types: see Erased.
func (e *templates) kept(v reflect.Value, r reflect.Type) reflect.Value {
	kept := reflect.New(r).Elem()
	switch {
	case r.Kind() == reflect.Interface:
		kept.Set(v)
	case r.Kind() == reflect.Struct && r.NumField() == 1 && v.Type().AssignableTo(r.Field(0).Type):
		kept.Field(0).Set(v)
	}
	return kept
}

// toInterface returns x in an interface of compiled code, or in the empty one.
func (e *templates) toInterface(x tmplValue, r reflect.Type) reflect.Value {
	if x.kind() == reflect.Interface && x.v.Type().AssignableTo(r) {
		if r.NumMethod() > 0 {
			return x.v
		}
	}
	held := x.open()
	if held == nil {
		return reflect.Zero(r)
	}
	b, isBox := held.(Box)
	if isBox && r.NumMethod() > 0 {
		if x.kind() == reflect.Interface && x.v.Elem().Type().AssignableTo(r) {
			return x.v.Elem() // the wrapper that it came in
		}
		return e.wrap(b, r)
	}
	return reflect.ValueOf(held)
}

// validate makes sure that x can be an argument for p: as it is, or after one step along a pointer.
// Without a type in p, anything can be.
func (s *tmplExec) validate(x tmplValue, p tmplParam) tmplValue {
	if p.r == nil {
		return x
	}
	if !x.valid() {
		if p.canBeNil() {
			return p.zero(s.env)
		}
		s.errorf("invalid value; expected %s", p.name())
	}
	if p.r == reflectValueType || s.env.assignable(x, p) {
		return x
	}
	if x.kind() == reflect.Interface && !x.v.IsNil() {
		if x = s.env.elem(x); s.env.assignable(x, p) {
			return x
		}
	}
	if x.kind() == reflect.Pointer && s.pointsTo(x, p) {
		if x = s.env.elem(x); !x.valid() {
			s.errorf("dereference of nil pointer of type %s", p.name())
		}
		return x
	}
	if ptr, ok := s.env.addr(x); ok && s.env.assignable(ptr, p) {
		return ptr
	}
	s.errorf("wrong type for value; expected %s; got %s", p.name(), x.typeName())
	return x
}

// pointsTo reports whether what the pointer x points to can be assigned to p.
func (s *tmplExec) pointsTo(x tmplValue, p tmplParam) bool {
	if x.d == nil && p.d == nil {
		return x.v.Type().Elem().AssignableTo(p.r)
	}
	ptr, ok := s.env.typ(x).Underlying().(*types.Pointer)
	return ok && types.AssignableTo(ptr.Elem(), p.typ(s.env))
}

// arg evaluates an argument for a parameter.
func (s *tmplExec) arg(dot tmplValue, p tmplParam, n parse.Node) tmplValue {
	s.at(n)
	switch n := n.(type) {
	case *parse.DotNode:
		return s.validate(dot, p)
	case *parse.NilNode:
		if p.canBeNil() {
			return p.zero(s.env)
		}
		s.errorf("cannot assign nil to %s", p.name())
	case *parse.FieldNode:
		return s.validate(s.fieldNode(dot, n, []parse.Node{n}, nil), p)
	case *parse.VariableNode:
		return s.validate(s.variableNode(dot, n, nil, nil), p)
	case *parse.PipeNode:
		return s.validate(s.pipeline(dot, n), p)
	case *parse.IdentifierNode:
		return s.validate(s.function(dot, n, n, nil, nil), p)
	case *parse.ChainNode:
		return s.validate(s.chainNode(dot, n, nil, nil), p)
	}
	return s.literal(p, n)
}

// literal evaluates a constant as a value of a parameter's type.
func (s *tmplExec) literal(p tmplParam, n parse.Node) tmplValue {
	if p.isEmptyInterface() || p.r == reflectValueType {
		switch n := n.(type) {
		case *parse.BoolNode:
			return hostValue(n.True)
		case *parse.NumberNode:
			return s.number(n)
		case *parse.StringNode:
			return hostValue(n.Text)
		}
		s.errorf("can't handle assignment of %s to empty interface argument", n)
	}
	v := reflect.New(p.r).Elem()
	num, isNum := n.(*parse.NumberNode)
	switch p.kind() {
	case reflect.Bool:
		b, ok := n.(*parse.BoolNode)
		s.expect(ok, "bool", n)
		v.SetBool(b.True)
	case reflect.String:
		str, ok := n.(*parse.StringNode)
		s.expect(ok, "string", n)
		v.SetString(str.Text)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.expect(isNum && num.IsInt, "integer", n)
		v.SetInt(num.Int64)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s.expect(isNum && num.IsUint, "unsigned integer", n)
		v.SetUint(num.Uint64)
	case reflect.Float32, reflect.Float64:
		s.expect(isNum && num.IsFloat, "float", n)
		v.SetFloat(num.Float64)
	case reflect.Complex64, reflect.Complex128:
		s.expect(isNum && num.IsComplex, "complex", n)
		v.SetComplex(num.Complex128)
	default:
		s.errorf("can't handle %s for arg of type %s", n, p.name())
	}
	return tmplValue{p.d, v}
}

func (s *tmplExec) expect(ok bool, what string, n parse.Node) {
	if !ok {
		s.errorf("expected %s; found %s", what, n)
	}
}

// prepare makes sure that x can be an argument for p where "call" or "index" asks: numbers are converted.
func (e *templates) prepare(x tmplValue, p tmplParam) (tmplValue, error) {
	if !x.valid() {
		if !p.canBeNil() {
			return x, fmt.Errorf("value is nil; should be of type %s", p.name())
		}
		x = p.zero(e)
	}
	if e.assignable(x, p) {
		return x, nil
	}
	if isInteger(x.kind()) && isInteger(p.kind()) {
		return tmplValue{p.d, x.v.Convert(p.r)}, nil
	}
	return x, fmt.Errorf("value has type %s; should be %s", x.typeName(), p.name())
}

func isInteger(k reflect.Kind) bool { return reflect.Int <= k && k <= reflect.Uint64 }
