//go:build unix

package worker

import (
	"testing"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/symbols"
)

// A process whose main has given it tables that are broken says what is wrong with them.
func TestProcessWithBrokenTables(t *testing.T) {
	c := &child{}
	c.universe, c.untabled = symbols.With(yaegi.Exports{"fmt/fmt": nil})
	want := "what main gave to engine.ServeWorker: symbols: package fmt is there already: it is one of the standard library's or scriptd's own"
	if err := c.useSymbols(nil); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
