package box

import (
	"reflect"
	"text/template/parse"
)

// function evaluates a call of a function: one that the template was given, else a predefined one.
func (s *tmplExec) function(dot tmplValue, id *parse.IdentifierNode, n parse.Node, args []parse.Node, final *tmplValue) tmplValue {
	s.at(id)
	name := id.Ident
	if fn, ok := s.host.function(name); ok {
		f := s.env.given(fn)
		if isEscaper(name) {
			f = s.env.escaper(name, f)
		}
		return s.call(dot, f, n, name, args, final)
	}
	b, ok := tmplBuiltins[name]
	if !ok {
		s.errorf("%q is not a defined function", name)
	}
	return s.builtin(dot, b, n, name, args, final)
}

// given returns a function that the template was given.
func (e *templates) given(fn reflect.Value) *tmplFunc {
	if own, ok := reflect.TypeAssert[ownTemplateFunc](fn); ok {
		b, _ := own()
		return e.funcOf(e.dynamic(b))
	}
	return e.hostFunc(fn)
}

// call evaluates the arguments of a function or method, and calls it.
func (s *tmplExec) call(dot tmplValue, f *tmplFunc, n parse.Node, name string, args []parse.Node, final *tmplValue) tmplValue {
	if args != nil {
		args = args[1:]
	}
	sig := f.sig
	s.count(name, args, final, len(sig.params), sig.variadic)
	if err := sig.resultFault(name); err != nil {
		s.errorf("%v", err)
	}
	param := func(i int) tmplParam {
		if last := len(sig.params) - 1; sig.variadic && i >= last {
			return sig.params[last].elem(s.env)
		}
		return sig.params[i]
	}
	in := make([]tmplValue, 0, len(args)+1)
	for i, arg := range args {
		in = append(in, s.arg(dot, param(i), arg))
	}
	if final != nil {
		in = append(in, s.validate(*final, param(len(args))))
	}
	out, err := f.call(s.env, in)
	if err != nil {
		s.at(n)
		s.errorf("error calling %s: %w", name, err)
	}
	return out
}

// count makes sure that a function with n parameters can be called with these arguments.
func (s *tmplExec) count(name string, args []parse.Node, final *tmplValue, n int, variadic bool) {
	given := len(args)
	if final != nil {
		given++
	}
	switch {
	case variadic && given < n-1:
		s.errorf("wrong number of args for %s: want at least %d got %d", name, n-1, len(args))
	case !variadic && given != n:
		s.errorf("wrong number of args for %s: want %d got %d", name, n, given)
	}
}
