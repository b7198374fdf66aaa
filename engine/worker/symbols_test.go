//go:build unix

package worker_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/testdata/cases"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/table"
	"github.com/scriptd/scriptd/engine/worker"
)

const hostPath = "github.com/scriptd/scriptd/engine/symbols/testdata/usersync"

func universe(t *testing.T, tables ...yaegi.Exports) *symbols.Universe {
	t.Helper()
	u, err := symbols.With(tables...)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// What a plugin does with a host's packages when it is compiled, it does in a process of its own.
func TestHostPackagesAsCompiled(t *testing.T) {
	for _, spares := range []int{-1, 1} {
		rt := open(t, worker.Options{Spares: spares, Universe: universe(t, table.Symbols)})
		inst := load(t, rt, runtime.Package{Name: "test/cases", Tree: os.DirFS(filepath.Join("..", "symbols", "testdata")), Dir: "cases"})
		for _, name := range cases.Names() {
			want := cases.Run(t.Context(), name)
			if res, err := inst.Call(t.Context(), "cases", map[string]any{"name": name}); err != nil || res.Data != want {
				t.Errorf("%s: got %v, %v\nwant %s", name, res.Data, err, want)
			}
		}
	}
}

// importing is a package that uses one of the host's.
func importing(importPath, expression string) runtime.Package {
	return runtime.Package{Name: "test/importing", Dir: "p", Tree: fstest.MapFS{"p/p.go": {Data: []byte(`package p

import (
	"context"

	"` + importPath + `"
	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "p"}, func(context.Context) (string, error) { return ` + expression + `, nil })
}
`)}}}
}

// A process has what its host's runtime has: what main has given it beyond that is for another runtime.
func TestProcessHasTheSymbolsOfItsRuntime(t *testing.T) {
	const audit = hostPath + "/audit"
	only := universe(t, yaegi.Exports{audit + "/audit": table.Symbols[audit+"/audit"]})
	for _, group := range []string{"", "test"} {
		rt := open(t, worker.Options{Universe: only})
		with := importing(audit, `audit.Entry{Text: "text"}.Text`)
		with.Group = group
		res, err := load(t, rt, with).Call(t.Context(), "p", nil)
		if err != nil || res.Data != "text" {
			t.Errorf("group %q: got %v, %v", group, res.Data, err)
		}
		without := importing(hostPath, "usersync.Version")
		without.Group, without.Name = group, "test/without"
		if _, err := rt.Load(t.Context(), without); err == nil || !strings.Contains(err.Error(), "is not available to plugins") {
			t.Errorf("group %q: got %v", group, err)
		}
	}
	rt := open(t, worker.Options{})
	if _, err := rt.Load(t.Context(), importing(hostPath, "usersync.Version")); err == nil || !strings.Contains(err.Error(), "is not available to plugins") {
		t.Errorf("got %v", err)
	}
}

// A process that main has given other symbols loads nothing: what host and process said to each other would mean other things.
func TestProcessWithOtherSymbols(t *testing.T) {
	changed := maps.Clone(table.Symbols[hostPath+"/usersync"])
	delete(changed, "Count")
	tests := []struct {
		name   string
		tables yaegi.Exports
		want   string
	}{
		{
			"a package that it does not have",
			yaegi.Exports{"example.com/x/x": {"F": reflect.ValueOf(func() {})}},
			"load test/importing: the process has no symbols of package example.com/x, which its host has: pass the same symbols to engine.ServeWorker",
		},
		{
			"another table",
			yaegi.Exports{hostPath + "/usersync": changed},
			"load test/importing: the process has other symbols of package " + hostPath + " than its host: pass the same symbols to engine.ServeWorker",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rt := open(t, worker.Options{Universe: universe(t, tt.tables)})
			for range 2 { // the next process is no better
				if _, err := rt.Load(t.Context(), importing("strings", `strings.ToUpper("x")`)); err == nil || err.Error() != tt.want {
					t.Errorf("got  %v\nwant %s", err, tt.want)
				}
			}
		})
	}
}
