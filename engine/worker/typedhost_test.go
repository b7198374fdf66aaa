//go:build unix

package worker_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"testing"
	"testing/fstest"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/contract"
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
	Use(ctx context.Context, how string) (any, error)
}

// Ticker is a service.
type Ticker interface {
	Any(v any) (any, error)
	Save(from io.Reader) (string, error)
	Tick(n int) (int, error)
	Walk(ctx context.Context, f func(context.Context, int) error) error
}

type greeterWrapper struct {
	IValue any
	WCrash func(string) error
	WEach  func(context.Context, int, func(int) (string, error)) (string, error)
	WGreet func(context.Context, string) (string, error)
	WOpen  func(string) (io.ReadCloser, error)
	WTicks func() int
	WUse   func(context.Context, string) (any, error)
}

func (w greeterWrapper) Crash(how string) error { return w.WCrash(how) }

func (w greeterWrapper) Each(ctx context.Context, n int, f func(int) (string, error)) (string, error) {
	return w.WEach(ctx, n, f)
}

func (w greeterWrapper) Greet(ctx context.Context, name string) (string, error) {
	return w.WGreet(ctx, name)
}

func (w greeterWrapper) Open(name string) (io.ReadCloser, error) { return w.WOpen(name) }

func (w greeterWrapper) Ticks() int { return w.WTicks() }

func (w greeterWrapper) Use(ctx context.Context, how string) (any, error) { return w.WUse(ctx, how) }

type tickerWrapper struct {
	IValue any
	WAny   func(any) (any, error)
	WSave  func(io.Reader) (string, error)
	WTick  func(int) (int, error)
	WWalk  func(context.Context, func(context.Context, int) error) error
}

func (w tickerWrapper) Any(v any) (any, error) { return w.WAny(v) }

func (w tickerWrapper) Save(from io.Reader) (string, error) { return w.WSave(from) }

func (w tickerWrapper) Walk(ctx context.Context, f func(context.Context, int) error) error {
	return w.WWalk(ctx, f)
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
	"net/http"
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
	if name == "own" {
		return &countdown{5}, nil
	}
	return io.NopCloser(strings.NewReader(strings.Repeat(name, 100_000))), nil
}

// countdown is a stream of the plugin's own.
type countdown struct{ left int }

func (c *countdown) Read(p []byte) (int, error) {
	if c.left == 0 || len(p) == 0 {
		return 0, io.EOF
	}
	p[0] = byte('0' + c.left)
	c.left--
	return 1, nil
}

func (c *countdown) Close() error { return errClosed }

var errClosed = errors.New("closed already")

// ownError is an error of the plugin's own.
type ownError struct{ cause error }

func (e ownError) Error() string { return "own: " + e.cause.Error() }

func (e ownError) Unwrap() error { return e.cause }

type point struct{ X, Y int }

func (g *greeter) Use(ctx context.Context, how string) (any, error) {
	switch how {
	case "error":
		return nil, ownError{fmt.Errorf("at the end: %w", io.EOF)}
	case "walk":
		var sum int
		err := g.ticker.Walk(ctx, func(ctx context.Context, n int) error {
			sum += n
			if n == 4 {
				return ownError{io.ErrUnexpectedEOF}
			}
			return ctx.Err()
		})
		return sum, err
	case "panic":
		return nil, g.ticker.Walk(ctx, func(context.Context, int) error { panic("in the plugin") })
	case "save":
		return g.ticker.Save(&countdown{9})
	case "any":
		return g.ticker.Any(map[string]any{"a": []any{1, "b", nil}})
	case "point":
		return g.ticker.Any([]any{point{1, 2}})
	case "dir":
		return g.ticker.Any(http.Dir("/etc"))
	case "after":
		var kept func() error
		_ = g.ticker.Walk(ctx, func(ctx context.Context, n int) error {
			kept = func() error { return ctx.Err() }
			return io.EOF
		})
		return nil, kept()
	}
	return nil, nil
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
type ticker struct{}

func (ticker) Any(v any) (any, error) { return v, nil }

func (ticker) Save(from io.Reader) (string, error) {
	b, err := io.ReadAll(from)
	return string(b), err
}

func (ticker) Walk(ctx context.Context, f func(context.Context, int) error) error {
	for n := 1; ; n++ {
		if err := f(ctx, n); err != nil {
			return err
		}
	}
}

func (ticker) Tick(n int) (int, error) {
	if n < 0 {
		return 0, errors.New("a negative tick")
	}
	return n + 1, nil
}

func typedPkg() runtime.Package {
	return runtime.Package{
		Name: "test/typed", Dir: "typed", Tree: fstest.MapFS{"typed/typed.go": {Data: []byte(typedSource)}},
		Permissions: runtime.Permissions{Read: []string{"/etc/hosts"}, Net: []string{"localhost:1"}},
		Contracts:   []*contract.Contract{contract.New(reflect.TypeFor[Greeter](), "greeter", 1)},
		Services:    []runtime.Service{serviceOf[Ticker](ticker{})},
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
