//go:build unix

package worker_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
	"github.com/scriptd/scriptd/engine/worker/testdata/greeting"
)

// invoke calls a method of the only implementation of an instance.
func invoke(ctx context.Context, inst runtime.Instance, method string, args ...any) ([]any, error) {
	c := inst.Implementations()[0].Contract
	i := c.Index(method)
	in := make([]reflect.Value, len(args))
	for k, arg := range args {
		in[k] = reflect.New(c.Methods[i].Type.In(k)).Elem()
		if arg != nil {
			in[k].Set(reflect.ValueOf(arg))
		}
	}
	results, err := inst.Invoke(ctx, 0, i, in)
	var out []any
	for _, r := range results {
		out = append(out, r.Interface())
	}
	return out, err
}

func greetTyped(ctx context.Context, inst runtime.Instance) error {
	out, err := invoke(ctx, inst, "Greet", ctx, greeting.Text)
	if err == nil && (out[0] != greeting.Text || out[1] != nil) {
		err = errors.New("another greeting")
	}
	return err
}

func TestServicesOutsideOfCalls(t *testing.T) {
	inst := load(t, typedRuntime(t, worker.Options{Spares: -1}), typedPkg())
	for {
		out, err := invoke(t.Context(), inst, "Ticks")
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := out[0].(int); n >= 10 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := greetTyped(t.Context(), inst); err != nil {
		t.Error(err)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatAPluginGivesToItsHost(t *testing.T) {
	inst := load(t, typedRuntime(t, worker.Options{Spares: -1}), typedPkg())
	use := func(how string) (any, error) {
		t.Helper()
		out, err := invoke(t.Context(), inst, "Use", t.Context(), how)
		if err != nil {
			return nil, err
		}
		failed, _ := out[1].(error)
		return out[0], failed
	}
	if _, err := use("error"); !errors.Is(err, io.EOF) || err.Error() != "own: at the end: EOF" {
		t.Errorf("an error: got %v", err)
	}
	if _, err := use("walk"); !errors.Is(err, io.ErrUnexpectedEOF) || err.Error() != "own: unexpected EOF" {
		t.Errorf("the error of a function: got %v", err)
	}
	if _, err := use("panic"); err == nil || !strings.Contains(err.Error(), "in the plugin") {
		t.Errorf("a function that panics: got %v", err)
	}
	if got, err := use("save"); err != nil || got != "987654321" {
		t.Errorf("a stream: got %v, %v", got, err)
	}
	if got, err := use("any"); err != nil || !reflect.DeepEqual(got, map[string]any{"a": []any{1, "b", nil}}) {
		t.Errorf("a value: got %v, %v", got, err)
	}
	if got, err := use("point"); err == nil || !strings.Contains(err.Error(), "a value of the type typed.point in an interface cannot cross: it is in no symbol table") {
		t.Errorf("a value of a type of the plugin: got %v, %v", got, err)
	}
	if got, err := use("dir"); err == nil || !strings.Contains(err.Error(), "http.Dir in an interface cannot cross: its methods would run") {
		t.Errorf("a value that opens files: got %v, %v", got, err)
	}
	if _, err := use("after"); !errors.Is(err, context.Canceled) {
		t.Errorf("a context after its call: got %v", err)
	}
	out, err := invoke(t.Context(), inst, "Open", "own")
	if err != nil {
		t.Fatal(err)
	}
	stream, _ := out[0].(io.ReadCloser)
	if b, err := io.ReadAll(stream); err != nil || string(b) != "54321" {
		t.Errorf("a stream that was returned: got %q, %v", b, err)
	}
	if err := stream.Close(); err == nil || err.Error() != "closed already" {
		t.Errorf("got %v, want what Close says", err)
	}
}

func TestCrashDuringATypedCall(t *testing.T) {
	inst := load(t, typedRuntime(t, worker.Options{Spares: -1}), typedPkg())
	out, err := invoke(t.Context(), inst, "Open", "abc")
	if err != nil {
		t.Fatal(err)
	}
	stream, _ := out[0].(io.ReadCloser)
	inCallback, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := invoke(t.Context(), inst, "Each", t.Context(), 1, func(int) (string, error) {
			close(inCallback)
			<-t.Context().Done()
			return "", nil
		})
		ended <- err
	}()
	<-inCallback
	_, err = invoke(t.Context(), inst, "Crash", "overflow")
	crash, ok := errors.AsType[*runtime.CrashError](err)
	if !ok || !errors.Is(err, runtime.ErrCrashed) {
		t.Fatalf("got %v, want a crash", err)
	}
	if crash.Plugin != "greeter/typed" || crash.File != "typed/typed.go" || crash.Line == 0 {
		t.Errorf("got %+v, want who did it", crash)
	}
	if err := <-ended; !errors.Is(err, runtime.ErrCrashed) {
		t.Errorf("another call: got %v, want a crash", err)
	}
	if _, err := io.ReadAll(stream); !errors.Is(err, runtime.ErrCrashed) {
		t.Errorf("a stream: got %v, want a crash", err)
	}
	if err := greetTyped(t.Context(), inst); !errors.Is(err, runtime.ErrCrashed) {
		t.Errorf("the next call: got %v, want a crash", err)
	}
}

func TestPanicsOfTypedCalls(t *testing.T) {
	inst := load(t, typedRuntime(t, worker.Options{Spares: -1}), typedPkg())
	_, err := invoke(t.Context(), inst, "Crash", "panic")
	p, ok := errors.AsType[*runtime.PanicError](err)
	if !ok || p.File != "typed/typed.go" || !strings.Contains(p.Message, "index out of range") || !strings.Contains(p.Stack, "typed.go:") {
		t.Errorf("got %v: %+v", err, p)
	}
	_, err = invoke(t.Context(), inst, "Each", t.Context(), 1, func(int) (string, error) { panic("in the host") })
	if p, ok := errors.AsType[*runtime.PanicError](err); !ok || !strings.Contains(p.Message, "in the host") {
		t.Errorf("got %v, want the panic of the callback", err)
	}
	if err := greetTyped(t.Context(), inst); err != nil {
		t.Error(err)
	}
}

func TestWhatAClosedPackageReturnedIsOfNoUse(t *testing.T) {
	for name, change := range map[string]func(*runtime.Package){"alone": func(*runtime.Package) {}, "in a group": func(p *runtime.Package) { p.Group = "g" }} {
		t.Run(name, func(t *testing.T) {
			p := typedPkg()
			change(&p)
			inst := load(t, typedRuntime(t, worker.Options{Spares: -1}), p)
			out, err := invoke(t.Context(), inst, "Open", "abc")
			if err != nil {
				t.Fatal(err)
			}
			stream, _ := out[0].(io.ReadCloser)
			if n, err := io.ReadFull(stream, make([]byte, 10)); n != 10 || err != nil {
				t.Errorf("got %d and %v", n, err)
			}
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := io.ReadAll(stream); !errors.Is(err, runtime.ErrStopped) || !errors.Is(err, carry.ErrClosed) {
				t.Errorf("got %v, want ErrStopped", err)
			}
			if err := greetTyped(t.Context(), inst); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("got %v, want ErrStopped", err)
			}
		})
	}
}

func TestTypedPackagesShareAProcess(t *testing.T) {
	rt := typedRuntime(t, worker.Options{Spares: -1})
	var wg sync.WaitGroup
	for range 3 {
		p := typedPkg()
		p.Group = "g"
		inst := load(t, rt, p)
		for range 4 {
			wg.Go(func() {
				for range 50 {
					out, err := invoke(t.Context(), inst, "Each", t.Context(), 2, func(i int) (string, error) { return string(rune('a' + i)), nil })
					if err != nil || out[0] != "a,b" {
						t.Errorf("got %v, %v", out, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if n := len(rt.PIDs()); n != 1 {
		t.Errorf("%d processes, want one", n)
	}
}

func TestTypedCallWakesAPackage(t *testing.T) {
	rt := typedRuntime(t, worker.Options{Spares: -1, Idle: time.Millisecond})
	inst := load(t, rt, typedPkg())
	for range 3 {
		for len(rt.PIDs()) > 0 {
			time.Sleep(time.Millisecond)
		}
		if err := greetTyped(t.Context(), inst); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPackageDoesNotSleepWhileItsStreamIsRead(t *testing.T) {
	rt := typedRuntime(t, worker.Options{Spares: -1, Idle: time.Millisecond})
	inst := load(t, rt, typedPkg())
	out, err := invoke(t.Context(), inst, "Open", "abc")
	if err != nil {
		t.Fatal(err)
	}
	stream, _ := out[0].(io.ReadCloser)
	for range 10 {
		time.Sleep(10 * time.Millisecond)
		if _, err := io.ReadFull(stream, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Close(); err != nil {
		t.Error(err)
	}
	for len(rt.PIDs()) > 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestATypedCallIsGivenUp(t *testing.T) {
	inst := load(t, typedRuntime(t, worker.Options{Spares: -1}), typedPkg())
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := invoke(ctx, inst, "Greet", ctx, "wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := greetTyped(t.Context(), inst); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotCrossIsRefused(t *testing.T) {
	rt := typedRuntime(t, worker.Options{Spares: -1})
	type unsuited interface{ Events() <-chan int }
	c := contract.New(reflect.TypeFor[unsuited](), "unsuited", 1)
	err := rt.Check([]*contract.Contract{c}, []runtime.Service{serviceOf[unsuited](nil)})
	for _, want := range []string{
		"contract unsuited@1: worker_test.unsuited.Events: result 1: <-chan int: a channel cannot cross",
		"service worker_test.unsuited: worker_test.unsuited: an interface of which there are no symbols",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	p := typedPkg()
	p.Contracts = append(p.Contracts, c)
	if inst, err := rt.Load(t.Context(), p); err == nil || !strings.Contains(err.Error(), "a channel cannot cross") {
		t.Errorf("got %v, %v", inst, err)
	}
}
