//go:build unix

package worker

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scriptd/scriptd/engine/interp"
)

// useSymbols gives packages what those of the host's runtime have of the host's own: by import path, the fingerprints of tables.
// What this process has beyond that, for another runtime of its host, they do not see.
func (c *child) useSymbols(wanted map[string]string) error {
	const remedy = "pass the same symbols to engine.ServeWorker"
	if c.untabled != nil {
		return fmt.Errorf("what main gave to engine.ServeWorker: %w", c.untabled)
	}
	have := c.universe.Fingerprints()
	paths := slices.Sorted(maps.Keys(wanted))
	for _, path := range paths {
		switch fingerprint, ok := have[path]; {
		case !ok:
			return fmt.Errorf("the process has no symbols of package %s, which its host has: %s", path, remedy)
		case fingerprint != wanted[path]:
			return fmt.Errorf("the process has other symbols of package %s than its host: %s", path, remedy)
		}
	}
	if selected := c.universe.Select(paths); selected != c.universe {
		c.universe, c.runtime = selected, interp.With(selected)
	}
	return nil
}
