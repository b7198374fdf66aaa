package engine_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
)

// The versions of a contract, and a service. Their symbols are those of a package of the host.
type (
	Greeter interface {
		Greet(ctx context.Context, name string) (string, error)
	}
	Greeter2 interface {
		Greet(ctx context.Context, g Greeting) (string, error)
		Hi() (string, error)
	}
	Greeting struct{ Name, Language string }
	Greeter3 interface {
		Greeter2
		Bye(ctx context.Context, names ...string) (string, error)
	}
	Dictionary interface{ Word(english string) string }
	// Valued, Taker and Box are none that plugins can implement.
	Valued     interface{ IValue() int }
	Taker      interface{ Take(v struct{ x int }) error }
	Box[T any] interface{ Take(v T) error }
)

type greeterWrapper struct {
	IValue any
	WGreet func(ctx context.Context, name string) (string, error)
}

func (w greeterWrapper) Greet(ctx context.Context, name string) (string, error) {
	return w.WGreet(ctx, name)
}

type greeter2Wrapper struct {
	IValue any
	WGreet func(ctx context.Context, g Greeting) (string, error)
	WHi    func() (string, error)
}

func (w greeter2Wrapper) Greet(ctx context.Context, g Greeting) (string, error) {
	return w.WGreet(ctx, g)
}
func (w greeter2Wrapper) Hi() (string, error) { return w.WHi() }

type greeter3Wrapper struct {
	IValue any
	WBye   func(ctx context.Context, names ...string) (string, error)
	WGreet func(ctx context.Context, g Greeting) (string, error)
	WHi    func() (string, error)
}

func (w greeter3Wrapper) Greet(ctx context.Context, g Greeting) (string, error) {
	return w.WGreet(ctx, g)
}
func (w greeter3Wrapper) Hi() (string, error) { return w.WHi() }
func (w greeter3Wrapper) Bye(ctx context.Context, names ...string) (string, error) {
	return w.WBye(ctx, names...)
}

type dictionaryWrapper struct {
	IValue any
	WWord  func(english string) string
}

func (w dictionaryWrapper) Word(english string) string { return w.WWord(english) }

const greetersPath = "github.com/scriptd/scriptd/engine_test"

var greeterSymbols = interp.Exports{greetersPath + "/engine_test": {
	"Greeter": reflect.ValueOf((*Greeter)(nil)), "_Greeter": reflect.ValueOf((*greeterWrapper)(nil)),
	"Greeter2": reflect.ValueOf((*Greeter2)(nil)), "_Greeter2": reflect.ValueOf((*greeter2Wrapper)(nil)),
	"Greeter3": reflect.ValueOf((*Greeter3)(nil)), "_Greeter3": reflect.ValueOf((*greeter3Wrapper)(nil)),
	"Valued":     reflect.ValueOf((*Valued)(nil)),
	"Taker":      reflect.ValueOf((*Taker)(nil)),
	"Greeting":   reflect.ValueOf((*Greeting)(nil)),
	"Dictionary": reflect.ValueOf((*Dictionary)(nil)), "_Dictionary": reflect.ValueOf((*dictionaryWrapper)(nil)),
}}

// upgraded is a Greeter as a Greeter2.
type upgraded struct{ old Greeter }

func (u upgraded) Greet(ctx context.Context, g Greeting) (string, error) {
	return u.old.Greet(ctx, g.Name)
}
func (upgraded) Hi() (string, error) { return "", engine.ErrNotImplemented }

type upgraded3 struct{ Greeter2 }

func (upgraded3) Bye(_ context.Context, names ...string) (string, error) {
	return "Bye " + strings.Join(names, ", "), nil
}

func greeterContracts() []engine.Contract {
	return []engine.Contract{
		engine.NewContract[Greeter]("greeter", 1),
		engine.NewContract[Greeter2]("greeter", 2, engine.Optional("Hi"), engine.Upgrade(func(old Greeter) Greeter2 { return upgraded{old} })),
		engine.NewContract[Greeter3]("greeter", 3, engine.Upgrade(func(old Greeter2) Greeter3 { return upgraded3{old} })),
	}
}

type dictionary map[string]string

func (d dictionary) Word(english string) string { return d[english] }

// greeters are options for packages that implement the contract.
func greeters(t testing.TB, dir string, files map[string]string) engine.Options {
	t.Helper()
	write(t, dir, files)
	return engine.Options{
		Contracts: greeterContracts(), Symbols: []interp.Exports{greeterSymbols},
		Services: []engine.Service{engine.NewService[Dictionary](dictionary{"hello": "hallo"})},
		Sources:  []engine.Source{folder(t, "local", dir)},
	}
}

// implementing is a package whose Register ends with a statement, after declarations.
func implementing(pkg, statement, declarations string) map[string]string {
	return map[string]string{pkg + "/" + pkg + ".go": `package ` + pkg + `

import (
	"context"
	"errors"

	api "` + greetersPath + `"
	"github.com/scriptd/scriptd/plugin"
)

var _, _, _ = errors.New, context.Background, api.Greeting{}

func Register(r *plugin.Registrar) error {
	` + statement + `
}

` + declarations + `
`}
}

// greets is a package that implements version 1 and answers with a word.
func greets(pkg, name, word string) map[string]string {
	return implementing(pkg, `return r.Provide("greeter", "`+name+`", greeter{"`+word+`"})`, `
type greeter struct{ word string }

func (g greeter) Greet(_ context.Context, name string) (string, error) { return g.word + " " + name, nil }`)
}
