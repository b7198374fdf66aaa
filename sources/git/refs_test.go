package git_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func TestRefs(t *testing.T) {
	dir, repo := newRepo(t)
	first := push(t, repo, gitserver.Change{Message: "First", Files: files("a", "1")})
	run(t, repo, "tag", "light")
	tagged := push(t, repo, gitserver.Change{Message: "Tagged", Files: files("a", "t")}) // no other ref has it
	run(t, repo, "tag", "-a", "-m", "x", "annotated")
	run(t, repo, "tag", "-a", "-m", "x", "nested", "annotated")
	run(t, repo, "update-ref", "refs/pull/7/head", first)
	hidden := push(t, repo, gitserver.Change{Message: "Hidden", Files: files("a", "h")}) // only the history has it
	second := push(t, repo, gitserver.Change{Message: "Second", Files: files("a", "2")})
	run(t, repo, "tag", "-a", "-m", "x", "on-tip")
	other := push(t, repo, gitserver.Change{Branch: "feature/x", Files: files("a", "3")})
	run(t, repo, "branch", "both", second)
	run(t, repo, "tag", "both", first)
	_, overSSH := serveSSH(t, dir)
	origins := map[string]git.Options{
		"http":  {URL: serve(t, dir, gitserver.Options{}).URL("plugins.git")},
		"ssh":   overSSH,
		"local": {URL: repo.Dir},
	}

	tests := []struct {
		ref     string
		commit  string
		content string
	}{
		{"", second, "2"},
		{"HEAD", second, "2"},
		{"main", second, "2"},
		{"heads/main", second, "2"},
		{"refs/heads/main", second, "2"},
		{"feature/x", other, "3"},
		{"light", first, "1"},
		{"annotated", tagged, "t"},
		{"refs/tags/annotated", tagged, "t"},
		{"nested", tagged, "t"},
		{"on-tip", second, "2"},
		{"refs/pull/7/head", first, "1"},
		{"pull/7/head", first, "1"},
		{"both", second, "2"},
		{"tags/both", first, "1"},
		{first, first, "1"},
		{tagged, tagged, "t"},
		{hidden, hidden, "h"},
		{second, second, "2"},
	}
	for name, opts := range origins {
		for _, tt := range tests {
			t.Run(name+"/"+tt.ref, func(t *testing.T) {
				opts.Ref = tt.ref
				src := open(t, opts)
				rev, err := src.Resolve(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if string(rev) != tt.commit {
					t.Errorf("commit %s, want %s", rev, tt.commit)
				}
				if got := fmt.Sprint(list(t, src, rev)); got != "[a "+tt.content+"]" {
					t.Errorf("files %s, want a with %s", got, tt.content)
				}
			})
		}
	}
}

func TestRefsThatDoNotExist(t *testing.T) {
	dir, repo := newRepo(t)
	commit := push(t, repo, gitserver.Change{Files: files("a", "1")})
	for _, name := range []string{"develop", "x1", "x2", "x3", "x4"} {
		run(t, repo, "branch", name)
	}
	run(t, repo, "tag", "v1.2.3")
	srv := serve(t, dir, gitserver.Options{})
	tests := []struct{ ref, want string }{
		{"mian", `ref "mian": it does not exist; there is "main"`},
		{"v1.2.4", `ref "v1.2.4": it does not exist; there is "v1.2.3"`},
		{"refs/heads/nope", `ref "refs/heads/nope": it does not exist; there are the branches "develop" "main" "x1" "x2" "x3" …`},
		{commit[:12], "it does not exist; a commit is written with all its 40 digits"},
		{"a b\n", `ref "a b\n": it does not exist`},
	}
	for _, url := range []string{srv.URL("plugins.git"), repo.Dir} {
		for _, tt := range tests {
			_, err := open(t, git.Options{URL: url, Ref: tt.ref}).Resolve(t.Context())
			wantError(t, err, sources.NotFound, "git repository "+url, tt.want)
		}
	}
}

func TestRepositoriesWithoutAHead(t *testing.T) {
	dir, repo := newRepo(t)
	srv := serve(t, dir, gitserver.Options{})
	_, err := open(t, git.Options{URL: srv.URL("plugins.git")}).Resolve(t.Context())
	wantError(t, err, sources.NotFound, "it has no commits")
	_, err = open(t, git.Options{URL: repo.Dir}).Resolve(t.Context())
	wantError(t, err, sources.NotFound, "HEAD: it points to no commit")

	commit := push(t, repo, gitserver.Change{Branch: "dev", Files: files("a", "1")})
	for _, url := range []string{srv.URL("plugins.git"), repo.Dir} {
		_, err = open(t, git.Options{URL: url}).Resolve(t.Context())
		wantError(t, err, sources.NotFound, `HEAD: it points to no commit: set ref to one of the branches "dev"`)
		rev, err := open(t, git.Options{URL: url, Ref: "dev"}).Resolve(t.Context())
		if err != nil || string(rev) != commit {
			t.Errorf("dev is %s, %v", rev, err)
		}
	}
}

// A commit is its own revision: nobody is asked.
func TestACommitNeedsNoServer(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	rev, err := open(t, git.Options{URL: "http://127.0.0.1:1/x.git", Ref: commit}).Resolve(t.Context())
	if err != nil || rev != commit {
		t.Errorf("Resolve() = %s, %v", rev, err)
	}
}

func TestCommitsThatNoRefHas(t *testing.T) {
	dir, repo := newRepo(t)
	first := push(t, repo, gitserver.Change{Message: "First", Files: files("a", "1")})
	push(t, repo, gitserver.Change{Message: "Second", Files: files("a", "2")})
	gone := push(t, repo, gitserver.Change{Message: "Gone", Branch: "gone", Orphan: true, Files: files("a", "g")})
	run(t, repo, "branch", "-D", "gone")
	never := strings.Repeat("1", 40)
	_, overSSH := serveSSH(t, dir)
	overHTTP := git.Options{URL: serve(t, dir, gitserver.Options{}).URL("plugins.git")}
	const nowhere = "the server has no such commit, or no ref leads to it any more"

	tests := []struct {
		name   string
		opts   git.Options
		pinned bool
		commit string
		kind   sources.Kind
		want   string // empty: it is fetched
	}{
		{"http, in the history", overHTTP, false, first, 0, ""},
		{"http, pinned, in the history", overHTTP, true, first, 0, ""},
		{"http, gone, and still there", overHTTP, false, gone, 0, ""},
		{"http, pinned, gone, and still there", overHTTP, true, gone, 0, ""},
		{"http, never", overHTTP, false, never, sources.NotFound, nowhere},
		{"ssh, in the history", overSSH, false, first, sources.Transient, "the server gives out no other commits"},
		{"ssh, pinned, in the history", overSSH, true, first, 0, ""},
		{"ssh, pinned, gone", overSSH, true, gone, sources.NotFound, "commit " + gone + ": it does not exist"},
		{"ssh, never", overSSH, true, never, sources.NotFound, "commit " + never + ": it does not exist"},
		{"local, in the history", git.Options{URL: repo.Dir}, false, first, 0, ""},
		{"local, gone", git.Options{URL: repo.Dir}, false, gone, 0, ""},
		{"local, never", git.Options{URL: repo.Dir}, false, never, sources.NotFound, "commit " + never + ": it does not exist"},
	}
	check := func(t *testing.T, opts git.Options, pinned bool, commit string, kind sources.Kind, want string) {
		t.Helper()
		if pinned {
			opts.Ref = commit
		}
		tree := sources.NewTree(sources.Selection{}, sources.Limits{})
		err := open(t, opts).Fetch(t.Context(), sources.Revision(commit), tree)
		if want != "" {
			wantError(t, err, kind, want)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := listTree(t, tree); len(got) != 1 {
			t.Errorf("files %s", got)
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.opts, tt.pinned, tt.commit, tt.kind, tt.want) })
	}
	// The large hosts are configured like this.
	run(t, repo, "config", "uploadpack.allowAnySHA1InWant", "true")
	for name, opts := range map[string]git.Options{"http": overHTTP, "ssh": overSSH} {
		t.Run(name+", from a server that gives out all", func(t *testing.T) {
			for _, commit := range []string{first, gone} {
				check(t, opts, false, commit, 0, "")
			}
			check(t, opts, false, never, sources.NotFound, nowhere)
		})
	}
}

func TestForcePush(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Message: "First", Files: files("a", "1", "b", "1")})
	srv := serve(t, dir, gitserver.Options{})
	src := open(t, git.Options{URL: srv.URL("plugins.git"), Ref: "main"})
	for i, change := range []gitserver.Change{
		{Message: "Second", Files: files("a", "2")},
		{Message: "Anew", Orphan: true, Files: files("c", "3")},
		{Message: "First", Orphan: true, Files: files("a", "1", "b", "1")},
	} {
		want := push(t, repo, change)
		rev, err := src.Resolve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(rev) != want {
			t.Errorf("push %d: commit %s, want %s", i, rev, want)
		}
		got := fmt.Sprint(list(t, src, rev))
		if all := []string{"[a 2 b 1]", "[c 3]", "[a 1 b 1]"}; got != all[i] {
			t.Errorf("push %d: files %s, want %s", i, got, all[i])
		}
	}
}
