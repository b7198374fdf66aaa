package sourcetest

import (
	"strings"

	"github.com/scriptd/scriptd/sources"
)

func fetchCases() []testCase {
	two := Text("a.go", "a", "dir/b.go", "b")
	return []testCase{
		{name: "a fetch has all files and no other", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			t.check(t.fetch(src, t.resolve(src), ""), two)
		}},
		{name: "a fetch can be repeated", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			rev := t.resolve(src)
			for range 3 {
				t.check(t.fetch(src, rev, ""), two)
			}
		}},
		{name: "another source fetches the revision", run: func(t *trial) {
			t.Write(two)
			rev := t.resolve(t.Open())
			t.check(t.fetch(t.Open(), rev, ""), two)
		}},
		{name: "a fetch does not seal the tree", run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			if err := src.Fetch(t.Context(), t.resolve(src), tree); err != nil {
				t.Fatal(err)
			}
			if err := tree.Add("mine", 0o644, strings.NewReader("mine")); err != nil {
				t.Fatal(err)
			}
			t.check(t.seal(tree), Text("a.go", "a", "mine", "mine"))
		}},
		{name: "a change is fetched", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			t.fetch(src, t.resolve(src), "")
			t.Write(Text("a.go", "new", "c.go", "c"))
			t.check(t.fetch(src, t.resolve(src), ""), Text("a.go", "new", "dir/b.go", "b", "c.go", "c"))
		}},
		{name: "a removed file is gone", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			t.fetch(src, t.resolve(src), "")
			t.Remove("dir/b.go")
			t.check(t.fetch(src, t.resolve(src), ""), Text("a.go", "a"))
		}},
		{name: "what was changed back is as it was", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			t.fetch(src, t.resolve(src), "")
			t.Write(Text("a.go", "other"))
			t.fetch(src, t.resolve(src), "")
			t.Write(Text("a.go", "a"))
			t.check(t.fetch(src, t.resolve(src), ""), two)
		}},
		{name: "a file becomes a folder and a file again", run: func(t *trial) {
			t.Write(Text("keep", "k", "a", "file"))
			src := t.Open()
			t.check(t.fetch(src, t.resolve(src), ""), Text("keep", "k", "a", "file"))
			t.Remove("a")
			t.Write(Text("a/b", "below"))
			t.check(t.fetch(src, t.resolve(src), ""), Text("keep", "k", "a/b", "below"))
			t.Remove("a/b")
			t.Write(Text("a", "file"))
			t.check(t.fetch(src, t.resolve(src), ""), Text("keep", "k", "a", "file"))
		}},
		{name: "an older revision is fetched as it was, or not at all", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			rev := t.resolve(src)
			t.Write(Text("a.go", "new"))
			for _, src := range []sources.Source{src, t.Open()} {
				tree := sources.NewTree(sources.Selection{}, sources.Limits{})
				if err := src.Fetch(t.Context(), rev, tree); err != nil {
					t.fails(err, kinds(sources.Transient, sources.NotFound))
					continue
				}
				t.check(t.seal(tree), two)
			}
		}},
		{name: "an older revision is not refused for what came later", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			rev := t.resolve(src)
			t.Write(Text("later", strings.Repeat("x", 1000)))
			tree := sources.NewTree(sources.Selection{}, sources.Limits{FileBytes: 999})
			if err := t.Open().Fetch(t.Context(), rev, tree); err != nil {
				t.fails(err, kinds(sources.Transient, sources.NotFound))
			} else {
				t.check(t.seal(tree), two)
			}
		}},
		{name: "a revision that never was is not fetched", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			t.resolve(src)
			for _, rev := range []sources.Revision{
				"", "main", "HEAD", "../../etc/passwd", "a b\nc", "sha256:", "--upload-pack=x",
				sources.Revision(strings.Repeat("0", 40)), sources.Revision(strings.Repeat("1", 40)),
				sources.Revision("sha256:" + strings.Repeat("0", 64)),
			} {
				tree := sources.NewTree(sources.Selection{}, sources.Limits{})
				t.fails(src.Fetch(t.Context(), rev, tree), kinds(sources.Transient, sources.NotFound))
			}
		}},
		{name: "only the selected folder is fetched", run: func(t *trial) {
			t.Write(Text("a.go", "a", "dir/b.go", "b", "dir/sub/c.go", "c", "dir2/d.go", "d"))
			src := t.Open()
			rev := t.resolve(src)
			t.check(t.fetch(src, rev, "dir"), Text("b.go", "b", "sub/c.go", "c"))
			t.check(t.fetch(src, rev, "dir/sub"), Text("c.go", "c"))
			t.check(t.fetch(src, rev, "./dir2/"), Text("d.go", "d"))
		}},
		{name: "a selected folder that does not exist is named", run: func(t *trial) {
			t.Write(two)
			src := t.Open()
			for _, dir := range []string{"plugins", "dir/sub", "a.go"} {
				tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
				err := src.Fetch(t.Context(), t.resolve(src), tree)
				if err == nil {
					_, err = tree.Seal()
				}
				t.fails(err, kinds(sources.NotFound), dir)
			}
		}},
	}
}
