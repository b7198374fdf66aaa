package git_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

// craftPaths makes a tree of files with any paths.
func craftPaths(t *testing.T, repo *gitserver.Repo, blob string, paths []string) string {
	t.Helper()
	var entries []string
	below := map[string][]string{}
	for _, p := range paths {
		first, rest, isFolder := strings.Cut(p, "/")
		if !isFolder {
			entries = append(entries, "100644 "+first+" "+blob)
			continue
		}
		below[first] = append(below[first], rest)
	}
	for _, name := range slices.Sorted(maps.Keys(below)) {
		entries = append(entries, "40000 "+name+" "+craftPaths(t, repo, blob, below[name]))
	}
	return craft(t, repo, entries...)
}

func TestHostilePaths(t *testing.T) {
	dir, repo := newRepo(t)
	served := serve(t, dir, gitserver.Options{}).URL("plugins.git")
	blob := input(t, repo, "content", "hash-object", "-w", "--stdin")
	for _, h := range sourcetest.HostilePaths() {
		t.Run(h.Name, func(t *testing.T) {
			commitTree(t, repo, craftPaths(t, repo, blob, h.Paths))
			url, want := served, h.Want
			for _, p := range h.Paths {
				if strings.HasPrefix(p, "/") || strings.Contains(p, "//") {
					url, want = repo.Dir, "" // git does not send names that are empty, and go-git does not read them
				}
			}
			src := open(t, git.Options{URL: url})
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			if err = src.Fetch(t.Context(), rev, tree); err == nil {
				_, err = tree.Seal()
			}
			wantError(t, err, sources.Refused, want)
		})
	}
}

func TestHostileLinks(t *testing.T) {
	dir, repo := newRepo(t)
	url := serve(t, dir, gitserver.Options{}).URL("plugins.git")
	for name, links := range map[string]map[string]string{
		"absolute":                   files("l", "/etc/passwd"),
		"above":                      files("l", "../x"),
		"above from within":          files("a/l", "../../x"),
		"through another":            files("a/up", "..", "l", "a/up/../x"),
		"through a link to a folder": files("d", "a", "l", "d/../../x"),
		"a chain that leaves":        files("l", "m", "m", "n", "n", "../x"),
	} {
		t.Run(name, func(t *testing.T) {
			push(t, repo, gitserver.Change{Orphan: true, Message: name, Files: files("a/f", "1"), Links: links})
			src := open(t, git.Options{URL: url})
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			if err = src.Fetch(t.Context(), rev, tree); err == nil {
				_, err = tree.Seal()
			}
			wantError(t, err, sources.Refused, "outside the tree")
		})
	}
}
