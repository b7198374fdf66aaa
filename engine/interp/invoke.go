package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"sync"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/runtime"
)

// method is a method of an implementation.
type method struct {
	eager eager
	in    *instance
	of    *contract.Method
	what  string // for messages
	call  func([]reflect.Value) []reflect.Value
	// receivers is 1 where the receiver is the first argument, which is recv.
	receivers int
	recv      reflect.Value
	brief     bool
	// open are the results that may hold, in an interface without methods, what the host does not know.
	open []bool
	jobs sync.Pool
}

// method returns method i of what a value implements; nil where it has none.
func (h *host) method(impl *implementation, i int, static types.Type, value reflect.Value) *method {
	in := (*instance)(h)
	of := &impl.Contract.Methods[i]
	m := &method{in: in, of: of, what: "call " + impl.Key() + "." + of.Name}
	found, index, _ := types.LookupFieldOrMethod(static, false, nil, of.Name)
	f, ok := found.(*types.Func)
	if !ok {
		return nil
	}
	if own, ok := h.types.boxes.Type(static).Method(of.Name); ok {
		m.receivers = 1
		if own.Plain.IsValid() && own.Plain.Type().In(0) == value.Type() {
			m.call, m.recv = direct(own.Plain), value
		} else {
			m.call, m.recv = direct(own.Func), reflect.New(reflect.TypeFor[any]()).Elem()
			m.recv.Set(value)
		}
		m.brief = len(index) == 1 && in.program.BriefMethod(f)
	} else {
		compiled := h.types.boxes.HostMethod(value, of.Name)
		m.call = compiled.Call
		if of.Type.IsVariadic() {
			m.call = compiled.CallSlice
		}
	}
	for t := range of.Type.Outs() {
		m.open = append(m.open, isOpen(t, make(map[reflect.Type]bool)))
	}
	m.jobs.New = func() any { return m.newJob() }
	return m
}

func (m *method) newJob() *job {
	j := &job{in: m.in, what: m.what, method: m, eager: &m.eager, answered: make(chan struct{}, 1)}
	j.args = make([]reflect.Value, m.receivers+m.of.Type.NumIn())
	if m.receivers == 1 {
		j.args[0] = m.recv
	}
	if m.of.Context >= 0 {
		j.args[m.receivers+m.of.Context] = reflect.ValueOf(&j.ctx).Elem()
	}
	return j
}

// Implementations implements runtime.Instance.
func (in *instance) Implementations() []runtime.Implementation { return in.implementations }

// Invoke implements runtime.Instance.
func (in *instance) Invoke(ctx context.Context, implementation, method int, args []reflect.Value) ([]reflect.Value, error) {
	m := in.implemented[implementation].methods[method]
	if m == nil {
		return nil, runtime.ErrNotImplemented
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !in.calls.begin() {
		return nil, m.stopped()
	}
	j := m.jobs.Get().(*job)
	j.ctx = ctx
	for i, arg := range args {
		if i != m.of.Context {
			j.args[m.receivers+i] = arg
		}
	}
	if m.brief {
		j.briefly()
	} else if ended, err := j.await(); !ended {
		if errors.Is(err, runtime.ErrStopped) {
			err = m.stopped()
		}
		return nil, err
	}
	out, err := j.out, j.err
	j.putBack()
	if errors.Is(err, runtime.ErrStopped) {
		return nil, m.stopped()
	}
	return out, err
}

func (m *method) stopped() error { return fmt.Errorf("%s: %w", m.what, runtime.ErrStopped) }

// putBack keeps the job of a method for another call.
func (j *job) putBack() {
	m := j.method
	j.ctx, j.out, j.err = nil, nil, nil
	for i := range m.of.Type.NumIn() {
		if i != m.of.Context {
			j.args[m.receivers+i] = reflect.Value{}
		}
	}
	j.state.Store(jobAwaited)
	m.jobs.Put(j)
}

// briefly invokes a method where its caller is. It is counted as a call already.
func (j *job) briefly() {
	in := j.in
	defer in.calls.end()
	if !in.isCut.Load() {
		in.panics.forgetMine()
		j.out, j.err = j.invoke()
	}
	if in.isCut.Load() {
		j.out, j.err = nil, runtime.ErrStopped
	}
}

// invoke calls the method.
func (j *job) invoke() (out []reflect.Value, err error) {
	defer func() {
		if v := recover(); v != nil {
			problem, places := j.in.panicked(v, "panic")
			out, err = nil, &runtime.PanicError{Problem: problem, Stack: stack(places)}
		}
	}()
	out = j.method.call(j.args)
	if err := j.method.settle(out); err != nil {
		return nil, err
	}
	return out, nil
}

// settle makes results of the types that the contract says.
func (m *method) settle(out []reflect.Value) error {
	for i, v := range out {
		want := m.of.Type.Out(i)
		if !v.IsValid() {
			out[i] = reflect.Zero(want)
			continue
		}
		if v.Type() != want {
			to := reflect.New(want).Elem()
			to.Set(v)
			out[i] = to
		}
		if m.open[i] {
			if b, ok := stranger(out[i], 0); ok {
				return fmt.Errorf("the result holds a %s, a type of the plugin that its host does not know", b.T)
			}
		}
	}
	return nil
}

// isOpen reports whether values of a type may hold, in an interface without methods, any value.
func isOpen(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return t.NumMethod() == 0
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return isOpen(t.Elem(), seen)
	case reflect.Map:
		return isOpen(t.Key(), seen) || isOpen(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() && isOpen(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// maxOpenDepth bounds how deep results are looked into; what is deeper leads back to itself, or is nobody's data.
const maxOpenDepth = 100

// stranger finds a value of a type of the program.
func stranger(v reflect.Value, depth int) (box.Box, bool) {
	if depth > maxOpenDepth {
		return box.Box{}, false
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() || v.NumMethod() > 0 {
			return box.Box{}, false
		}
		if b, ok := reflect.TypeAssert[box.Box](v.Elem()); ok {
			return b, true
		}
		return stranger(v.Elem(), depth+1)
	case reflect.Pointer:
		if !v.IsNil() {
			return stranger(v.Elem(), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if !isOpen(v.Type().Elem(), make(map[reflect.Type]bool)) {
			return box.Box{}, false
		}
		for i := range v.Len() {
			if b, ok := stranger(v.Index(i), depth+1); ok {
				return b, true
			}
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			for _, part := range []reflect.Value{iter.Key(), iter.Value()} {
				if b, ok := stranger(part, depth+1); ok {
					return b, true
				}
			}
		}
	case reflect.Struct:
		for f, field := range v.Fields() {
			if f.IsExported() {
				if b, ok := stranger(field, depth+1); ok {
					return b, true
				}
			}
		}
	}
	return box.Box{}, false
}
