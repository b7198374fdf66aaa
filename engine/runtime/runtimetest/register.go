package runtimetest

import "strings"

func registerCases() []testCase {
	return []testCase{
		{"an error fails the load", func(t *trial) {
			t.refusedWith(of(`package p

import (
	"errors"

	"github.com/scriptd/scriptd/plugin"
)

func Register(*plugin.Registrar) error {
	return errors.New("no such luck")
}
`), "p/p.go:9:6: Register: no such luck")
		}},
		{"a panic fails the load, and says where", func(t *trial) {
			t.refusedWith(of(`package p

import "github.com/scriptd/scriptd/plugin"

func Register(*plugin.Registrar) error {
	if true {
		panic("no such luck")
	}
	return nil
}
`), "p/p.go:7:3: panic in Register: no such luck")
		}},
		{"a panic while the package is initialised", func(t *trial) {
			t.refusedWith(of(source(`func init() {
	panic("no such luck")
}
func handle(context.Context) error { return nil }`)), "p/p.go:4:2: panic while the package was initialised: no such luck")
			t.refusedWith(of(source(`var x = f()

func f() int {
	panic("no such luck")
}
func handle(context.Context) error { return nil }`)), "p/p.go:6:2: panic while the package was initialised: no such luck")
		}},
		{"a panic in another package", func(t *trial) {
			t.refusedWith(of(`
-- p/p.go --
package p

import (
	"plugins/q"

	"github.com/scriptd/scriptd/plugin"
)

func Register(*plugin.Registrar) error { return q.Fail() }
-- q/q.go --
package q

func Fail() error {
	panic("far away")
}
`), "q/q.go:4:2: panic in Register: far away")
		}},
		{"nothing was registered", func(t *trial) {
			t.refusedWith(of("package p\n\nimport \"github.com/scriptd/scriptd/plugin\"\n\nfunc Register(*plugin.Registrar) error { return nil }\n"),
				"p/p.go:5:6: Register registered no plugin: call r.Add")
		}},
		{"a name twice", func(t *trial) {
			t.refusedWith(of(`package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	if err := r.Add(plugin.Spec{Name: "same"}, f); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "same"}, f)
}

func f(context.Context) error { return nil }
`), "p/p.go:13:42: plugin same is registered twice in this package")
		}},
		{"names and specs that do not hold", func(t *trial) {
			for spec, want := range map[string]string{
				`plugin.Spec{}`:                           "plugin without a name: set Spec.Name",
				`plugin.Spec{Name: "Upper"}`:              `plugin name "Upper": want lower-case letters`,
				`plugin.Spec{Name: "a b"}`:                `plugin name "a b": want lower-case letters`,
				`plugin.Spec{Name: "a", Category: "x"}`:   `plugin a: category "x": want`,
				`plugin.Spec{Name: "a", Timeout: -1}`:     `plugin a: negative timeout -1ns`,
				`plugin.Spec{Name: "a", Concurrency: -1}`: `plugin a: negative concurrency -1`,
				`plugin.Spec{Name: "a", Parameters: "{"}`: `plugin a: parameter schema: `,
				`plugin.Spec{Name: "a", Parameters: "1"}`: `plugin a: parameter schema: want a JSON object`,
			} {
				got := t.refused(of("package p; import (\"context\"; \"github.com/scriptd/scriptd/plugin\")\n" +
					"func f(context.Context) error { return nil }\n" +
					"func Register(r *plugin.Registrar) error {\n\treturn r.Add(" + spec + ", f)\n}\n")).Error()
				if !strings.HasPrefix(got, "p/p.go:4:") || !strings.Contains(got, want) {
					t.Errorf("%s: got %s, want %s", spec, got, want)
				}
			}
		}},
		{"an error of Add that Register does not return", func(t *trial) {
			inst := t.load(of(`package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	r.Add(plugin.Spec{Name: "NOT"}, f)
	return r.Add(plugin.Spec{Name: "good"}, f)
}

func f(context.Context) error { return nil }
`))
			if plugins := inst.Plugins(); len(plugins) != 1 || plugins[0].Name != "good" {
				t.Errorf("got %+v", plugins)
			}
		}},
		{"an error of Add that Register wraps", func(t *trial) {
			t.refusedWith(of(`package p

import (
	"context"
	"fmt"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	if err := r.Add(plugin.Spec{Name: ""}, f); err != nil {
		return fmt.Errorf("first: %w", err)
	}
	return nil
}

func f(context.Context) error { return nil }
`), "p/p.go:11:41: first: plugin without a name: set Spec.Name")
		}},
		{"wrong handlers", func(t *trial) {
			for _, handler := range []string{
				`nil`, `1`, `"x"`, `struct{}{}`,
				`func() {}`,
				`func() error { return nil }`,
				`func(context.Context) {}`,
				`func(int) error { return nil }`,
				`func(context.Context) int { return 0 }`,
				`func(context.Context, int) error { return nil }`,
				`func(context.Context, *P) error { return nil }`,
				`func(context.Context, []P) error { return nil }`,
				`func(context.Context, map[string]int) error { return nil }`,
				`func(context.Context, map[int]any) error { return nil }`,
				`func(context.Context, any) error { return nil }`,
				`func(context.Context, P, P) error { return nil }`,
				`func(context.Context, ...P) error { return nil }`,
				`func(P, context.Context) error { return nil }`,
				`func(context.Context) (int, int, error) { return 0, 0, nil }`,
				`func(context.Context) (error, int) { return nil, 0 }`,
				`func(context.Context) (chan int, error) { return nil, nil }`,
				`func(context.Context) (func(), error) { return nil, nil }`,
				`func(context.Context) (complex128, error) { return 0, nil }`,
				`func(context.Context, struct{ F func() }) error { return nil }`,
				`func(context.Context) (map[P]int, error) { return nil, nil }`,
			} {
				got := t.refused(of("package p; import (\"context\"; \"github.com/scriptd/scriptd/plugin\")\n" +
					"type P struct{ A int }; var _ context.Context\n" +
					"func Register(r *plugin.Registrar) error {\n\treturn r.Add(plugin.Spec{Name: \"a\"}, " + handler + ")\n}\n")).Error()
				if !strings.HasPrefix(got, "p/p.go:4:39: plugin a: ") {
					t.Errorf("%s: got %s", handler, got)
				}
			}
		}},
		{"bad tags of parameters are told at their field", func(t *trial) {
			t.refusedWith(of(source("type P struct {\n\tA int `json:\"a\" minimum:\"low\"`\n}\nfunc handle(context.Context, P) error { return nil }")),
				`p/p.go:4:2: plugin p: field A: tag minimum:"low": want a number`)
		}},
		{"handlers that are closures, methods and variables", func(t *trial) {
			inst := t.load(of(`package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type service struct{ name string }

func (s *service) pointer(context.Context) (string, error) { return "pointer " + s.name, nil }
func (s service) value(context.Context) (string, error)    { return "value " + s.name, nil }

type handler func(context.Context) (string, error)

func Register(r *plugin.Registrar) error {
	s := &service{"s"}
	r.Add(plugin.Spec{Name: "pointer"}, s.pointer)
	r.Add(plugin.Spec{Name: "value"}, s.value)
	r.Add(plugin.Spec{Name: "closure"}, func(context.Context) (string, error) { return "closure " + s.name, nil })
	f := func(context.Context) (string, error) { return "variable " + s.name, nil }
	r.Add(plugin.Spec{Name: "variable"}, f)
	r.Add(plugin.Spec{Name: "named"}, handler(f))
	return nil
}
`))
			for name, want := range map[string]string{
				"pointer": "pointer s", "value": "value s", "closure": "closure s", "variable": "variable s", "named": "variable s",
			} {
				if res := t.call(inst, name, nil); res.Data != want {
					t.Errorf("%s: got %+v, want %s", name, res, want)
				}
			}
		}},
		{"an Add that hides its handler's type", func(t *trial) {
			t.refusedWith(of(`package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type adder interface{ Add(plugin.Spec, any) error }

func Register(r *plugin.Registrar) error {
	var a adder = r
	return a.Add(plugin.Spec{Name: "x"}, func(context.Context) error { return nil })
}
`), "p/p.go:11:6: Register: the type of a handler is not known: call Add on the Registrar itself, not through a variable")
		}},
	}
}
