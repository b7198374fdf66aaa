//go:build unix

package worker

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/symbols"
)

// useSymbols gives packages what those of the host's runtime have of the host's own: by import path, the fingerprints of tables.
// What main has given this process beyond that, for another runtime of its host, they do not see. The caller holds c.readying.
func (c *child) useSymbols(wanted map[string]string) error {
	if c.universe != nil {
		return nil
	}
	universe, err := c.universeOf(wanted)
	if err != nil {
		return err
	}
	c.universe, c.runtime, c.plans = universe, interp.With(universe), newPlans(universe)
	return nil
}

func (c *child) universeOf(wanted map[string]string) (*symbols.Universe, error) {
	if len(wanted) == 0 {
		return symbols.Std(), nil
	}
	const remedy = "pass the same symbols to engine.ServeWorker"
	all, err := symbols.With(c.tables...)
	if err != nil {
		return nil, fmt.Errorf("what main gave to engine.ServeWorker: %w", err)
	}
	have := all.Fingerprints()
	paths := slices.Sorted(maps.Keys(wanted))
	for _, path := range paths {
		switch fingerprint, ok := have[path]; {
		case !ok:
			return nil, fmt.Errorf("the process has no symbols of package %s, which its host has: %s", path, remedy)
		case fingerprint != wanted[path]:
			return nil, fmt.Errorf("the process has other symbols of package %s than its host: %s", path, remedy)
		}
	}
	return all.Select(paths), nil
}

// warmSymbols makes the packages that all plugins import.
func warmSymbols() {
	u := symbols.Std()
	for _, path := range []string{"context", symbols.SDK} {
		_, _ = u.Import(path) // whoever needs it hears of an error
	}
}
