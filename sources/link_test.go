package sources_test

import (
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
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
			wantError(t, err, sources.Refused, tt.want)
		})
	}
}

func TestTreeRefusesLongLinks(t *testing.T) {
	tree := sources.NewTree(sources.Selection{}, sources.Limits{PathBytes: 5})
	wantError(t, tree.Link("link", "123456"), sources.Refused, `file "link": it is a link to a path of 6 bytes, the limit is 5`)
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
	wantError(t, err, sources.Refused, `file "l3": the tree has more than 30 bytes`)

	tree = sources.NewTree(sources.Selection{}, sources.Limits{Files: 1})
	add(t, tree, "a")
	wantError(t, tree.Link("l", "a"), sources.Refused, "more than 1 files")
}
