package engine_test

import (
	"os"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/rostertest"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/symbols"
)

func rosterOptions(t *testing.T, dir string) engine.Options {
	t.Helper()
	if err := os.CopyFS(dir, rostertest.Source()); err != nil {
		t.Fatal(err)
	}
	return engine.Options{
		Contracts: []engine.Contract{engine.NewContract[roster.Directory]("directory", 1, engine.Optional("Oldest"))},
		Symbols:   []interp.Exports{symbols.Symbols},
		Services:  []engine.Service{engine.NewService[roster.Clock](rostertest.Clock{})},
		Sources:   []engine.Source{folder(t, "local", dir)},
	}
}

func TestTypedInAProcessOfItsOwn(t *testing.T) {
	rostertest.Run(t, func(t *testing.T) roster.Directory {
		t.Helper()
		opts := rosterOptions(t, t.TempDir())
		opts.Isolation = engine.IsolationProcess
		e := open(t, opts)
		d, err := engine.Get[roster.Directory](e, "staff")
		if err != nil {
			t.Fatal(err, e.Sources())
		}
		return d
	})
}

func TestTypedInProcess(t *testing.T) {
	rostertest.Run(t, func(t *testing.T) roster.Directory {
		t.Helper()
		e := open(t, rosterOptions(t, t.TempDir()))
		d, err := engine.Get[roster.Directory](e, "staff")
		if err != nil {
			t.Fatal(err, e.Sources())
		}
		return d
	})
}
