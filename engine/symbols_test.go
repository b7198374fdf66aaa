package engine_test

import (
	"reflect"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
)

func TestNewRefusesBrokenSymbols(t *testing.T) {
	tables := interp.Exports{"fmt/fmt": {"Print": reflect.ValueOf(func() {})}}
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		eng, err := engine.New(t.Context(), engine.Options{Isolation: isolation, Symbols: []interp.Exports{tables}})
		want := "symbols: package fmt is there already: it is one of the standard library's or scriptd's own"
		if eng != nil || err == nil || err.Error() != want {
			t.Errorf("isolation %s: got  %v\nwant %s", isolation, err, want)
		}
	}
}
