package git_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

// A source that goes on from what it fetched has, after each turn that a repository can take, what a new one has.
func TestFetchGoesOn(t *testing.T) {
	for _, over := range []string{"http", "http, with bitmaps", "ssh"} {
		t.Run(over, func(t *testing.T) {
			dir, repo := newRepo(t)
			base := map[string]string{}
			for i := range 40 {
				base[fmt.Sprintf("d%d/f%d", i%4, i)] = text(i, 0)
			}
			first := push(t, repo, gitserver.Change{Message: "First", Files: base})
			opts := git.Options{URL: serve(t, dir, gitserver.Options{}).URL("plugins.git"), Ref: "main"}
			if over == "ssh" {
				_, opts = serveSSH(t, dir)
				opts.Ref = "main"
			}
			src := open(t, opts)
			check := func(what string) {
				t.Helper()
				rev, err := src.Resolve(t.Context())
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				want := strings.TrimSpace(run(t, repo, "rev-parse", "refs/heads/main"))
				if string(rev) != want {
					t.Errorf("%s: commit %s, want %s", what, rev, want)
				}
				got, anew := list(t, src, rev), list(t, open(t, opts), rev)
				if !slices.Equal(got, anew) {
					t.Errorf("%s: files %.200q, want %.200q", what, got, anew)
				}
			}
			repack := func() {
				if over == "http, with bitmaps" {
					run(t, repo, "repack", "-adb", "--quiet")
				}
			}
			check("the first fetch")
			step := func(what string, change gitserver.Change) string {
				t.Helper()
				change.Message = what
				commit := push(t, repo, change)
				run(t, repo, "update-ref", "refs/keep/"+commit, commit) // a repack keeps what has a ref
				repack()
				check(what)
				return commit
			}
			second := step("a change", gitserver.Change{Files: files("d1/f1", text(1, 1))})
			step("a change to a file of a changed folder", gitserver.Change{Files: files("d1/f5", text(5, 1), "d1/new", "n")})
			step("a removed folder", gitserver.Change{Remove: []string{"d2"}})
			step("a revert", gitserver.Change{Orphan: true, Files: base})
			run(t, repo, "update-ref", "refs/heads/main", first)
			check("a push by force to an older base")
			run(t, repo, "update-ref", "refs/heads/main", second)
			check("and back")
			step("an orphan", gitserver.Change{Orphan: true, Files: files("other", "o")})
			step("all files again", gitserver.Change{Files: base})
			tree := run(t, repo, "rev-parse", first+"^{tree}")
			run(t, repo, "update-ref", "refs/heads/main", input(t, repo, "", "commit-tree", "-m", "Same tree", "-p", second, tree))
			check("a commit with a tree that was there before")
			moved := maps.Clone(base)
			delete(moved, "d1/f1")
			moved["d3/moved"] = base["d1/f1"]
			step("a renamed file", gitserver.Change{Orphan: true, Files: moved})
			run(t, repo, "update-ref", "-d", "refs/heads/main")
			_, err := src.Resolve(t.Context())
			if over == "ssh" || err == nil {
				wantError(t, err, sources.NotFound)
			}
			run(t, repo, "update-ref", "refs/heads/main", first)
			check("a branch that was deleted and made again")
		})
	}
}

func TestATagThatMoves(t *testing.T) {
	dir, repo := newRepo(t)
	first := push(t, repo, gitserver.Change{Message: "First", Files: files("a", "1")})
	run(t, repo, "tag", "-a", "-m", "x", "v1")
	src := open(t, git.Options{URL: serve(t, dir, gitserver.Options{}).URL("plugins.git"), Ref: "v1"})
	for _, want := range []string{first, push(t, repo, gitserver.Change{Message: "Second", Files: files("a", "2")})} {
		run(t, repo, "tag", "-f", "-a", "-m", "x", "v1", want)
		rev, err := src.Resolve(t.Context())
		if err != nil || string(rev) != want {
			t.Fatalf("the tag is at %s, %v, want %s", rev, err, want)
		}
		if got := fmt.Sprint(list(t, src, rev)); got != "[a "+run(t, repo, "show", want+":a")+"]" {
			t.Errorf("files %s", got)
		}
	}
}

// A server that says that it has sent all, and has not, is asked for all of it.
func TestFetchBeginsAnewInDoubt(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Message: "First", Files: files("a", "1", "d/b", "1")})
	srv := serve(t, dir, gitserver.Options{})
	front := newForger(t, srv.URL(""))
	src := open(t, git.Options{URL: front.url + "/plugins.git", Ref: "main"})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	for _, forge := range []string{"without objects", "not a pack", "a complaint", "nothing"} {
		t.Run(forge, func(t *testing.T) {
			push(t, repo, gitserver.Change{Message: forge, Files: files("a", forge)})
			if rev, err = src.Resolve(t.Context()); err != nil {
				t.Fatal(err)
			}
			front.forge.Store(&forge)
			if got, want := fmt.Sprint(list(t, src, rev)), "[a "+forge+" d/b 1]"; got != want {
				t.Errorf("files %s, want %s", got, want)
			}
			if front.forge.Load() != nil {
				t.Error("the server did not get to forge an answer")
			}
		})
	}
}
