package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/scriptd/scriptd/sources"
)

func faultCases() []testCase {
	breaks := func(h Harness) bool { return h.Break != nil }
	network := func(h Harness) bool { return h.Stall != nil && h.Cut != nil }
	return []testCase{
		{name: "an origin that does not exist is named", run: func(t *trial) {
			src, name := t.Missing()
			_, err := src.Resolve(t.Context())
			t.fails(err, kinds(sources.NotFound), name)
			t.Write(Text("a", "a"))
			rev := t.resolve(t.Open())
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			t.fails(src.Fetch(t.Context(), rev, tree), kinds(sources.NotFound), name)
		}, needs: func(h Harness) bool { return h.Missing != nil }},
		{name: "an origin that is down recovers", run: func(t *trial) {
			files := Text("a.go", "a")
			t.Write(files)
			src := t.Open()
			rev := t.resolve(src)
			for range 2 {
				restore := t.Break()
				_, err := src.Resolve(t.Context())
				t.fails(err, kinds(t.BrokenKind))
				tree := sources.NewTree(sources.Selection{}, sources.Limits{})
				if err := src.Fetch(t.Context(), rev, tree); err != nil {
					t.fails(err, kinds(t.BrokenKind))
				} else { // it has kept what it fetched before
					t.check(t.seal(tree), files)
				}
				restore()
				if got := t.resolve(src); got != rev {
					t.Errorf("the revision is %s, it was %s", got, rev)
				}
				t.check(t.fetch(src, rev, ""), files)
			}
		}, needs: breaks},
		{name: "an origin that does not answer does not hold up", run: func(t *trial) {
			t.Write(Text("a.go", noise(40_000)))
			src := t.Open()
			rev := t.resolve(src)
			for _, after := range []int64{0, 20, 20_000} {
				restore := t.Stall(after)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				ended := make(chan error, 2)
				go func() {
					_, err := src.Resolve(ctx)
					ended <- err
				}()
				go func() { ended <- src.Fetch(ctx, rev, sources.NewTree(sources.Selection{}, sources.Limits{})) }()
				for range cap(ended) {
					select {
					case err := <-ended:
						// A short answer may have come through.
						if err == nil && after > 0 {
							continue
						}
						t.fails(err, kinds(sources.Transient))
						if !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("the error hides that the context ended: %v", err)
						}
					case <-time.After(30 * time.Second):
						t.Fatal("it still waits, long after its context ended")
					}
				}
				cancel()
				restore()
			}
		}, needs: network},
		{name: "an answer that is cut short is not taken", run: func(t *trial) {
			files := Text("a.go", noise(10_000), "b.go", noise(20_000), "dir/c.go", "c")
			t.Write(files)
			src := t.Open()
			rev := t.resolve(src)
			for _, after := range []int64{20, 250, 600, 2_000, 15_000} {
				restore := t.Cut(after)
				got, err := src.Resolve(t.Context())
				if err != nil {
					t.fails(err, kinds(sources.Transient))
				} else if got != rev {
					t.Errorf("cut after %d bytes, the revision is %s, and was %s", after, got, rev)
				}
				tree := sources.NewTree(sources.Selection{}, sources.Limits{})
				if err := src.Fetch(t.Context(), rev, tree); err != nil {
					t.fails(err, kinds(sources.Transient))
				} else {
					t.check(t.seal(tree), files)
				}
				restore()
			}
			t.check(t.fetch(src, rev, ""), files)
		}, needs: network},
		{name: "a cancelled context ends it", run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			rev := t.resolve(src)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := src.Fetch(ctx, rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
			t.fails(err, kinds(sources.Transient))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the error hides that the context ended: %v", err)
			}
			t.check(t.fetch(src, rev, ""), Text("a.go", "a"))
		}},
		{name: "nothing stays behind", run: func(t *trial) {
			t.Write(Text("a.go", "a", "b.go", "b"))
			warm := t.Open()
			t.fetch(warm, t.resolve(warm), "")
			before := runtime.NumGoroutine()
			for range 3 {
				src := t.Open()
				t.fetch(src, t.resolve(src), "")
			}
			eventually(t.T, "goroutines end", func() bool { return runtime.NumGoroutine() <= before })
		}},
	}
}

// noise is text of n bytes that does not compress well, and is always the same.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "%x\n", random.Uint64())
	}
	return b.String()[:n]
}
