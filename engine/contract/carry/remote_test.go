package carry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// slowTill rings when it is let, whatever becomes of the context.
type slowTill struct{ rings, let chan struct{} }

func (s slowTill) Ring(_ context.Context, sum int) (int, error) {
	s.rings <- struct{}{}
	<-s.let
	return sum, nil
}

func (slowTill) Open() bool { panic("out of order") }

func TestRemote(t *testing.T) {
	here, there := sessions(t)
	p := compiled(t, reflect.TypeFor[Till]())
	till := slowTill{make(chan struct{}, 1), make(chan struct{})}
	var v Till = till
	n, err := there.Offer(p, reflect.ValueOf(&v).Elem())
	if err != nil {
		t.Fatal(err)
	}
	r := here.Remote(n)
	if _, err := r.Call(p.Methods()[0], nil); err == nil || err.Error() != "out of order" {
		t.Errorf("a panic: got %v", err)
	}
	ring := func(ctx context.Context) ([]reflect.Value, error) {
		return r.Call(p.Methods()[1], []reflect.Value{reflect.ValueOf(&ctx).Elem(), reflect.ValueOf(7)})
	}
	// Without patience, the answer is waited for.
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-till.rings
		cancel()
		till.let <- struct{}{}
	}()
	if out, err := ring(ctx); err != nil || out[0].Int() != 7 {
		t.Errorf("got %v, %v", out, err)
	}
	// With it, it is not, and what it was given is of no use any more.
	here.SetPatience(time.Millisecond)
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		<-till.rings
		cancel()
	}()
	if out, err := ring(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v, want %v", out, err, context.Canceled)
	}
	if there.Busy() != 1 {
		t.Errorf("%d calls, want one", there.Busy())
	}
	till.let <- struct{}{}
	for there.Busy() > 0 {
		time.Sleep(time.Millisecond)
	}
	here.Close(nil)
	if _, err := ring(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
}

// smallTill is a Till that cannot be asked whether it is open.
type smallTill interface {
	Ring(ctx context.Context, sum int) (int, error)
}

type payer interface {
	Pay(t Till, then func(Till)) (Till, error)
	Left() struct{ Till Till }
}

type smallPayer interface {
	Pay(t smallTill, then func(smallTill)) (smallTill, error)
	Left() struct{ Till smallTill }
	More()
}

// Which side lacks a method depends on who would call it.
func TestLacks(t *testing.T) {
	opts := options()
	opts.Wrapper = func(reflect.Type) (Wrapper, error) { return nil, nil } //nolint:nilnil // nothing is made
	compile := func(typ reflect.Type) *Plan {
		p, err := Compile(typ, opts)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	large, small := compile(reflect.TypeFor[payer]()), compile(reflect.TypeFor[smallPayer]())
	for _, tt := range []struct {
		name       string
		ours, peer *Plan
		caller     bool
		want       string
	}{
		{"the same", large, large, true, "[]"},
		{"it calls what it is given", large, small, true, "[carry.Till.Open]"},
		{"it is called with less, and calls that back", large, small, false, "[carry.Till.Open]"},
		{"it gives more", small, large, false, "[]"},
		{"it calls more", small, large, true, "[carry.smallPayer.More]"},
	} {
		got, err := tt.ours.Lacks(tt.peer.Shape(), tt.caller)
		if err != nil || fmt.Sprint(got) != tt.want {
			t.Errorf("%s: got %v, %v, want %s", tt.name, got, err, tt.want)
		}
	}
	if _, err := large.Lacks([]byte{255}, true); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want %v", err, ErrMalformed)
	}
}
