package config

import "github.com/scriptd/scriptd/engine"

// policy returns how calls are run. What is left out is zero.
func (b *builder) policy(k *callKeys) engine.Policy {
	return engine.Policy{
		Timeout:     b.duration(&k.Timeout),
		Concurrency: int(k.Concurrency.n),
		Queue:       k.Queue.n,
		Grace:       b.duration(&k.Grace),
		Drain:       b.duration(&k.Drain),
		Retry: engine.Retry{
			Attempts: int(k.Retry.Attempts.n),
			Backoff:  b.duration(&k.Retry.Backoff),
		},
		Quarantine: int(k.Quarantine.n),
	}
}

// selfTest returns nil where there is none.
func (b *builder) selfTest(s *selfTestSection) *engine.SelfTest {
	if !s.there() {
		return nil
	}
	return &engine.SelfTest{
		Plugin: b.name(&s.Plugin),
		Params: b.plain(&s.Params),
		Fails:  s.Success.set && !s.Success.on,
	}
}

// plain returns values that are shown like everything else in the options, and so stand for no secrets. It is nil where
// there are none.
func (b *builder) plain(vs *values) map[string]any {
	if vs.root == nil {
		return nil
	}
	// The lookup notes what is wrong and does not fail.
	written, _ := resolveMap(vs.root, func(t *text) (string, error) {
		if t.hasReferences() {
			b.add(t.at, "%s: the parameters of a self-test hold no references: the package's config is the place for them", t.label)
			return "", nil
		}
		return b.value(t), nil
	})
	return written
}

// copyOf returns a self-test that shares nothing with s.
func copyOf(s *engine.SelfTest) *engine.SelfTest {
	if s == nil {
		return nil
	}
	c := *s
	if s.Params != nil {
		// There is nothing left to look up.
		c.Params, _ = resolveMap(s.Params, nil)
	}
	return &c
}

func (b *builder) activation(t *text) engine.Activation {
	s, ok := b.text(t)
	activation := engine.Activation(s)
	if ok && activation != engine.ActivatePackage && activation != engine.ActivateTree {
		b.add(t.at, "%s: want %s or %s, got %q", t.label, engine.ActivatePackage, engine.ActivateTree, t.raw)
	}
	return activation
}
