package box

import (
	"fmt"
	"reflect"
	"text/template/parse"
)

// tmplBuiltin is a function that every template has.
type tmplBuiltin struct {
	params   []tmplParam
	variadic bool
	// call calls it. The arguments are as many as params asks for.
	call func(e *templates, args []tmplValue) (tmplValue, error)
	// until is what ends the evaluation of the arguments of "and" and "or". They have no call.
	until, lazy bool
	// invoke is true of "call", whose messages name its first argument.
	invoke bool
}

var (
	valueParam  = tmplParam{r: reflectValueType}
	anyParam    = tmplParam{r: anyType}
	stringParam = tmplParam{r: stringType}
)

// tmplBuiltins are the predefined functions by name.
var tmplBuiltins = map[string]*tmplBuiltin{
	"and":  {params: []tmplParam{valueParam, valueParam}, variadic: true, lazy: true, until: false},
	"or":   {params: []tmplParam{valueParam, valueParam}, variadic: true, lazy: true, until: true},
	"call": {params: []tmplParam{valueParam, valueParam}, variadic: true, invoke: true},
	"not": onValues(1, false, func(e *templates, args []tmplValue) (tmplValue, error) {
		truth, _ := e.truth(args[0])
		return hostValue(!truth), nil
	}),
	"len":   onValues(1, false, (*templates).length),
	"index": onValues(2, true, (*templates).index),
	"slice": onValues(2, true, (*templates).slice),
	"eq":    onValues(2, true, (*templates).equal),
	"ne":    comparing((*templates).notEqual),
	"lt":    comparing((*templates).less),
	"le":    comparing((*templates).lessOrEqual),
	"gt":    comparing((*templates).greater),
	"ge":    comparing((*templates).greaterOrEqual),

	"html":     onAny((*templates).html),
	"js":       onAny((*templates).js),
	"urlquery": onAny((*templates).urlQuery),
	"print":    onAny((*templates).sprint),
	"println":  onAny((*templates).sprintln),
	"printf": {params: []tmplParam{stringParam, anyParam}, variadic: true, call: func(e *templates, args []tmplValue) (tmplValue, error) {
		return hostValue(e.prog.sprintf(args[0].v.String(), openAll(args[1:]))), nil
	}},
}

func onValues(n int, variadic bool, call func(*templates, []tmplValue) (tmplValue, error)) *tmplBuiltin {
	b := &tmplBuiltin{variadic: variadic, call: call}
	for range n {
		b.params = append(b.params, valueParam)
	}
	return b
}

func comparing(compare func(e *templates, x, y tmplValue) (bool, error)) *tmplBuiltin {
	return onValues(2, false, func(e *templates, args []tmplValue) (tmplValue, error) {
		truth, err := compare(e, args[0], args[1])
		return hostValue(truth), err
	})
}

func onAny(call func(*templates, []tmplValue) string) *tmplBuiltin {
	return &tmplBuiltin{params: []tmplParam{anyParam}, variadic: true, call: func(e *templates, args []tmplValue) (tmplValue, error) {
		return hostValue(call(e, args)), nil
	}}
}

// builtin evaluates the arguments of a predefined function, and calls it.
func (s *tmplExec) builtin(dot tmplValue, b *tmplBuiltin, n parse.Node, name string, args []parse.Node, final *tmplValue) tmplValue {
	if args != nil {
		args = args[1:]
	}
	s.count(name, args, final, len(b.params), b.variadic)
	param := func(i int) tmplParam { return b.params[min(i, len(b.params)-1)] }
	var in []tmplValue
	for i, arg := range args {
		x := s.arg(dot, param(i), arg)
		if b.lazy {
			if truth, _ := s.env.truth(x); truth == b.until {
				return x
			}
		}
		in = append(in, x)
	}
	if final != nil {
		in = append(in, s.validate(*final, param(len(args))))
	}
	if b.lazy {
		return in[len(in)-1]
	}
	var x tmplValue
	var err error
	if b.invoke {
		callee := final.describe()
		if len(args) > 0 {
			callee = args[0].String()
		}
		x, err = s.env.invoke(callee, in)
	} else {
		x, err = s.env.guarded(b, in)
	}
	if err != nil {
		s.at(n)
		s.errorf("error calling %s: %w", name, err)
	}
	return x
}

func (e *templates) guarded(b *tmplBuiltin, args []tmplValue) (_ tmplValue, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = e.recovered(r)
		}
	}()
	return b.call(e, args)
}

// invoke calls a function that is a value.
func (e *templates) invoke(name string, args []tmplValue) (_ tmplValue, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = e.recovered(r)
		}
	}()
	fn := e.indirectInterface(args[0])
	args = args[1:]
	if !fn.valid() {
		return fn, fmt.Errorf("call of nil")
	}
	if fn.kind() != reflect.Func {
		return fn, fmt.Errorf("non-function %s of type %s", name, fn.typeName())
	}
	f := e.funcOf(fn)
	if err := f.sig.resultFault(name); err != nil {
		return fn, err
	}
	n := len(f.sig.params)
	if f.sig.variadic {
		if len(args) < n-1 {
			return fn, fmt.Errorf("wrong number of args for %s: got %d want at least %d", name, len(args), n-1)
		}
	} else if len(args) != n {
		return fn, fmt.Errorf("wrong number of args for %s: got %d want %d", name, len(args), n)
	}
	in := make([]tmplValue, len(args))
	for i, arg := range args {
		var p tmplParam
		if f.sig.variadic && i >= n-1 {
			p = f.sig.params[n-1].elem(e)
		} else {
			p = f.sig.params[i]
		}
		if in[i], err = e.prepare(e.indirectInterface(arg), p); err != nil {
			return fn, fmt.Errorf("arg %d: %w", i, err)
		}
	}
	return f.call(e, in)
}

// length returns how many elements its argument has.
func (e *templates) length(args []tmplValue) (tmplValue, error) {
	x, isNil := e.indirect(args[0])
	if isNil {
		return x, fmt.Errorf("len of nil pointer")
	}
	switch x.kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
		return hostValue(x.v.Len()), nil
	}
	return x, fmt.Errorf("len of type %s", x.typeName())
}
