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
	return &table{Package: &stdlib.Package{Path: Host, Name: "host"}, load: hostSymbols}
}

func hostSymbols() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Bounds":          reflect.ValueOf(host.Bounds),
		"BoundsFrom":      reflect.ValueOf(host.BoundsFrom),
		"BoundsWithin":    reflect.ValueOf(host.BoundsWithin),
		"DriverValue":     reflect.ValueOf(host.DriverValue),
		"HKDFExpand":      reflect.ValueOf(host.HKDFExpand),
		"HKDFExtract":     reflect.ValueOf(host.HKDFExtract),
		"HKDFKey":         reflect.ValueOf(host.HKDFKey),
		"HashComparable":  reflect.ValueOf(host.HashComparable),
		"PBKDF2Key":       reflect.ValueOf(host.PBKDF2Key),
		"Pull":            reflect.ValueOf(host.Pull),
		"Scan":            reflect.ValueOf(host.Scan),
		"Sort":            reflect.ValueOf(host.Sort),
		"SortFunc":        reflect.ValueOf(host.SortFunc),
		"SortStableFunc":  reflect.ValueOf(host.SortStableFunc),
		"WriteComparable": reflect.ValueOf(host.WriteComparable),
	}
}
