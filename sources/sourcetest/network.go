package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/sources"
)

// networkCases are about a network between the source and its origin that fails. What a source fetches through it is as it
// was written, or an error that a later try may not have.
func networkCases() []testCase {
	files := Text("a.go", noise(30_000), "dir/b.go", noise(20_000), "c.go", "c")
	through := func(run func(t *trial, p *Proxy, src sources.Source)) func(*trial) {
		return func(t *trial) {
			t.Write(files)
			p := NewProxy(t, t.Server)
			src := t.Via(p.Addr())
			t.check(t.fetch(src, t.resolve(src), ""), files)
			run(t, p, src)
			// It recovers, and so does one that has seen nothing else.
			t.check(t.fetch(src, t.resolve(src), ""), files)
			other := t.Via(p.Addr())
			t.check(t.fetch(other, t.resolve(other), ""), files)
		}
	}
	transient := func(t *trial, err error) {
		t.Helper()
		t.fails(err, kinds(sources.Transient))
	}
	cases := []testCase{
		{name: "a server that is down", run: through(func(t *trial, p *Proxy, src sources.Source) {
			defer p.Down()()
			_, err := src.Resolve(t.Context())
			transient(t, err)
		})},
		{name: "a black hole", run: through(func(t *trial, p *Proxy, src sources.Source) {
			defer p.Poison("timeout", "upstream", map[string]int64{"timeout": 0})()
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			defer cancel()
			_, err := src.Resolve(ctx)
			transient(t, err)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error hides that the context ended: %v", err)
			}
		})},
		{name: "connections that are reset", run: through(func(t *trial, p *Proxy, src sources.Source) {
			defer p.Poison("reset_peer", "downstream", map[string]int64{"timeout": 0})()
			_, err := src.Resolve(t.Context())
			transient(t, err)
		})},
		{name: "a slow network that cuts everything small", run: through(func(t *trial, p *Proxy, src sources.Source) {
			defer p.Poison("slicer", "downstream", map[string]int64{"average_size": 300, "size_variation": 200, "delay": 10})()
			defer p.Poison("latency", "upstream", map[string]int64{"latency": 20, "jitter": 10})()
			other := t.Via(p.Addr())
			t.check(t.fetch(other, t.resolve(other), ""), files)
		})},
	}
	for percent := int64(0); percent < 100; percent += 10 {
		cases = append(cases, testCase{name: fmt.Sprintf("a transfer that ends after %d %%", percent), run: through(func(t *trial, p *Proxy, src sources.Source) {
			rev := t.resolve(src)
			wire := NewWire(t, t.Server)
			counted := t.Via(wire.Addr())
			t.fetch(counted, rev, "")
			defer p.Poison("limit_data", "downstream", map[string]int64{"bytes": wire.Take().Received * percent / 100})()
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			if err := t.Via(p.Addr()).Fetch(t.Context(), rev, tree); err != nil {
				transient(t, err)
			} else { // what is fetched object by object may come through
				t.check(t.seal(tree), files)
			}
		})})
	}
	for i := range cases {
		cases[i].needs = func(h Harness) bool { return h.Via != nil }
	}
	return cases
}
