package gitserver_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func TestCloneWhatWasPushed(t *testing.T) {
	dir := t.TempDir()
	repo, err := gitserver.Init(t.Context(), dir, "plugins.git")
	if err != nil {
		t.Fatal(err)
	}
	first, err := repo.Push(t.Context(), map[string]string{"a b/ü\"\\.txt": "one", "b": "two\n"}, "First")
	if err != nil {
		t.Fatal(err)
	}
	second, err := repo.Apply(t.Context(), gitserver.Change{
		Message: "Second", Remove: []string{"b"}, Executables: map[string]string{"run": "#!"}, Links: map[string]string{"link": "run"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Apply(t.Context(), gitserver.Change{Branch: "other", Orphan: true, Files: map[string]string{"x": "y"}}); err != nil {
		t.Fatal(err)
	}

	srv, err := gitserver.Start(dir, gitserver.Options{Username: "me", Password: "hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	clone := filepath.Join(t.TempDir(), "clone")
	url := strings.Replace(srv.URL("plugins.git"), "://", "://me:hunter2@", 1)
	git(t, ".", "clone", "--quiet", url, clone)
	if got := git(t, clone, "rev-list", "HEAD"); got != second+"\n"+first {
		t.Errorf("history %q", got)
	}
	got := git(t, clone, "-c", "core.quotePath=off", "ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD")
	if want := "100644 \"a b/ü\\\"\\\\.txt\"\n120000 link\n100755 run"; got != want {
		t.Errorf("files\n%s\nwant\n%s", got, want)
	}
	if got := git(t, clone, "ls-tree", "-r", "--name-only", "origin/other"); got != "x" {
		t.Errorf("the other branch has %q", got)
	}
	out, err := command(t.Context(), ".", "ls-remote", srv.URL("plugins.git")).CombinedOutput()
	if err == nil {
		t.Errorf("no password is needed: %s", out)
	}
}

func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	return cmd
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := command(t.Context(), dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}
