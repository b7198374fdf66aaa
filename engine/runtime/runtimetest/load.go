package runtimetest

import (
	"context"
	"errors"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

const hello = `// Package hello greets.
package hello

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	// Name is whom to greet.
	Name string ` + "`json:\"name\" default:\"world\"`" + `
}

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "hello", Description: "Greet somebody"}, hello)
}

func hello(_ context.Context, p Params) (string, error) {
	return "hello, " + p.Name, nil
}
`

func loadCases() []testCase {
	return []testCase{
		{"a package is loaded and called", func(t *trial) {
			inst := t.load(of("-- p/hello.go --\n" + hello))
			res := t.call(inst, "hello", map[string]any{"name": "Ada"})
			if !res.Success || res.Data != "hello, Ada" || res.Error != "" {
				t.Errorf("got %+v", res)
			}
		}},
		{"a package at the root of a tree", func(t *trial) {
			p := of("-- hello.go --\n" + hello)
			p.Dir = "."
			if plugins := t.load(p).Plugins(); len(plugins) != 1 || plugins[0].File != "hello.go" {
				t.Errorf("got %+v", plugins)
			}
		}},
		{"plugins say what they are and where", func(t *trial) {
			plugins := t.load(of("-- p/hello.go --\n" + hello)).Plugins()
			if len(plugins) != 1 {
				t.Fatalf("got %d plugins", len(plugins))
			}
			p := plugins[0]
			want := plugin.Spec{Name: "hello", Description: "Greet somebody", Category: plugin.Diagnostic}
			if p.Spec != want {
				t.Errorf("got %+v, want %+v", p.Spec, want)
			}
			if p.File != "p/hello.go" || p.Line != 16 || p.Column != 74 {
				t.Errorf("registered at %s:%d:%d, want the handler at p/hello.go:16:74", p.File, p.Line, p.Column)
			}
			t.sameJSON(p.Schema, `{"additionalProperties":false,"properties":{"name":`+
				`{"default":"world","description":"Name is whom to greet.","type":"string"}},"type":"object"}`)
		}},
		{"plugins are sorted by name", func(t *trial) {
			inst := t.load(of(`package p

import (
	"context"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	r.Add(plugin.Spec{Name: "z"}, f)
	r.Add(plugin.Spec{Name: "b", Category: plugin.Remediation, Timeout: 2 * time.Second, Concurrency: 3}, f)
	r.Add(plugin.Spec{Name: "a-1", Parameters: ` + "`" + `{"type": "object", "minProperties": 1}` + "`" + `}, f)
	return nil
}

func f(context.Context) error { return nil }
`))
			plugins := inst.Plugins()
			if len(plugins) != 3 || plugins[0].Name != "a-1" || plugins[1].Name != "b" || plugins[2].Name != "z" {
				t.Fatalf("got %+v", plugins)
			}
			b := plugins[1]
			if b.Category != plugin.Remediation || b.Timeout != 2*time.Second || b.Concurrency != 3 {
				t.Errorf("got %+v", b.Spec)
			}
			t.sameJSON(plugins[0].Schema, `{"minProperties":1,"type":"object"}`)
			t.sameJSON(b.Schema, `{"additionalProperties":false,"properties":{},"type":"object"}`)
		}},
		{"instances know nothing of each other", func(t *trial) {
			src := source(`var n int
func handle(context.Context) (int, error) { n++; return n, nil }`)
			one, two := t.load(of(src)), t.load(of(src))
			t.answers(one, nil, "1")
			t.answers(one, nil, "2")
			t.answers(two, nil, "1")
		}},
		{"a failed load leaves the runtime as it was", func(t *trial) {
			_ = t.refused(of("package p\nfunc f( {\n"))
			_ = t.refused(of(source(`func init() { panic("x") }
func handle(context.Context) error { return nil }`)))
			t.answers(t.load(of(source(`func handle(context.Context) (int, error) { return 1, nil }`))), nil, "1")
		}},
		{"an endless initialisation ends with its context", func(t *trial) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			inst, err := t.rt.Load(ctx, of(source(`var n int
func init() { for { n++ } }
func handle(context.Context) error { return nil }`)))
			if inst != nil || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, %v", inst, err)
			}
		}},
		{"an endless Register ends with its context", func(t *trial) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			inst, err := t.rt.Load(ctx, of(`package p

import "github.com/scriptd/scriptd/plugin"

func Register(r *plugin.Registrar) error {
	for {
	}
}
`))
			if inst != nil || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, %v", inst, err)
			}
		}},
		{"nothing is loaded once the context has ended", func(t *trial) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			inst, err := t.rt.Load(ctx, of("-- p/hello.go --\n"+hello))
			if inst != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, %v", inst, err)
			}
		}},
		{"a folder that is not there is no fault of the source", func(t *trial) {
			_, err := t.rt.Load(t.Context(), runtime.Package{Name: "test/p", Tree: fstest.MapFS{}, Dir: "p"})
			var problems runtime.Problems
			if err == nil || errors.As(err, &problems) {
				t.Errorf("got %v", err)
			}
		}},
	}
}
