package carry

import (
	"context"
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

// hostile has parameters of all forms.
type hostile struct {
	E      everything
	Any    any
	Err    error
	When   time.Time
	Big    *big.Int
	Addr   netip.Addr
	Text   textOnly
	Item   *Item
	Hidden []halfHiddenLarge
	Ctx    context.Context
	F      func(int) error
	T      Till
	M      map[any]any
}

func FuzzDecode(f *testing.F) {
	opts := options()
	opts.MaxSize = 1 << 20
	m := methodWith(f, opts, typeOf[*struct{ V any }]())
	c := newCompiler(opts, m.dynamics)
	n, err := c.shaper.node(typeOf[hostile]())
	if err != nil {
		f.Fatal(err)
	}
	if m.in[0], err = c.codec(n, n); err != nil {
		f.Fatal(err)
	}
	m.typ = reflect.FuncOf([]reflect.Type{typeOf[hostile]()}, nil, false)
	m.out = nil
	for _, v := range []hostile{
		{},
		{Any: map[string]any{"a": []any{1, "b", time.Second}}, Err: &FullError{"a", ErrSold}, Big: big.NewInt(5), Item: &Item{Name: "x"}},
		{F: func(int) error { return nil }, T: &till{}, M: map[any]any{1: "a", "b": Item{}}, Err: errors.Join(ErrSold, errors.New("a"))},
	} {
		link := NewSession(func([]byte) error { return nil })
		b, err := m.AppendArgs(link.Begin(), nil, []reflect.Value{reflect.ValueOf(v)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		link := NewSession(func([]byte) error { return nil })
		defer link.Close(nil)
		scope := link.Begin()
		defer scope.End()
		args, err := m.Args(t.Context(), scope, b)
		if err != nil {
			return
		}
		// What was decoded can be encoded again, to the same.
		again, err := m.AppendArgs(scope, nil, args)
		if err != nil {
			return // a reference that has no way, say
		}
		if _, err := m.Args(t.Context(), scope, again); err != nil && !errors.Is(err, ErrEnded) { // what comes home to nobody
			t.Errorf("what was decoded of %x is encoded as %x: %v", b, again, err)
		}
	})
}

func FuzzReceive(f *testing.F) {
	p := compiled(f, typeOf[Shop]())
	record := func(call func(Shop)) {
		far := NewSession(func([]byte) error { return nil })
		ref, _ := far.Offer(p, valueOf[Shop](&shop{}))
		here := NewSession(nil)
		here.send = func(b []byte) error {
			f.Add(append([]byte(nil), b...))
			go here.Close(nil)
			return nil
		}
		v, _ := here.Value(p, ref)
		s, _ := reflect.TypeAssert[Shop](v)
		call(s)
	}
	record(func(s Shop) { _, _ = s.Any("a") })
	record(func(s Shop) { _ = s.Fail("list") })
	record(func(s Shop) { _, _ = s.Pay(&till{}, 1) })
	record(func(s Shop) { _ = s.Contexts("", context.Background(), f.Context()) })
	f.Add([]byte{messageAnswer, 1, answerPanic, 1, 'a', 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewSession(func([]byte) error { return nil })
		defer s.Close(nil)
		if _, err := s.Offer(p, valueOf[Shop](&shop{})); err != nil {
			t.Fatal(err)
		}
		_ = s.Receive(b)
	})
}

func FuzzShape(f *testing.F) {
	p := compiled(f, typeOf[Shop]())
	f.Add(p.Shape())
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = p.From(b) })
}
