package interp_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/testdata/cases"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/table"
)

func hostUniverse(t *testing.T) *symbols.Universe {
	t.Helper()
	universe, err := symbols.With(table.Symbols)
	if err != nil {
		t.Fatal(err)
	}
	return universe
}

func loadCases(t *testing.T) runtime.Instance {
	t.Helper()
	inst, err := interp.With(hostUniverse(t)).Load(t.Context(), runtime.Package{
		Name: "test/cases", Tree: os.DirFS(filepath.Join("..", "symbols", "testdata")), Dir: "cases",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inst.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return inst
}

// What a plugin does with a host's packages when it is compiled, it does interpreted.
func TestHostPackagesAsCompiled(t *testing.T) {
	inst := loadCases(t)
	for _, name := range cases.Names() {
		t.Run(name, func(t *testing.T) {
			want := cases.Run(t.Context(), name)
			res, err := inst.Call(t.Context(), "cases", map[string]any{"name": name})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Data; got != want {
				t.Errorf("got  %v %s\nwant %s", got, res.Error, want)
			}
		})
	}
}

// What compiled code sees of a plugin's own values is no secret: docs/hosts.md says so.
func TestHostPackagesLimits(t *testing.T) {
	want := map[string][2]string{ // compiled, interpreted
		"a type by reflection":                {"cases.shaped", "box.Box"},
		"decoding into a type by reflection":  {"n <nil>", " json: Unmarshal(non-pointer box.Box)"},
		"an interface that was not asked for": {"true", "false"},
	}
	inst := loadCases(t)
	for _, name := range cases.Limits() {
		if got := cases.Run(t.Context(), name); got != want[name][0] {
			t.Errorf("%s: got %q compiled, want %q", name, got, want[name][0])
		}
		res, err := inst.Call(t.Context(), "cases", map[string]any{"name": name})
		if err != nil || res.Data != want[name][1] {
			t.Errorf("%s: got %q, %v interpreted, want %q", name, res.Data, err, want[name][1])
		}
	}
}
