package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"sync"

	"github.com/scriptd/scriptd/engine/symbols"
)

// handler is a function that a package registered.
type handler struct {
	eager eager
	in    *instance
	what  string // for messages
	fn    reflect.Value
	// call calls fn.
	call func([]reflect.Value) []reflect.Value
	// jobs are those that are not in use.
	jobs sync.Pool
	// params is the static type of the parameters; nil where the handler takes none.
	params types.Type
	decode *codec
	// reusable: no method of the program gets to see where its parameters are decoded into.
	reusable bool
	// encode is nil where the handler returns nothing but an error, or an envelope.
	encode *codec
	// decodes: to decode the parameters may run methods of the program.
	decodes bool
	// brief: the whole call surely ends soon.
	brief bool
	// plain: the result is of a type without methods that is made of nothing else.
	plain bool
	// envelope: the handler returns a plugin.Result, or a pointer to one.
	envelope bool
}

const wantHandler = "want func(context.Context, P) (R, error), where P is a struct or map[string]any, and P and R may be left out"

// handler looks at a registered function and its static type. Brief: the function surely ends soon.
func (t *typeTable) handler(static types.Type, fn reflect.Value, brief bool) (*handler, error) {
	sig, ok := static.Underlying().(*types.Signature)
	if !ok || fn.Kind() != reflect.Func {
		return nil, fmt.Errorf("handler is a %s: %s", static, wantHandler)
	}
	if fn.IsNil() {
		return nil, fmt.Errorf("handler is nil")
	}
	in, out := sig.Params(), sig.Results()
	if in.Len() < 1 || in.Len() > 2 || out.Len() < 1 || out.Len() > 2 || sig.Variadic() ||
		!isNamed(in.At(0).Type(), "context", "Context") || !types.Identical(out.At(out.Len()-1).Type(), types.Universe.Lookup("error").Type()) {
		return nil, fmt.Errorf("handler is a %s: %s", static, wantHandler)
	}
	h := &handler{fn: fn, call: direct(fn)}
	var err error
	if in.Len() == 2 {
		h.params = in.At(1).Type()
		if !isParams(h.params) {
			return nil, fmt.Errorf("parameters of type %s: %s", h.params, wantHandler)
		}
		if h.decode, err = t.codec(h.params); err != nil {
			return nil, fmt.Errorf("parameters: %w", err)
		}
		h.reusable = isPlain(h.params)
		h.decodes = t.runs(h.params, false)
	}
	h.brief = brief && !h.decodes
	if out.Len() == 2 {
		result := out.At(0).Type()
		if h.envelope = isEnvelope(result); h.envelope {
			h.brief = false // its data may be anything
			return h, nil
		}
		if h.encode, err = t.codec(result); err != nil {
			return nil, fmt.Errorf("result: %w", err)
		}
		h.brief = h.brief && !t.runs(result, true)
		_, h.plain = result.(*types.Basic)
	}
	return h, nil
}

func isParams(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return true
	case *types.Map:
		elem, ok := u.Elem().Underlying().(*types.Interface)
		return ok && elem.Empty() && types.Identical(u.Key(), types.Typ[types.String])
	}
	return false
}

// isPlain reports whether no part of a value of a type, without what it refers to, has a method that decodes it.
func isPlain(t types.Type) bool {
	if hasAny(t, "UnmarshalJSON", "UnmarshalText") {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if !isPlain(f.Type()) {
				return false
			}
		}
	case *types.Array:
		return isPlain(u.Elem())
	}
	return true
}

func isEnvelope(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return isNamed(t, symbols.SDK, "Result")
}

func isNamed(t types.Type, importPath, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == importPath && named.Obj().Name() == name
}
