package client_test

import (
	"context"
	"os"
	"reflect"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/symbols"
)

func TestMain(m *testing.M) {
	engine.ServeWorker(symbols.Symbols, greeterSymbols)
	os.Exit(m.Run())
}

const greeterPath = "github.com/scriptd/scriptd/client_test"

// Greeting is for somebody.
type Greeting struct{ Name string }

// Greeter is the server's contract.
type Greeter interface {
	// Greet waits for the end of ctx where the name is "wait", and panics where it is "panic".
	Greet(ctx context.Context, g Greeting) (string, error)
	// Visit calls visit, and returns what that returns.
	Visit(ctx context.Context, visit func(name string) error) error
}

// PoliteGreeting and PoliteGreeter are newer than the server.
type PoliteGreeting struct {
	Title string
	Name  string
}

type PoliteGreeter interface {
	Greet(ctx context.Context, g PoliteGreeting) (string, error)
	Bow(ctx context.Context, deep int) (string, error)
}

// NumberGreeter has another signature.
type NumberGreeter interface {
	Greet(ctx context.Context, number int) (string, error)
}

// Audience hears greetings, and QuietAudience what an older client's does.
type Audience interface {
	Hear(text string) error
	Clap() error
}

type QuietAudience interface {
	Hear(text string) error
}

type Speaker interface {
	Speak(ctx context.Context, to Audience) error
}

type QuietSpeaker interface {
	Speak(ctx context.Context, to QuietAudience) error
}

type (
	_Greeter struct {
		IValue any
		WGreet func(ctx context.Context, g Greeting) (string, error)
		WVisit func(ctx context.Context, visit func(name string) error) error
	}
	_PoliteGreeter struct {
		IValue any
		WGreet func(ctx context.Context, g PoliteGreeting) (string, error)
		WBow   func(ctx context.Context, deep int) (string, error)
	}
	_NumberGreeter struct {
		IValue any
		WGreet func(ctx context.Context, number int) (string, error)
	}
	_Audience struct {
		IValue any
		WHear  func(text string) error
		WClap  func() error
	}
	_QuietAudience struct {
		IValue any
		WHear  func(text string) error
	}
	_Speaker struct {
		IValue any
		WSpeak func(ctx context.Context, to Audience) error
	}
	_QuietSpeaker struct {
		IValue any
		WSpeak func(ctx context.Context, to QuietAudience) error
	}
)

func (w _Greeter) Greet(ctx context.Context, g Greeting) (string, error) { return w.WGreet(ctx, g) }

func (w _Greeter) Visit(ctx context.Context, f func(string) error) error { return w.WVisit(ctx, f) }

func (w _PoliteGreeter) Bow(ctx context.Context, deep int) (string, error) { return w.WBow(ctx, deep) }

func (w _NumberGreeter) Greet(ctx context.Context, number int) (string, error) {
	return w.WGreet(ctx, number)
}

func (w _Audience) Hear(text string) error      { return w.WHear(text) }
func (w _Audience) Clap() error                 { return w.WClap() }
func (w _QuietAudience) Hear(text string) error { return w.WHear(text) }

func (w _Speaker) Speak(ctx context.Context, to Audience) error { return w.WSpeak(ctx, to) }

func (w _QuietSpeaker) Speak(ctx context.Context, to QuietAudience) error { return w.WSpeak(ctx, to) }

func (w _PoliteGreeter) Greet(ctx context.Context, g PoliteGreeting) (string, error) {
	return w.WGreet(ctx, g)
}

var greeterSymbols = interp.Exports{greeterPath + "/client_test": {
	"Greeting": reflect.ValueOf((*Greeting)(nil)), "PoliteGreeting": reflect.ValueOf((*PoliteGreeting)(nil)),
	"Greeter": reflect.ValueOf((*Greeter)(nil)), "_Greeter": reflect.ValueOf((*_Greeter)(nil)),
	"PoliteGreeter": reflect.ValueOf((*PoliteGreeter)(nil)), "_PoliteGreeter": reflect.ValueOf((*_PoliteGreeter)(nil)),
	"NumberGreeter": reflect.ValueOf((*NumberGreeter)(nil)), "_NumberGreeter": reflect.ValueOf((*_NumberGreeter)(nil)),
	"Audience": reflect.ValueOf((*Audience)(nil)), "_Audience": reflect.ValueOf((*_Audience)(nil)),
	"QuietAudience": reflect.ValueOf((*QuietAudience)(nil)), "_QuietAudience": reflect.ValueOf((*_QuietAudience)(nil)),
	"Speaker": reflect.ValueOf((*Speaker)(nil)), "_Speaker": reflect.ValueOf((*_Speaker)(nil)),
	"QuietSpeaker": reflect.ValueOf((*QuietSpeaker)(nil)), "_QuietSpeaker": reflect.ValueOf((*_QuietSpeaker)(nil)),
}}

// greeterSource is a package that provides a Greeter.
func greeterSource(name, word string) string {
	return `package greeter

import (
	"context"

	api "` + greeterPath + `"
	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error { return r.Provide("greeter@1", "` + name + `", greeter{}) }

type greeter struct{}

func (greeter) Greet(ctx context.Context, g api.Greeting) (string, error) {
	switch g.Name {
	case "wait":
		<-ctx.Done()
		return "", ctx.Err()
	case "panic":
		panic("no manners")
	}
	return "` + word + ` " + g.Name, nil
}

func (greeter) Visit(_ context.Context, visit func(string) error) error { return visit("` + name + `") }
`
}

func greeterHost(t testing.TB, change func(*engine.Options)) *host {
	t.Helper()
	dir := t.TempDir()
	opts := engine.Options{
		Contracts: []engine.Contract{engine.NewContract[Greeter]("greeter", 1), engine.NewContract[Speaker]("speaker", 1)},
		Symbols:   []interp.Exports{greeterSymbols},
		Sources:   []engine.Source{folder(t, dir)},
		Isolation: engine.IsolationNone,
	}
	if change != nil {
		change(&opts)
	}
	h := &host{newEngine(t, opts), dir}
	h.put(t, "greeter/greeter.go", greeterSource("english", "Hello"))
	return h
}

func greeterClient(t testing.TB, url string, change func(*client.Options)) *client.Client {
	t.Helper()
	return connect(t, url, func(o *client.Options) {
		o.Contracts = []client.Contract{client.NewContract[Greeter]("greeter", 1)}
		o.Symbols = []client.Exports{greeterSymbols}
		if change != nil {
			change(o)
		}
	})
}

func wantGreeting(t testing.TB, g Greeter, want string) {
	t.Helper()
	if got, err := g.Greet(t.Context(), Greeting{Name: "Bob"}); got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
