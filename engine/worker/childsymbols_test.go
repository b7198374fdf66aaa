//go:build unix

package worker

import (
	"testing"

	yaegi "github.com/traefik/yaegi/interp"
)

// A process whose main has given it tables that are broken says what is wrong with them.
func TestProcessWithBrokenTables(t *testing.T) {
	c := &child{tables: []yaegi.Exports{{"fmt/fmt": nil}}}
	want := "what main gave to engine.ServeWorker: symbols: package fmt is there already: it is one of the standard library's or scriptd's own"
	if err := c.useSymbols(map[string]string{"fmt": ""}); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
