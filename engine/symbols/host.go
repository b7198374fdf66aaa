package symbols

import (
	"reflect"

	"github.com/scriptd/scriptd/engine/symbols/generic/host"
	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// Host is the import path of the compiled functions that the sources of a universe call. A plugin cannot import it.
const Host = "scriptd/host"

// hostTable is the table of the package Host.
func hostTable() *table {
	return &table{
		Package: stdlib.Package{Path: Host, Name: "host"},
		symbols: func() map[string]reflect.Value { return hostSymbols },
		sealed:  func() []reflect.Type { return nil },
	}
}

var hostSymbols = map[string]reflect.Value{
	"Bounds":         reflect.ValueOf(host.Bounds),
	"BoundsFrom":     reflect.ValueOf(host.BoundsFrom),
	"BoundsWithin":   reflect.ValueOf(host.BoundsWithin),
	"Pull":           reflect.ValueOf(host.Pull),
	"Sort":           reflect.ValueOf(host.Sort),
	"SortFunc":       reflect.ValueOf(host.SortFunc),
	"SortStableFunc": reflect.ValueOf(host.SortStableFunc),
}
