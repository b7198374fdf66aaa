package interp_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/testdata/cases"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/table"
)

// What a plugin does with a host's packages when it is compiled, it does interpreted.
func TestHostPackagesAsCompiled(t *testing.T) {
	universe, err := symbols.With(table.Symbols)
	if err != nil {
		t.Fatal(err)
	}
	inst, err := interp.With(universe).Load(t.Context(), runtime.Package{
		Name: "test/cases", Tree: os.DirFS(filepath.Join("..", "symbols", "testdata")), Dir: "cases",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(t.Context())
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
