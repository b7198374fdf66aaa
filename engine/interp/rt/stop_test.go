package rt

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"
)

// Compiled code gets no success from the methods of a program that was stopped, which return zero values.
func TestStoppedMethods(t *testing.T) {
	p, typ := declared()
	done := make(chan struct{})
	p.Done = done
	typ.SetMethod("Read", func(any, []byte) (int, error) { return 0, nil })
	reader := as[io.Reader](p, typ.Box([]string{""}))
	stringer := as[fmt.Stringer](p, typ.Box([]string{"text"}))
	if n, err := reader.Read(nil); n != 0 || err != nil {
		t.Errorf("before: %d, %v", n, err)
	}
	results := stop(p.Done).results
	errorOf := func() error {
		out := results(reflect.ValueOf(func() (int, error) { return 1, nil }).Call(nil))
		err, _ := reflect.TypeAssert[error](out[1])
		return err
	}
	if err := errorOf(); err != nil {
		t.Errorf("before: %v", err)
	}
	close(done)
	if n, err := reader.Read(nil); n != 0 || !errors.Is(err, errStopped) {
		t.Errorf("got %d, %v", n, err)
	}
	if _, err := io.ReadAll(reader); !errors.Is(err, errStopped) {
		t.Errorf("got %v", err)
	}
	if err := errorOf(); !errors.Is(err, errStopped) {
		t.Errorf("got %v", err)
	}
	if got := stringer.String(); got != "text" {
		t.Errorf("a method without an error: got %q", got)
	}
}
