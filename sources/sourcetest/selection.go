package sourcetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/sources"
)

func selectionCases() []testCase {
	all := Text("a.go", "a", "a_test.go", "t", "docs/a.md", "m", "lib/b.go", "b", "lib/testdata/x", "x", "lib/docs/c.go", "c")
	selects := func(sel sources.Selection, limits sources.Limits, want ...string) func(*trial) {
		return func(t *trial) {
			t.Write(all)
			src := t.Open()
			tree := sources.NewTree(sel, limits)
			if err := src.Fetch(t.Context(), t.resolve(src), tree); err != nil {
				t.Fatal(err)
			}
			got := slices.Sorted(maps.Keys(t.seal(tree)))
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("files %s, want %s", got, want)
			}
		}
	}
	return []testCase{
		{name: "include takes what matches", run: selects(sources.Selection{Include: []string{"*.go"}}, sources.Limits{},
			"a.go", "a_test.go", "lib/b.go", "lib/docs/c.go")},
		{name: "exclude leaves out what matches", run: selects(sources.Selection{Exclude: []string{"*_test.go", "testdata/", "/docs/"}}, sources.Limits{},
			"a.go", "lib/b.go", "lib/docs/c.go")},
		{name: "both are relative to the selected folder", run: selects(
			sources.Selection{Dir: "lib", Include: []string{"*.go"}, Exclude: []string{"/docs/"}}, sources.Limits{}, "b.go")},
		{name: "what is excluded counts for nothing", run: selects(
			sources.Selection{Include: []string{"/lib/"}, Exclude: []string{"docs/", "testdata/"}}, sources.Limits{Files: 1, Bytes: 1}, "lib/b.go")},
		{name: "a selection may have nothing", run: selects(sources.Selection{Dir: "lib", Include: []string{"*.rs"}}, sources.Limits{})},
		{name: "an ignore file leaves out", run: func(t *trial) {
			t.Write(all)
			t.Write(Text(sources.IgnoreName, "# not these\n*_test.go\n/docs/\n", "lib/"+sources.IgnoreName, "testdata/\n"))
			src := t.Open()
			got := slices.Sorted(maps.Keys(t.fetch(src, t.resolve(src), "")))
			want := []string{sources.IgnoreName, "a.go", "lib/" + sources.IgnoreName, "lib/b.go", "lib/docs/c.go"}
			if !slices.Equal(got, want) {
				t.Errorf("files %s, want %s", got, want)
			}
		}},
		{name: "many changes, one by one", run: func(t *trial) {
			random := rand.New(rand.NewPCG(1, 2))
			now := Text("keep", "k")
			t.Write(now)
			src := t.Open()
			for step := range 20 {
				if names := slices.Sorted(maps.Keys(now)); len(names) > 3 && random.IntN(3) == 0 {
					gone := names[random.IntN(len(names))]
					t.Remove(gone)
					delete(now, gone)
				} else {
					next := Text(fmt.Sprintf("d%d/f%d", random.IntN(3), random.IntN(5)), noise(random.IntN(3000)+step))
					t.Write(next)
					maps.Copy(now, next)
				}
				t.check(t.fetch(src, t.resolve(src), ""), now)
			}
			other := t.Open()
			t.check(t.fetch(other, t.resolve(other), ""), now)
		}},
		{name: "a source of another selection does not disturb", run: func(t *trial) {
			t.Write(all)
			src := t.Open()
			rev := t.resolve(src)
			t.check(t.fetch(src, rev, "lib/docs"), Text("c.go", "c"))
			t.check(t.fetch(src, rev, ""), all)
			t.check(t.fetch(src, rev, "docs"), Text("a.md", "m"))
		}},
	}
}
