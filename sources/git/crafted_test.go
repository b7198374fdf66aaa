package git_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

// craft makes a tree that git itself would not make, of entries "mode name hash".
func craft(t *testing.T, repo *gitserver.Repo, entries ...string) string {
	t.Helper()
	var raw strings.Builder
	for _, e := range entries {
		mode, rest, _ := strings.Cut(e, " ")
		at := strings.LastIndex(rest, " ")
		hash, err := hex.DecodeString(rest[at+1:])
		if err != nil {
			t.Fatal(err)
		}
		raw.WriteString(mode + " " + rest[:at] + "\x00" + string(hash))
	}
	return input(t, repo, raw.String(), "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
}

func input(t *testing.T, repo *gitserver.Repo, in string, args ...string) string {
	t.Helper()
	out, err := repo.GitInput(t.Context(), in, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// commitTree makes a tree the only content of the branch main.
func commitTree(t *testing.T, repo *gitserver.Repo, tree string) {
	t.Helper()
	run(t, repo, "update-ref", "refs/heads/main", input(t, repo, "", "commit-tree", "-m", "Crafted", tree))
}

func TestCraftedTrees(t *testing.T) {
	dir, repo := newRepo(t)
	served := serve(t, dir, gitserver.Options{}).URL("plugins.git")
	blob := input(t, repo, "content", "hash-object", "-w", "--stdin")
	file := func(name string) string { return craft(t, repo, "100644 "+name+" "+blob) }
	folder := func(name, tree string) string { return craft(t, repo, "40000 "+name+" "+tree) }

	tests := []struct {
		name, tree string
		want       string // empty: it is taken
	}{
		{"a file above", file(".."), `file "..": the path has an element ".."`},
		{"a folder above", folder("..", file("x")), `file "../x": the path has an element ".."`},
		{"a folder above within", folder("a", folder("..", file("x"))), `file "a/../x"`},
		{"a file here", file("."), `the path has an element "."`},
		{"a slash", file("a/../../x"), "a file with a slash in its name"},
		{"an absolute name", file("/etc/passwd"), "a file with a slash in its name"},
		{"no name", file(""), "empty filename"},
		{"no name within", folder("a", file("")), `file "a": malformed tree: empty filename`},
		{"git's folder in another case", folder(".GIT", file("config")), "take for .git"},
		{"git's short name", folder("git~1", file("config")), "take for .git"},
		{"a backslash", file(`..\x`), "a backslash"},
		{"the same file twice", craft(t, repo, "100644 a "+blob, "100644 a "+blob), "it is there twice"},
		{"a file that is a folder", craft(t, repo, "100644 a "+blob, "40000 a "+file("b")), "a file and a folder"},
		{"modes that git does not know", craft(t, repo, "100644 a "+blob, "110000 b "+blob, "20000 c "+blob), ""},
		{"git's own folder", craft(t, repo, "40000 .git "+file("config"), "100644 a "+blob), ""},
		{"a mode of old", craft(t, repo, "100664 a "+blob), ""},
		{"an unusual mode", craft(t, repo, "100600 a "+blob), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			commitTree(t, repo, tt.tree)
			url := served
			if strings.Contains(tt.want, "empty filename") {
				url = repo.Dir // git does not send these
			}
			src := open(t, git.Options{URL: url})
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			err = src.Fetch(t.Context(), rev, tree)
			if tt.want != "" {
				wantError(t, err, sources.Refused, "git repository "+url, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(listTree(t, tree)); got != "[a content]" {
				t.Errorf("files %s", got)
			}
		})
	}
}

// A commit of a few kilobytes that describes a billion files, or folders, or folders within folders.
func TestBombs(t *testing.T) {
	dir, repo := newRepo(t)
	url := serve(t, dir, gitserver.Options{}).URL("plugins.git")
	blob := input(t, repo, "boom", "hash-object", "-w", "--stdin")
	nest := func(inner string, times, wide int) string {
		for range times {
			var entries []string
			for i := range wide {
				entries = append(entries, fmt.Sprintf("40000 d%d %s", i, inner))
			}
			inner = craft(t, repo, entries...)
		}
		return inner
	}
	tests := []struct {
		name, tree, dir, want string
	}{
		{"files", nest(craft(t, repo, "100644 a "+blob), 9, 10), "", "more than 10000 files"},
		{"folders", nest(craft(t, repo), 9, 10), "", "more than 100000 folders"},
		{"folders beside the selected one", nest(craft(t, repo), 9, 10), "d3", "more than 100000 folders"},
		{"folders within folders", nest(craft(t, repo, "100644 a "+blob), 600, 1), "", "512 within each other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			commitTree(t, repo, tt.tree)
			src := open(t, git.Options{URL: url})
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{}))
			wantError(t, err, sources.Refused, tt.want)
		})
	}
}

func TestSubmodulesAreLeftOut(t *testing.T) {
	dir, repo := newRepo(t)
	commit := push(t, repo, gitserver.Change{Files: files("a", "1")})
	push(t, repo, gitserver.Change{Files: files(".gitmodules", "x"), Submodules: files("vendor/lib", commit)})
	src := open(t, git.Options{URL: serve(t, dir, gitserver.Options{}).URL("plugins.git")})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(list(t, src, rev)); got != "[.gitmodules x a 1]" {
		t.Errorf("files %s", got)
	}
}

// What is not in the selected folder cannot stop it from being fetched.
func TestCraftedTreesElsewhere(t *testing.T) {
	_, repo := newRepo(t)
	blob := input(t, repo, "content", "hash-object", "-w", "--stdin")
	good := craft(t, repo, "100644 a "+blob)
	bad := craft(t, repo, "100644 .. "+blob, "110000 strange "+blob)
	commitTree(t, repo, craft(t, repo, "40000 .. "+bad, "40000 bad "+bad, "40000 plugins "+good))
	src := open(t, git.Options{URL: repo.Dir})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := sources.NewTree(sources.Selection{Dir: "plugins"}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(listTree(t, tree)); got != "[a content]" {
		t.Errorf("files %s", got)
	}
}
