package box

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
)

// tmplParam is the type of a parameter or result of a function.
type tmplParam struct {
	t types.Type
	d *tmplType
	r reflect.Type
}

// tmplSig is the type of a function that a template can call.
type tmplSig struct {
	params   []tmplParam // the last is the slice where variadic
	results  []tmplParam
	variadic bool
}

// tmplFunc is a function that a template can call. A method has its receiver.
type tmplFunc struct {
	sig    *tmplSig
	fn     reflect.Value
	recv   any                           // of a method of the program
	bind   bool                          // whether recv is the first argument of fn
	before func([]tmplValue) []tmplValue // what is done to the arguments, where it is not nil
	fault  error                         // what a call ends in, where the receiver is nil and must not be
}

// sigKey names a signature: by its reflect type alone, or by its type too where that says more.
type sigKey struct {
	t *types.Signature
	r reflect.Type
}

// hostFunc returns a function whose type reflection tells in full.
func (e *templates) hostFunc(fn reflect.Value) *tmplFunc {
	key := sigKey{r: fn.Type()}
	found, ok := e.sigs.Load(key)
	if !ok {
		sig := &tmplSig{variadic: key.r.IsVariadic()}
		for in := range key.r.Ins() {
			sig.params = append(sig.params, tmplParam{r: in})
		}
		for out := range key.r.Outs() {
			sig.results = append(sig.results, tmplParam{r: out})
		}
		found, _ = e.sigs.LoadOrStore(key, sig)
	}
	sig, _ := found.(*tmplSig)
	return &tmplFunc{sig: sig, fn: fn}
}

// ownFunc returns a function of type t. The first skip parameters of fn are not in t.
func (e *templates) ownFunc(t *types.Signature, fn reflect.Value, skip int) *tmplFunc {
	key := sigKey{t, fn.Type()}
	found, ok := e.sigs.Load(key)
	if !ok {
		sig := &tmplSig{variadic: t.Variadic()}
		for i := range t.Params().Len() {
			sig.params = append(sig.params, e.param(t.Params().At(i).Type(), key.r.In(i+skip)))
		}
		for i := range t.Results().Len() {
			sig.results = append(sig.results, e.param(t.Results().At(i).Type(), key.r.Out(i)))
		}
		found, _ = e.sigs.LoadOrStore(key, sig)
	}
	sig, _ := found.(*tmplSig)
	return &tmplFunc{sig: sig, fn: fn}
}

func (e *templates) param(t types.Type, r reflect.Type) tmplParam {
	return tmplParam{t: t, d: e.typeOf(t, r), r: r}
}

// funcOf returns the function that x is.
func (e *templates) funcOf(x tmplValue) *tmplFunc {
	if x.d == nil {
		return e.hostFunc(x.v)
	}
	sig, _ := x.d.under.(*types.Signature)
	return e.ownFunc(sig, x.v, 0)
}

// elem returns the type of the elements of a variadic parameter.
func (p tmplParam) elem(e *templates) tmplParam {
	r := p.r.Elem()
	if p.t == nil {
		return tmplParam{r: r}
	}
	return e.param(elemType(p.t.Underlying()), r)
}

func (p tmplParam) name() string {
	if p.d != nil {
		return Name(p.d.t)
	}
	return p.r.String()
}

// typ returns the type of p.
func (p tmplParam) typ(e *templates) types.Type {
	if p.t != nil {
		return p.t
	}
	return e.prog.universe.TypeOf(p.r)
}

// kind returns the kind of values of p.
func (p tmplParam) kind() reflect.Kind {
	if p.d == nil {
		return p.r.Kind()
	}
	switch p.d.under.(type) {
	case *types.Basic:
		return p.r.Kind()
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Interface:
		return reflect.Interface
	default:
		return reflect.Struct
	}
}

// isEmptyInterface reports whether p is an interface without methods.
func (p tmplParam) isEmptyInterface() bool {
	if p.kind() != reflect.Interface {
		return false
	}
	if p.d == nil {
		return p.r.NumMethod() == 0
	}
	i, _ := p.d.under.(*types.Interface)
	return i.NumMethods() == 0
}

// canBeNil reports whether nil is a value of p.
func (p tmplParam) canBeNil() bool {
	switch p.kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return true
	case reflect.Struct:
		return p.r == reflectValueType
	default:
		return false
	}
}

// zero returns the zero value of p.
func (p tmplParam) zero(e *templates) tmplValue {
	if p.r == reflectValueType {
		return tmplValue{}
	}
	if p.t == nil {
		return tmplValue{v: reflect.Zero(p.r)}
	}
	return e.static(p.t, reflect.Zero(p.r))
}

// resultFault says what keeps a template from calling a function with these results.
func (sig *tmplSig) resultFault(name string) error {
	switch n := len(sig.results); {
	case n == 1, n == 2 && sig.results[1].r == errorType:
		return nil
	case n == 2:
		return fmt.Errorf("invalid function signature for %s: second return value should be error; is %s", name, sig.results[1].name())
	default:
		return fmt.Errorf("function %s has %d return values; should be 1 or 2", name, n)
	}
}

// call calls the function. A panic is an error, as the second result is.
func (f *tmplFunc) call(e *templates, args []tmplValue) (_ tmplValue, err error) {
	if f.fault != nil {
		return tmplValue{}, f.fault
	}
	if f.fn.IsNil() {
		return tmplValue{}, errors.New("reflect.Value.Call: call of nil function")
	}
	defer func() {
		if r := recover(); r != nil {
			err = e.recovered(e.prog.meant(r))
		}
	}()
	if f.before != nil {
		args = f.before(args)
	}
	in := make([]reflect.Value, 0, len(f.sig.params)+1)
	if f.bind {
		recv := reflect.New(f.fn.Type().In(0)).Elem()
		if f.recv != nil {
			recv.Set(reflect.ValueOf(f.recv))
		}
		in = append(in, recv)
	}
	fixed := len(f.sig.params)
	if f.sig.variadic {
		fixed--
	}
	for i, p := range f.sig.params[:fixed] {
		in = append(in, e.erase(args[i], p))
	}
	if f.sig.variadic {
		last := f.sig.params[fixed]
		elem := last.elem(e)
		rest := reflect.MakeSlice(last.r, 0, len(args)-fixed)
		for _, arg := range args[fixed:] {
			rest = reflect.Append(rest, e.erase(arg, elem))
		}
		in = append(in, rest)
	}
	out := f.invoke(in)
	if len(out) == 2 && !out[1].IsNil() {
		err, _ = reflect.TypeAssert[error](out[1])
	}
	return f.result(e, out[0]), err
}

func (f *tmplFunc) invoke(in []reflect.Value) []reflect.Value {
	if f.fn.Type().IsVariadic() {
		return f.fn.CallSlice(in)
	}
	return f.fn.Call(in)
}

func (f *tmplFunc) result(e *templates, v reflect.Value) tmplValue {
	if t := f.sig.results[0].t; t != nil {
		return e.static(t, v)
	}
	if v.Type() == reflectValueType {
		v, _ = reflect.TypeAssert[reflect.Value](v)
	}
	return tmplValue{v: v}
}
