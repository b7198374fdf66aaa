package sources_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestTreeLinks(t *testing.T) {
	tests := []struct {
		name, dir string
		link      string
		target    string
		want      string // path and content of the link's copy; empty: left out
	}{
		{"to a file beside it", "", "link", "a.go", "link 644 content of a.go"},
		{"to a file below", "", "link", "sub/b.go", "link 644 content of sub/b.go"},
		{"to a file above", "", "sub/link", "../a.go", "sub/link 644 content of a.go"},
		{"with dots", "", "sub/link", "./../sub/./b.go", "sub/link 644 content of sub/b.go"},
		{"to an executable", "", "link", "run.sh", "link 755 #!"},
		{"through another link", "", "link", "chain", "link 644 content of a.go"},
		{"to nothing", "", "link", "missing", ""},
		{"to a folder", "", "link", "sub", ""},
		{"to the root", "", "sub/link", "..", ""},
		{"to itself", "", "link", "link", ""},
		{"in a circle", "", "link", "circle", ""},
		{"through a link to a folder", "", "link", "folder/b.go", "link 644 content of sub/b.go"},
		{"out of a link to a folder", "", "link", "deep/../b.go", "link 644 content of sub/b.go"},
		{"out of a link to a folder, further than it reads", "", "link", "deep/../../a.go", "link 644 content of a.go"},
		{"to a version control file", "", "link", ".git/config", ""},
		{"to a path with a backslash", "", "link", `..\..\x`, ""},
		{"to the empty path", "", "link", "", ""},
		{"within the selected folder", "sub", "sub/link", "b.go", "link 644 content of sub/b.go"},
		{"out of the selected folder and back", "sub", "sub/link", "../sub/b.go", "link 644 content of sub/b.go"},
		{"to the selected folder", "sub", "sub/link", "../sub", ""},
		{"past its own name beside the selected folder", "sub", "sub/link", "../link/../sub/b.go", "link 644 content of sub/b.go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{})
			add(t, tree, "a.go", "sub/b.go", "sub/deep/c.go", ".git/config")
			if err := tree.Add("run.sh", 0o755, strings.NewReader("#!")); err != nil {
				t.Fatal(err)
			}
			for link, target := range map[string]string{
				"chain": "a.go", "circle": "link", "folder": "sub", "deep": "sub/deep", tt.link: tt.target,
			} {
				if err := tree.Link(link, target); err != nil {
					t.Fatal(err)
				}
			}
			got := ""
			for _, line := range list(t, tree) {
				if name, _, _ := strings.Cut(line, " "); strings.TrimPrefix(tt.link, tt.dir+"/") == name {
					got = line
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A mounted ConfigMap, or a projected volume: what people see are links through ..data, which is a link to the folder
// that has the files of one moment, and is replaced.
func TestTreeLinksThroughAFolderThatIsReplaced(t *testing.T) {
	moment := []string{"..m1/a.go content of ..m1/a.go", "..m1/sub/b.go content of ..m1/sub/b.go"}
	tests := []struct {
		name, dir string
		links     []string // pairs of link and target
		want      []string // but the files of ..m1; path and content
	}{
		{"a file", "", []string{"a.go", "..data/a.go"}, []string{"a.go content of ..m1/a.go"}},
		{"a file in a folder", "", []string{"b.go", "..data/sub/b.go"}, []string{"b.go content of ..m1/sub/b.go"}},
		{"a folder", "", []string{"sub", "..data/sub"}, []string{"sub/b.go content of ..m1/sub/b.go"}},
		{
			"a folder by two names", "",
			[]string{"s1", "..data/sub", "s2", "s1"},
			[]string{"s1/b.go content of ..m1/sub/b.go", "s2/b.go content of ..m1/sub/b.go"},
		},
		{"all of it", "", []string{"all", "..data"}, []string{"all/a.go content of ..m1/a.go", "all/sub/b.go content of ..m1/sub/b.go"}},
		{
			"a file by a link in the folder", "",
			[]string{"..m1/sub/up.go", "../a.go", "sub", "..data/sub"},
			[]string{"..m1/sub/up.go content of ..m1/a.go", "sub/b.go content of ..m1/sub/b.go", "sub/up.go content of ..m1/a.go"},
		},
		{
			"a folder by a link in the folder is left out", "",
			[]string{"..m1/sub/all", "..", "sub", "..data/sub"},
			[]string{"sub/b.go content of ..m1/sub/b.go"},
		},
		{"a folder with a name that begins like another's", "", []string{"s", "..data/su"}, nil},
		{"a folder below another name with a dot", "", []string{".sub", "..data/sub", "x/.y/z", "../../..data/sub"}, nil},
		{"in the selected folder", "mount", []string{"mount/sub", "..data/sub"}, []string{"sub/b.go content of ..m1/sub/b.go"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{})
			links := append([]string{path.Join(tt.dir, "..data"), "..m1"}, tt.links...)
			for i := 0; i < len(links); i += 2 {
				if err := tree.Link(links[i], links[i+1]); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"..m1/a.go", "..m1/sub/b.go"} {
				if err := tree.Add(path.Join(tt.dir, name), 0o644, strings.NewReader("content of "+name)); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, line := range list(t, tree) {
				got = append(got, strings.Replace(line, " 644", "", 1))
			}
			want := append(slices.Clone(moment), tt.want...)
			slices.Sort(want)
			equal(t, got, want)
		})
	}
}

func TestTreeBoundsTheCopiesOfFolders(t *testing.T) {
	tests := []struct {
		name   string
		limits sources.Limits
		want   string
	}{
		{"files", sources.Limits{Files: 5}, `file "l2/b": the tree has more than 5 files`},
		{"bytes", sources.Limits{Bytes: 60}, `file "l2/a": the tree has more than 60 bytes`},
		{"depth", sources.Limits{Depth: 1}, `file ".m/a": the path has 2 elements, the limit is 1`},
		{"length of paths", sources.Limits{PathBytes: 4}, `file "long/a": the path has 6 bytes, the limit is 4`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{}, tt.limits)
			for _, name := range []string{".m/a", ".m/b"} {
				_ = tree.Add(name, 0o644, strings.NewReader("content of "+name)) // Seal says it again
			}
			for _, link := range []string{"l1", "l2", "long"} {
				_ = tree.Link(link, ".m")
			}
			_, err := tree.Seal()
			sourcetest.WantError(t, err, sources.Refused, tt.want)
		})
	}
}

func TestFollowLinks(t *testing.T) {
	links := map[string]string{"current": "releases/42", "releases/latest": "42", "out": "../x", "abs": "/etc", "self": "self", "loop/a": "../loop"}
	tests := []struct{ name, path, want, err string }{
		{"no link", "a/b", "a/b", ""},
		{"nothing", "", ".", ""},
		{"a link", "current", "releases/42", ""},
		{"below a link", "current/sub/a.go", "releases/42/sub/a.go", ""},
		{"out of a link", "current/../latest/a", "releases/42/a", ""},
		{"in circles, to an end", "loop/a/a/a/b", "loop/b", ""},
		{"a link to itself", "self", "", "it leads in a circle"},
		{"up and out", "a/../../b", "", "it leads out of the tree"},
		{"a link out", "out", "", "it leads out of the tree"},
		{"an absolute link", "abs/passwd", "", "it leads out of the tree"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sources.FollowLinks(tt.path, func(name string) (string, bool) {
				target, ok := links[name]
				return target, ok
			})
			if got != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got %q, %v, want %q, %q", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestTreeRefusesLinks(t *testing.T) {
	tests := []struct {
		name, dir    string
		link, target string
		want         string
	}{
		{"absolute", "", "link", "/etc/passwd", `file "link": it is a link to "/etc/passwd", outside the tree`},
		{"out of the root", "", "a/link", "../../etc/passwd", `file "a/link": it is a link to "../../etc/passwd", outside the tree`},
		{"to the parent", "", "link", "..", "outside the tree"},
		{"out and back", "", "link", "../repo/a.go", "outside the tree"},
		{"out of the selected folder", "plugins", "plugins/link", "../a.go", "outside the tree"},
		{"through an absolute link", "", "link", "abs/passwd", `file "abs": it is a link to "/etc", outside the tree`},
		{"out by a link to a folder", "", "link", "deep/../../../x", "outside the tree"},
		{"to a folder beside the selected one", "plugins", "plugins/link", "../plugins2/a.go", "outside the tree"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{})
			add(t, tree, "plugins/a.go", "a/deep/b.go")
			links := map[string]string{tt.link: tt.target, "deep": "a/deep"}
			if strings.HasPrefix(tt.target, "abs/") {
				links["abs"] = "/etc"
			}
			for link, target := range links {
				if err := tree.Link(link, target); err != nil {
					t.Fatal(err)
				}
			}
			_, err := tree.Seal()
			sourcetest.WantError(t, err, sources.Refused, tt.want)
		})
	}
}

func TestTreeRefusesLongLinks(t *testing.T) {
	tree := sources.NewTree(sources.Selection{}, sources.Limits{PathBytes: 5})
	sourcetest.WantError(t, tree.Link("link", "123456"), sources.Refused, `file "link": it is a link to a path of 6 bytes, the limit is 5`)
}

func TestTreeCountsTheCopiesOfLinks(t *testing.T) {
	tree := sources.NewTree(sources.Selection{}, sources.Limits{Bytes: 30})
	if err := tree.Add("a", 0o644, strings.NewReader("ten bytes.")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"l1", "l2", "l3"} {
		if err := tree.Link(name, "a"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := tree.Seal()
	sourcetest.WantError(t, err, sources.Refused, `file "l3": the tree has more than 30 bytes`)

	tree = sources.NewTree(sources.Selection{}, sources.Limits{Files: 1})
	add(t, tree, "a")
	sourcetest.WantError(t, tree.Link("l", "a"), sources.Refused, "more than 1 files")
}
