package sourcetest

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/sources"
)

// trial is a case under way.
type trial struct {
	*testing.T
	Harness
}

// resolve returns the revision now.
func (t *trial) resolve(src sources.Source) sources.Revision {
	t.Helper()
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

// fetch returns the files of rev in dir, each as mode and content.
func (t *trial) fetch(src sources.Source, rev sources.Revision, dir string) map[string]string {
	t.Helper()
	tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		t.Fatal(err)
	}
	return t.seal(tree)
}

func (t *trial) seal(tree *sources.Tree) map[string]string {
	t.Helper()
	got, err := read(tree)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// read seals the tree and returns its files, each as mode and content. It is for any goroutine.
func read(tree *sources.Tree) (map[string]string, error) {
	files, err := tree.Seal()
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(files, name)
		got[name] = line(info.Mode()&0o111 != 0, string(data))
		return err
	})
	if err != nil {
		return nil, err
	}
	return got, fstest.TestFS(files, slices.Collect(maps.Keys(got))...)
}

func line(exec bool, content string) string {
	if exec {
		return "exec " + content
	}
	return "file " + content
}

// check compares what was fetched with the files that were written.
func (t *trial) check(got map[string]string, want Files) {
	t.Helper()
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%q is there, and should not be", name)
		}
	}
	for name, f := range want {
		have, ok := got[name]
		switch {
		case !ok:
			t.Errorf("%q is missing", name)
		case have != line(f.Exec, f.Content):
			t.Errorf("%q is %s, want %s", name, brief(have), brief(line(f.Exec, f.Content)))
		}
	}
}

func brief(s string) string {
	if len(s) > 80 {
		return fmt.Sprintf("%q… (%d bytes)", s[:80], len(s))
	}
	return fmt.Sprintf("%q", s)
}

// fails checks an error: that it is one of these kinds, says the words, and shows no secret.
func (t *trial) fails(err error, kinds []sources.Kind, words ...string) {
	t.Helper()
	wantError(t, err, kinds, words)
	for _, secret := range t.Secrets {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the secret %q: %v", secret, err)
		}
	}
}

func kinds(k ...sources.Kind) []sources.Kind { return k }

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("%s: it did not come to be", what)
		case <-tick.C:
		}
	}
}

// WantError fails a test unless err is of that kind and says these texts.
func WantError(t testing.TB, err error, kind sources.Kind, texts ...string) {
	t.Helper()
	wantError(t, err, kinds(kind), texts)
}

func wantError(t testing.TB, err error, kinds []sources.Kind, texts []string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one of kind %v with %q", kinds, texts)
		return
	}
	if got := sources.KindOf(err); !slices.Contains(kinds, got) {
		t.Errorf("kind %v, want %v: %v", got, kinds, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q, want it to say %q", err, text)
		}
	}
}
