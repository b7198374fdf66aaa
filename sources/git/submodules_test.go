package git_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func moduleFile(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "[submodule %q]\n\tpath = %s\n\turl = %s\n", pairs[i], pairs[i], pairs[i+1])
	}
	return b.String()
}

func TestSubmodules(t *testing.T) {
	dir, repo := newRepo(t)
	lib, err := gitserver.Init(t.Context(), dir, "lib.git")
	if err != nil {
		t.Fatal(err)
	}
	deep, err := gitserver.Init(t.Context(), dir, "deep.git")
	if err != nil {
		t.Fatal(err)
	}
	deepCommit := push(t, deep, gitserver.Change{Files: files("d.go", "d")})
	libCommit := push(t, lib, gitserver.Change{
		Files:      files("l.go", "l", ".gitmodules", moduleFile("deep", "../deep.git")),
		Submodules: files("deep", deepCommit),
	})
	push(t, lib, gitserver.Change{Files: files("l.go", "later")}) // the commit is not at a branch any more
	_, overSSH := serveSSH(t, dir)
	origins := map[string]git.Options{
		"http":  {URL: serve(t, dir, gitserver.Options{Username: "me", Password: password}).URL("plugins.git"), Username: "me", Password: sources.Literal(password)},
		"ssh":   overSSH,
		"local": {URL: repo.Dir},
	}
	for name, opts := range origins {
		t.Run(name, func(t *testing.T) {
			push(t, repo, gitserver.Change{
				Orphan: true, Message: name,
				Files:      files("a.go", "a", ".gitmodules", moduleFile("vendor/lib", "../lib.git")),
				Submodules: files("vendor/lib", libCommit),
			})
			opts.Submodules = true
			src := open(t, opts)
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := "a.go a vendor/lib/deep/d.go d vendor/lib/l.go l"
			var got []string
			for _, line := range list(t, src, rev) {
				if !strings.Contains(line, ".gitmodules") {
					got = append(got, line)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("files %s, want %s", got, want)
			}
			tree := sources.NewTree(sources.Selection{Dir: "vendor/lib", Exclude: []string{".gitmodules", "/deep/"}}, sources.Limits{})
			if err := src.Fetch(t.Context(), rev, tree); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(listTree(t, tree)); got != "[l.go l]" {
				t.Errorf("the submodule alone: %s", got)
			}
			opts.Submodules = false
			if got := fmt.Sprint(list(t, open(t, opts), rev)); strings.Contains(got, "l.go") {
				t.Errorf("without submodules: %s", got)
			}
		})
	}
}

func TestSubmodulesThatAreRefused(t *testing.T) {
	dir, repo := newRepo(t)
	commit := push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{})
	other := serve(t, dir, gitserver.Options{})
	var many []string
	for i := range 101 {
		many = append(many, fmt.Sprintf("m%d", i), "../plugins.git")
	}
	tests := []struct {
		name, modules, want string
		kind                sources.Kind
	}{
		{"another server", moduleFile("lib", other.URL("plugins.git")), `submodule "lib": it is on another server`, sources.Refused},
		{"a file", moduleFile("lib", "file://"+repo.Dir), "it is on another server", sources.Refused},
		{"a path", moduleFile("lib", repo.Dir), "it is on another server", sources.Refused},
		{"ssh", moduleFile("lib", "git@127.0.0.1:plugins.git"), "it is on another server", sources.Refused},
		{"a helper", moduleFile("lib", "ext::sh -c id"), "", sources.Refused},
		{"an option", moduleFile("lib", "--upload-pack=id"), "it is on another server", sources.Refused},
		{"no address", moduleFile("lib", ""), "it has no url", sources.Refused},
		{"not in the file", moduleFile("other", "../plugins.git"), `"lib": it is a submodule that .gitmodules does not have`, sources.Refused},
		{"no file", "", "it is a submodule that .gitmodules does not have", sources.Refused},
		{"not a file of git's", "[submodule", ".gitmodules", sources.Refused},
		{"a large file", strings.Repeat("#\n", 64<<10), "more than 65536 bytes", sources.Refused},
		{"many", moduleFile(many...), "more than 100 submodules", sources.Refused},
		{"not there", moduleFile("lib", "../missing.git"), "missing.git: it does not exist", sources.NotFound},
		{"out of the server", moduleFile("lib", "../../../../plugins.git"), "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := gitserver.Change{Orphan: true, Message: tt.name, Files: files("b", "2"), Submodules: files("lib", commit)}
			if tt.modules != "" {
				change.Files[".gitmodules"] = tt.modules
			}
			rev := push(t, repo, change)
			run(t, repo, "update-ref", "refs/keep/"+commit, commit)
			src := open(t, git.Options{URL: srv.URL("plugins.git"), Submodules: true})
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			err := src.Fetch(t.Context(), sources.Revision(rev), tree)
			if tt.kind == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, tt.kind, tt.want)
		})
	}

	// A repository that has itself as a submodule.
	self := push(t, repo, gitserver.Change{Orphan: true, Message: "self", Files: files(".gitmodules", moduleFile("self", "../plugins.git"))})
	for range 6 {
		self = push(t, repo, gitserver.Change{Message: "self", Submodules: files("self", self)})
	}
	src := open(t, git.Options{URL: srv.URL("plugins.git"), Submodules: true})
	err := src.Fetch(t.Context(), sources.Revision(self), sources.NewTree(sources.Selection{}, sources.Limits{}))
	wantError(t, err, sources.Refused, "there are more than 4 within each other")
}
