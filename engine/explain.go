package engine

import (
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Explain says why no plugin of that name is registered: runtime.Problems of the package that mentions the name and did
// not load, the errors of the sources that have nothing to serve, or ErrNotFound. It is nil where there is one.
func (e *Engine) Explain(name string) error {
	_, err := e.find(name)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	var problems runtime.Problems
	var missing []error
	for _, s := range e.sources {
		s.mu.Lock()
		for _, m := range s.members {
			switch p := m.last; {
			case p == nil || !p.mentions[name]:
			case p.quarantined:
				missing = append(missing, fmt.Errorf("%w: %s", ErrQuarantined, p.why))
			default:
				problems = append(problems, p.problems...)
			}
		}
		if s.originErr != nil && s.live.Digest == "" {
			missing = append(missing, fmt.Errorf("source %s: %w", s.Name, s.originErr))
		}
		s.mu.Unlock()
	}
	switch {
	case len(problems) > 0:
		return problems
	case len(missing) > 0:
		return errors.Join(missing...)
	default:
		return err
	}
}
