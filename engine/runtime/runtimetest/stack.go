package runtimetest

import "strings"

// stackSource is a package whose handler panics in the way it is told to.
const stackSource = `package p

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "p"}, handle)
}

func handle(_ context.Context, p struct{ How string }) error {
	return outer(&store{}, p.How)
}

func outer(s *store, how string) error {
	s.put(how)
	return nil
}

type store struct{ list []string }

func (s *store) put(how string) {
	switch how {
	case "panic":
		panic(errors.New("oops"))
	case "another function":
		fail("oops")
	case "a literal":
		sort.Slice([]int{2, 1}, func(i, j int) bool { panic("oops") })
	case "a deferred function":
		defer func() { panic("oops") }()
		panic("before")
	case "recovered":
		defer func() { s.list = append(s.list, fmt.Sprint(recover())) }()
		panic("oops")
	}
}

func fail(text string) { panic(text) }
`

// stacks are the traces of the panics of stackSource.
var stacks = map[string]string{
	"panic":               "p.(*store).put(...)\n\tp/p.go:30:3\n",
	"another function":    "p.fail(...)\n\tp/p.go:44:26\np.(*store).put(...)\n\tp/p.go:32:3\n",
	"a literal":           "p.(*store).put.func1(...)\n\tp/p.go:34:49\np.(*store).put(...)\n\tp/p.go:34:3\n",
	"a deferred function": "p.(*store).put.func2(...)\n\tp/p.go:36:18\np.(*store).put(...)\n\tp/p.go:36:9\n",
}

const stackCallers = "p.outer(...)\n\tp/p.go:21:2\np.handle(...)\n\tp/p.go:17:9"

func stackCases() []testCase {
	return []testCase{
		{"calls, the innermost first, with their places", func(t *trial) {
			inst := t.load(of(stackSource))
			for range 2 {
				for how, want := range stacks {
					res := t.fails(inst, map[string]any{"How": how})
					if res.Stack != want+stackCallers {
						t.Errorf("%s: got\n%s\nwant\n%s", how, res.Stack, want+stackCallers)
					}
					if first := strings.Fields(res.Stack)[1]; !strings.HasPrefix(res.Error, first+": panic: oops") {
						t.Errorf("%s: %s, but the stack begins at %s", how, res.Error, first)
					}
				}
			}
		}},
		{"what is no panic has none", func(t *trial) {
			inst := t.load(of(stackSource))
			for _, how := range []string{"", "recovered"} {
				if res := t.call(inst, "p", map[string]any{"How": how}); !res.Success || res.Stack != "" {
					t.Errorf("%s: got %+v", how, res)
				}
			}
			inst = t.load(of(source(`func handle(context.Context) error { return errors.New("no") }`, "errors")))
			if res := t.fails(inst, nil); res.Stack != "" {
				t.Errorf("got %+v", res)
			}
		}},
		{"panics of compiled code", func(t *trial) {
			inst := t.load(of(source(`func handle(context.Context) (string, error) { return repeat(-1), nil }

func repeat(n int) string {
	return strings.Repeat("x", n)
}`, "strings")))
			res := t.fails(inst, nil)
			if want := "p.repeat(...)\n\tp/p.go:6:9\np.handle(...)\n\tp/p.go:3:55"; res.Stack != want {
				t.Errorf("got\n%s\nwant\n%s", res.Stack, want)
			}
		}},
		{"other packages", func(t *trial) {
			inst := t.load(of("-- p/p.go --\n" + source("func handle(context.Context) error {\n\tq.Fail()\n\treturn nil\n}", "plugins/q") +
				"-- q/q.go --\npackage q\n\nfunc Fail() {\n\tpanic(\"far\")\n}\n"))
			res := t.fails(inst, nil)
			if want := "q.Fail(...)\n\tq/q.go:4:2\np.handle(...)\n\tp/p.go:4:2"; res.Stack != want {
				t.Errorf("got\n%s\nwant\n%s", res.Stack, want)
			}
		}},
	}
}
