package carry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"testing"
	"testing/iotest"
)

// lostError is of a type that the other side does not know, and nothing of it is said in its text.
type lostError struct{ code int }

func (*lostError) Error() string { return "lost" }

// What a callback fails with is for who gave it, whatever is in between.
func TestAnErrorOfACallbackComesHome(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	for name, mine := range map[string]error{"plain": &lostError{1}, "wrapped": fmt.Errorf("x: %w", &lostError{2}), "list": errors.Join(io.EOF, &lostError{3})} {
		_, err := s.Ask(t.Context(), func(context.Context, int) (string, error) { return "", mine }, 1)
		var lost *lostError
		if !errors.Is(err, mine) || !errors.As(err, &lost) || lost.code == 0 || err.Error() != "ask 0: "+mine.Error() {
			t.Errorf("%s: got %#v, want one that wraps %#v", name, err, mine)
		}
	}
	mine := &lostError{4}
	if _, err := s.Copy(io.Discard, iotest.ErrReader(mine)); err != mine { //nolint:errorlint // itself
		t.Errorf("of a reader: got %#v, want %#v", err, mine)
	}
	other := &lostError{4}
	if _, err := s.Copy(io.Discard, iotest.ErrReader(mine)); errors.Is(err, other) {
		t.Error("it is another error of the same text, too")
	}
}

func TestErrorsAreLentForACall(t *testing.T) {
	p := compiled(t, reflect.TypeFor[Shop]())
	here, there := sessions(t)
	var v Shop = &shop{}
	ref, err := there.Offer(p, reflect.ValueOf(&v).Elem())
	if err != nil {
		t.Fatal(err)
	}
	made, err := here.Value(p, ref)
	if err != nil {
		t.Fatal(err)
	}
	s := made.Interface().(Shop) //nolint:forcetypeassert // as it is made
	if _, err := s.Copy(io.Discard, iotest.ErrReader(&lostError{1})); err == nil || len(here.lent) != 0 {
		t.Errorf("got %v, and %d errors are kept", err, len(here.lent))
	}
	scope := here.Begin()
	for i := range 3 * maxLent {
		here.lend(scope, &lostError{i})
	}
	if len(here.lent) != maxLent {
		t.Errorf("%d errors are kept, want %d", len(here.lent), maxLent)
	}
	scope.End()
	if here.lend(scope, io.EOF) != 0 || len(here.lent) != 0 {
		t.Errorf("%d errors are kept after the call", len(here.lent))
	}
}

type slowError struct{ slow bool }

func (slowError) Error() string { return "slow" }

func (e slowError) Timeout() bool { return e.slow }

type slowNetError struct{ slowError }

func (slowNetError) Temporary() bool { return true }

// Clients ask errors whether time was up.
func TestErrorsSayWhetherTimeWasUp(t *testing.T) {
	m := compiled(t, reflect.TypeFor[io.Reader]()).Methods()[0]
	for _, tt := range []struct {
		err                 error
		timeout, is, nobody bool
	}{
		{errors.New("x"), false, false, true},
		{slowError{true}, true, true, true},
		{slowError{false}, true, false, true},
		{fmt.Errorf("wrap: %w", slowError{true}), true, true, true},
		{slowNetError{slowError{true}}, true, true, false},
		{&net.OpError{Op: "dial", Err: slowNetError{slowError{true}}}, true, true, false},
	} {
		b, err := m.AppendResults(nil, nil, []reflect.Value{reflect.ValueOf([]byte{})}, []reflect.Value{reflect.ValueOf(0), reflect.ValueOf(&tt.err).Elem()})
		if err != nil {
			t.Fatal(err)
		}
		results, err := m.Results(nil, bytes.Clone(b), []reflect.Value{reflect.ValueOf([]byte{})})
		if err != nil {
			t.Fatal(err)
		}
		got := results[1].Interface().(error) //nolint:forcetypeassert // as the method
		var timeout interface{ Timeout() bool }
		var netError net.Error
		if ok := errors.As(got, &timeout); ok != tt.timeout || ok && timeout.Timeout() != tt.is {
			t.Errorf("%v: got %#v", tt.err, got)
		}
		if ok := errors.As(got, &netError); ok == tt.nobody || ok && !netError.Timeout() || got.Error() != tt.err.Error() {
			t.Errorf("%v: got %#v", tt.err, got)
		}
	}
}
