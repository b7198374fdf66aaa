//go:build unix

package worker_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/worker"
)

// Greeter is a contract.
type Greeter interface {
	Crash(how string) error
	Each(ctx context.Context, n int, f func(int) (string, error)) (string, error)
	Greet(ctx context.Context, name string) (string, error)
	Open(name string) (io.ReadCloser, error)
	Ticks() int
}

// Ticker is a service.
type Ticker interface {
	Tick(n int) (int, error)
}

type greeterWrapper struct {
	IValue any
	WCrash func(string) error
	WEach  func(context.Context, int, func(int) (string, error)) (string, error)
	WGreet func(context.Context, string) (string, error)
	WOpen  func(string) (io.ReadCloser, error)
	WTicks func() int
}

func (w greeterWrapper) Crash(how string) error { return w.WCrash(how) }

func (w greeterWrapper) Each(ctx context.Context, n int, f func(int) (string, error)) (string, error) {
	return w.WEach(ctx, n, f)
}

func (w greeterWrapper) Greet(ctx context.Context, name string) (string, error) { return w.WGreet(ctx, name) }

func (w greeterWrapper) Open(name string) (io.ReadCloser, error) { return w.WOpen(name) }

func (w greeterWrapper) Ticks() int { return w.WTicks() }

type tickerWrapper struct {
	IValue any
	WTick  func(int) (int, error)
}

func (w tickerWrapper) Tick(n int) (int, error) { return w.WTick(n) }

const typedPath = "github.com/scriptd/scriptd/engine/worker_test"

// typedSymbols are the symbols of this package.
var typedSymbols = yaegi.Exports{typedPath + "/worker_test": {
	"Greeter":  reflect.ValueOf((*Greeter)(nil)),
	"_Greeter": reflect.ValueOf((*greeterWrapper)(nil)),
	"Ticker":   reflect.ValueOf((*Ticker)(nil)),
	"_Ticker":  reflect.ValueOf((*tickerWrapper)(nil)),
}}

// typedSource implements Greeter.
const typedSource = `package typed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	host "github.com/scriptd/scriptd/engine/worker_test"
	"github.com/scriptd/scriptd/plugin"
)

type greeter struct {
	ticker host.Ticker
	ticks  atomic.Int64
	ended  chan struct{}
}

func Register(r *plugin.Registrar) error {
	g := &greeter{ended: make(chan struct{})}
	if err := r.Service(&g.ticker); err != nil {
		return err
	}
	n, err := g.ticker.Tick(20)
	if n != 21 || err != nil {
		return fmt.Errorf("while registering: %d, %v", n, err)
	}
	go g.tick()
	r.OnClose(func(context.Context) error {
		if _, err := g.ticker.Tick(-1); err == nil {
			return errors.New("a negative tick")
		}
		close(g.ended)
		return nil
	})
	return r.Provide("greeter", "typed", g)
}

// tick uses the service without being called.
func (g *greeter) tick() {
	for i := 0; ; i++ {
		select {
		case <-g.ended:
			return
		default:
		}
		if n, err := g.ticker.Tick(i); n == i+1 && err == nil {
			g.ticks.Add(1)
		}
	}
}

func (g *greeter) Ticks() int { return int(g.ticks.Load()) }

func (g *greeter) Greet(ctx context.Context, name string) (string, error) {
	if name == "wait" {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return name, nil
}

func (g *greeter) Each(ctx context.Context, n int, f func(int) (string, error)) (string, error) {
	var said []string
	for i := range n {
		text, err := f(i)
		if err != nil {
			return "", err
		}
		said = append(said, text)
	}
	return strings.Join(said, ","), nil
}

func (g *greeter) Open(name string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(strings.Repeat(name, 100_000))), nil
}

func (g *greeter) Crash(how string) error {
	if how == "overflow" {
		return errors.New(forever(how))
	}
	var none []int
	return fmt.Errorf("%d", none[len(how)])
}

func forever(s string) string { return s + forever(s) }
`

// ticker is the service of the tests.
type ticker struct{ ticks atomic.Int64 }

func (t *ticker) Tick(n int) (int, error) {
	t.ticks.Add(1)
	if n < 0 {
		return 0, errors.New("a negative tick")
	}
	return n + 1, nil
}

func typedPkg() runtime.Package {
	return runtime.Package{
		Name: "test/typed", Dir: "typed", Tree: fstest.MapFS{"typed/typed.go": {Data: []byte(typedSource)}},
		Contracts: []*contract.Contract{contract.New(reflect.TypeFor[Greeter](), "greeter", 1)},
		Services:  []runtime.Service{serviceOf[Ticker](&ticker{})},
	}
}

func serviceOf[T any](v T) runtime.Service {
	return runtime.Service{Type: reflect.TypeFor[T](), Value: reflect.ValueOf(&v).Elem()}
}

func typedRuntime(tb testing.TB, opts worker.Options) *worker.Runtime {
	tb.Helper()
	var err error
	if opts.Universe, err = symbols.With(typedSymbols); err != nil {
		tb.Fatal(err)
	}
	return open(tb, opts)
}

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
	out, err := invoke(ctx, inst, "Greet", ctx, greeting)
	if err == nil && (out[0] != greeting || out[1] != nil) {
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
