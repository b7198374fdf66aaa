package engine

import (
	"cmp"
	"fmt"
	"time"
)

// defaultPolicy holds where neither the package nor its source says otherwise.
var defaultPolicy = Policy{
	Queue: 64,
	Grace: time.Second,
	Drain: 30 * time.Second,
	Retry: Retry{Attempts: 1, Backoff: 100 * time.Millisecond},
}

// over returns p with the fields of q where p has none.
func (p Policy) over(q Policy) Policy {
	return Policy{
		Timeout:     cmp.Or(p.Timeout, q.Timeout),
		Concurrency: cmp.Or(p.Concurrency, q.Concurrency),
		Queue:       cmp.Or(p.Queue, q.Queue),
		Grace:       cmp.Or(p.Grace, q.Grace),
		Drain:       cmp.Or(p.Drain, q.Drain),
		Retry: Retry{
			Attempts: cmp.Or(p.Retry.Attempts, q.Retry.Attempts),
			Backoff:  cmp.Or(p.Retry.Backoff, q.Retry.Backoff),
		},
		Quarantine: cmp.Or(p.Quarantine, q.Quarantine),
	}
}

// check returns what of p cannot be.
func (p Policy) check() error {
	for _, d := range []struct {
		name string
		d    time.Duration
	}{{"timeout", p.Timeout}, {"grace", p.Grace}, {"drain", p.Drain}, {"backoff", p.Retry.Backoff}} {
		if d.d < 0 {
			return fmt.Errorf("negative %s %s", d.name, d.d)
		}
	}
	for _, n := range []struct {
		name string
		n    int
	}{{"concurrency", p.Concurrency}, {"number of attempts", p.Retry.Attempts}, {"quarantine", p.Quarantine}} {
		if n.n < 0 {
			return fmt.Errorf("negative %s %d", n.name, n.n)
		}
	}
	return nil
}

// policy is that of a package.
func (s *source) policy(p Package) Policy { return p.Policy.over(s.Policy).over(defaultPolicy) }
