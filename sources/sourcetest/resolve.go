package sourcetest

import (
	"strings"
	"unicode"

	"github.com/scriptd/scriptd/sources"
)

func resolveCases() []testCase {
	changes := func(change func(*trial)) func(*trial) {
		return func(t *trial) {
			t.Write(Text("a.go", "a", "dir/b.go", "b"))
			src := t.Open()
			before := t.resolve(src)
			change(t)
			if after := t.resolve(src); after == before {
				t.Errorf("the revision is still %s", after)
			}
		}
	}
	return []testCase{
		{name: "a revision is a printable word", run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			rev := string(t.resolve(t.Open()))
			if rev == "" || len(rev) > 100 || strings.ContainsFunc(rev, func(r rune) bool {
				return unicode.IsSpace(r) || !unicode.IsPrint(r)
			}) {
				t.Errorf("revision %q", rev)
			}
		}},
		{name: "the same state has the same revision", run: func(t *trial) {
			t.Write(Text("a.go", "a", "dir/b.go", "b"))
			src := t.Open()
			first := t.resolve(src)
			for range 3 {
				if again := t.resolve(src); again != first {
					t.Errorf("first %s, then %s", first, again)
				}
			}
		}},
		{name: "two sources of an origin agree", run: func(t *trial) {
			t.Write(Text("a.go", "a", "dir/b.go", "b"))
			if one, other := t.resolve(t.Open()), t.resolve(t.Open()); one != other {
				t.Errorf("one says %s, the other %s", one, other)
			}
		}},
		{name: "changed content is another revision", run: changes(func(t *trial) {
			t.Write(Text("a.go", "z"))
		})},
		{name: "a change that keeps the size is another revision", run: func(t *trial) {
			src := t.Open()
			seen := map[sources.Revision]string{}
			for _, content := range []string{"one", "two", "six", "ten", "1st"} {
				t.Write(Text("a.go", content))
				rev := t.resolve(src)
				if other, ok := seen[rev]; ok {
					t.Errorf("%q has the revision of %q", content, other)
				}
				seen[rev] = content
			}
		}},
		{name: "a new file is another revision", run: changes(func(t *trial) {
			t.Write(Text("dir/c.go", "c"))
		})},
		{name: "a new empty file is another revision", run: changes(func(t *trial) {
			t.Write(Text("empty", ""))
		})},
		{name: "a removed file is another revision", run: changes(func(t *trial) {
			t.Remove("dir/b.go")
		})},
		{name: "a renamed file is another revision", run: changes(func(t *trial) {
			t.Remove("a.go")
			t.Write(Text("z.go", "a"))
		})},
		{name: "a moved boundary of names is another revision", run: changes(func(t *trial) {
			t.Remove("dir/b.go")
			t.Write(Text("di", "b", "r/b.go", ""))
		})},
		{name: "an execute bit is another revision", run: changes(func(t *trial) {
			t.Write(Files{"a.go": {Content: "a", Exec: true}})
		}), needs: func(h Harness) bool { return h.Modes }},
		{name: "another target of a link is another revision", run: changes(func(t *trial) {
			t.Write(Files{"l": {Link: "a.go"}})
			before := t.resolve(t.Open())
			t.Write(Files{"l": {Link: "dir/b.go"}})
			if t.resolve(t.Open()) == before {
				t.Error("the revision is the same")
			}
		}), needs: func(h Harness) bool { return h.Links }},
		{name: "files that return have their old revision", run: func(t *trial) {
			t.Write(Text("a.go", "one"))
			src := t.Open()
			before := t.resolve(src)
			t.Write(Text("a.go", "two"))
			t.resolve(src)
			t.Write(Text("a.go", "one"))
			if after := t.resolve(src); after != before {
				t.Errorf("first %s, then %s", before, after)
			}
		}, needs: func(h Harness) bool { return !h.History }},
		{name: "files that are written again unchanged keep their revision", run: func(t *trial) {
			t.Write(Text("a.go", "one"))
			src := t.Open()
			before := t.resolve(src)
			t.Write(Text("a.go", "one"))
			if after := t.resolve(src); after != before {
				t.Errorf("first %s, then %s", before, after)
			}
		}, needs: func(h Harness) bool { return !h.History }},
	}
}
