package sourcetest

import (
	"fmt"
	"sync"

	"github.com/scriptd/scriptd/sources"
)

func concurrencyCases() []testCase {
	return []testCase{
		{name: "many at once", run: func(t *trial) {
			files := Text("a.go", "a", "dir/b.go", "b", "dir/c.go", "c")
			t.Write(files)
			src := t.Open()
			want := t.resolve(src)
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() {
					rev, got, err := t.poll(src)
					if err != nil || rev != want {
						t.Errorf("revision %s, %v, want %s", rev, err, want)
					}
					t.check(got, files)
				})
			}
			wg.Wait()
		}},
		{name: "a revision is fetched whole or not at all while the origin changes", run: func(t *trial) {
			state := func(i int) Files {
				s := fmt.Sprint("state ", i)
				return Text("a.go", s, "dir/b.go", s, "z.go", s)
			}
			t.Write(state(0))
			src := t.Open()
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				seen := map[sources.Revision]string{}
				for {
					select {
					case <-stop:
						return
					default:
					}
					rev, got, err := t.poll(src)
					if err != nil {
						t.fails(err, kinds(sources.Transient, sources.NotFound))
						continue
					}
					if t.Atomic && (got["a.go"] != got["dir/b.go"] || got["a.go"] != got["z.go"]) {
						t.Errorf("revision %s is of several states: %v", rev, got)
					}
					if before, ok := seen[rev]; ok && before != fmt.Sprint(got) {
						t.Errorf("revision %s is once %v and once %v", rev, before, got)
					}
					seen[rev] = fmt.Sprint(got)
				}
			})
			for i := range 12 {
				t.Write(state(i + 1))
			}
			close(stop)
			wg.Wait()
			t.check(t.fetch(src, t.resolve(src), ""), state(12))
		}},
	}
}

// poll resolves and fetches. It is for any goroutine.
func (t *trial) poll(src sources.Source) (sources.Revision, map[string]string, error) {
	rev, err := src.Resolve(t.Context())
	if err != nil {
		return "", nil, err
	}
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		return rev, nil, err
	}
	got, err := read(tree)
	return rev, got, err
}
