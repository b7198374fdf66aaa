package git_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

// large makes a repository with so many files and refs, and a wire to a server of it.
func large(tb testing.TB, nFiles, nRefs int) (*gitserver.Repo, *sourcetest.Wire, string) {
	tb.Helper()
	dir := tb.TempDir()
	repo, err := gitserver.Init(tb.Context(), dir, "plugins.git")
	if err != nil {
		tb.Fatal(err)
	}
	content := map[string]string{}
	for i := range nFiles {
		content[fmt.Sprintf("dir%d/file%d.go", i%50, i)] = text(i, 0)
	}
	commit, err := repo.Push(tb.Context(), content, "Files")
	if err != nil {
		tb.Fatal(err)
	}
	var refs strings.Builder
	for i := range nRefs {
		fmt.Fprintf(&refs, "create refs/heads/topic/%d %s\n", i, commit)
	}
	if _, err := repo.GitInput(tb.Context(), refs.String(), "update-ref", "--stdin"); err != nil {
		tb.Fatal(err)
	}
	if _, err := repo.Git(tb.Context(), "pack-refs", "--all"); err != nil {
		tb.Fatal(err)
	}
	srv, err := gitserver.Start(dir, gitserver.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(srv.Close)
	wire := sourcetest.NewWire(tb, srv.Addr())
	return repo, wire, "http://" + wire.Addr() + "/plugins.git"
}

// text is the content of a file, a few kilobytes that compress to half of that.
func text(file, version int) string {
	var b strings.Builder
	for line := range 40 {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %d", file, line))
		fmt.Fprintf(&b, "%s\n", hex.EncodeToString(sum[:]))
	}
	fmt.Fprintf(&b, "version %d\n", version)
	return b.String()
}

func TestWhatAPollCosts(t *testing.T) {
	_, wire, url := large(t, 1, 5000)
	src := open(t, git.Options{URL: url, Ref: "main"})
	for range 2 { // the first is as cheap as all others
		if _, err := src.Resolve(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := wire.Take(); p.Requests != 1 || p.Bytes() > 1024 {
			t.Errorf("%d requests, %d bytes sent, %d received, want 1 and at most 1024", p.Requests, p.Sent, p.Received)
		} else {
			t.Logf("%d request, %d bytes sent, %d received", p.Requests, p.Sent, p.Received)
		}
	}
}

func TestWhatAChangeCosts(t *testing.T) {
	repo, wire, url := large(t, 2000, 10)
	src := open(t, git.Options{URL: url, Ref: "main"})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	t.Logf("the first fetch: %d bytes", wire.Take().Bytes())
	for version := range 3 {
		changed := text(7, version+1)
		push(t, repo, gitserver.Change{Files: files("dir7/file7.go", changed)})
		if rev, err = src.Resolve(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := list(t, src, rev)
		if len(got) != 2000 {
			t.Errorf("%d files", len(got))
		}
		if !slices.Contains(got, "dir7/file7.go "+changed) {
			t.Error("the changed file is not as it was written")
		}
		p := wire.Take()
		if p.Requests > 2 || p.Bytes() > 4096+int64(len(changed)) {
			t.Errorf("%d requests, %d bytes sent, %d received, want at most 2 and 4 KiB beside the file", p.Requests, p.Sent, p.Received)
		}
		t.Logf("%d requests, %d bytes sent, %d received", p.Requests, p.Sent, p.Received)
	}
}

// BenchmarkWire compares what a poll costs with what it costs go-git's Pull.
func BenchmarkWire(b *testing.B) {
	repo, wire, url := large(b, 2000, 5000)
	ctx := b.Context()
	version := 0
	change := func() {
		version++
		if _, err := repo.Push(ctx, files("dir7/file7.go", text(7, version)), "Change"); err != nil {
			b.Fatal(err)
		}
	}
	src, err := git.New(git.Options{URL: url, Ref: "main"})
	if err != nil {
		b.Fatal(err)
	}
	var last sources.Revision
	poll := func() {
		rev, err := src.Resolve(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if rev == last {
			return
		}
		if err := src.Fetch(ctx, rev, sources.NewTree(sources.Selection{}, sources.Limits{})); err != nil {
			b.Fatal(err)
		}
		last = rev
	}
	theirs, err := gogit.CloneContext(ctx, memory.NewStorage(), nil, &gogit.CloneOptions{
		URL: url, ReferenceName: plumbing.NewBranchReferenceName("main"), SingleBranch: true, Depth: 1,
	})
	if err != nil {
		b.Fatal(err)
	}
	pull := func() {
		err := theirs.FetchContext(ctx, &gogit.FetchOptions{Depth: 1, Force: true})
		if err != nil && err != gogit.NoErrAlreadyUpToDate { //nolint:errorlint // it is returned as it is
			b.Fatal(err)
		}
	}
	poll()
	for _, who := range []struct {
		name string
		poll func()
	}{{"scriptd", poll}, {"go-git", pull}} {
		for what, before := range map[string]func(){"unchanged": func() {}, "changed": change} {
			b.Run(what+"/"+who.name, func(b *testing.B) { wire.Measure(b, before, who.poll) })
		}
	}
}
