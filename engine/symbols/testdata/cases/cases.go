// Package cases is a plugin that uses a host's packages in many ways. What it does compiled, it has to do interpreted.
package cases

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/scriptd/scriptd/plugin"
)

// Params name a case.
type Params struct {
	Name string `json:"name"`
}

// Register adds one plugin that runs them all.
func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "cases"}, func(ctx context.Context, p Params) (string, error) {
		return Run(ctx, p.Name), nil
	})
}

// Names are those of the cases.
func Names() []string {
	return slices.Concat(slices.Sorted(maps.Keys(cases)), slices.Sorted(maps.Keys(more)))
}

// Limits are the names of cases in which a host sees what it would not see of compiled values.
func Limits() []string { return slices.Sorted(maps.Keys(limits)) }

// Run runs one case and returns what it says, its panic included.
func Run(ctx context.Context, name string) (said string) {
	defer func() {
		if v := recover(); v != nil {
			said += fmt.Sprint("panic: ", v)
		}
	}()
	if limit, ok := limits[name]; ok {
		return limit(ctx)
	}
	if f, ok := more[name]; ok {
		return f(ctx)
	}
	return cases[name](ctx)
}

var cases = map[string]func(context.Context) string{
	"structs": structs, "methods": methods, "promoted": promoted, "pointers": pointers, "literals": literals,
	"constants": constants, "enumerations": enumerations, "variables": variables, "functions": functions,
	"sentinels": sentinels, "error types": errorTypes, "own errors": ownErrors, "errors through the host": errorsThrough,
	"interfaces": interfaces, "own values in interfaces": ownValues, "assertions": assertions, "streams": streams,
	"JSON": jsonForms, "JSON of own types": ownJSON, "JSON through the host": jsonThrough, "printing": printing,
	"maps": mapsOf, "slices": slicesOf, "channels": channels, "instances": instances, "hidden types": hidden,
	"sealed": sealed, "embedding": embedding, "aliases": aliases, "generics": generics, "other packages": others,
	"comparison": comparison, "own types over the host's": overHost, "closures": closures, "reflection": reflection,
	"switches": switches, "structs in any": inAny, "conversions": conversions, "method values": methodValues,
}
