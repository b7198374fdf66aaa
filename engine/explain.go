package engine

import (
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Explain says why no plugin of that name is registered: runtime.Problems of the package that mentions the name and did
// not load, the errors of the sources that have nothing to serve, or ErrNotFound. It is nil where there is one.
func (e *Engine) Explain(name string) error {
	target, err := e.pin(name)
	if err == nil {
		target.gen.unpin()
		return nil
	}
	if errors.Is(err, ErrClosed) {
		return err
	}
	var problems runtime.Problems
	var missing []error
	for _, s := range e.sources {
		s.mu.Lock()
		for _, p := range s.packages {
			if p.mentions[name] {
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
