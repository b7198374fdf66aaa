package filesystem

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
)

// fetched returns what rev has in dir, by path.
func fetched(t *testing.T, src *Source, rev sources.Revision, dir string) (map[string]string, error) {
	t.Helper()
	tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		return nil, err
	}
	files, err := tree.Seal()
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	return got, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		got[name] = string(data)
		return err
	})
}

func resolved(t *testing.T, src *Source) sources.Revision {
	t.Helper()
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

// A fetch reads what the one before has not read, and never takes what is not of the revision.
func TestWhatAFetchReads(t *testing.T) {
	dir, src := newFolder(t)
	large := strings.Repeat("x", maxKeptFile+1)
	for name, content := range map[string]string{"b": "one", "c": "three", "large": large} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	rev := resolved(t, src)
	if _, err := fetched(t, src, rev, ""); err != nil {
		t.Fatal(err)
	}
	// What is kept shows where it is used.
	for sum, data := range src.kept {
		src.kept[sum] = append([]byte("kept "), data...)
	}
	writeFile(t, filepath.Join(dir, "a"), "two")
	if got, err := fetched(t, src, rev, ""); err == nil || sources.KindOf(err) != sources.Transient {
		t.Errorf("got %v, %v, want a transient error", got, err)
	}
	want := map[string]string{"a": "two", "b": "kept one", "c": "kept three", "large": large}
	if got, err := fetched(t, src, resolved(t, src), ""); err != nil || !maps.Equal(got, want) {
		t.Errorf("got %.100v, %v, want %.100v", got, err, want)
	}
	if got := len(src.kept); got != 3 {
		t.Errorf("%d contents are kept, want 3", got)
	}
}

func TestContentsThatAreKeptAreBounded(t *testing.T) {
	dir, src := newFolder(t)
	want := map[string]string{"a": "one"}
	for i := range maxKept/maxKeptFile + 3 {
		name := fmt.Sprint("file", i)
		want[name] = fmt.Sprint(i) + strings.Repeat("x", maxKeptFile-10)
		writeFile(t, filepath.Join(dir, name), want[name])
	}
	want["large"] = strings.Repeat("x", maxKeptFile+1)
	writeFile(t, filepath.Join(dir, "large"), want["large"])
	for range 2 {
		got, err := fetched(t, src, resolved(t, src), "")
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("got %d files, %v, want %d", len(got), err, len(want))
		}
		total := 0
		for _, data := range src.kept {
			if total += len(data); len(data) > maxKeptFile {
				t.Errorf("a file of %d bytes is kept", len(data))
			}
		}
		if total > maxKept || total < maxKept-maxKeptFile {
			t.Errorf("%d bytes are kept, want up to %d", total, maxKept)
		}
	}
}

func TestTheSelectedFolderMayBeALink(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"..m1/team/a.go", "..m1/team/sub/b.go", "plain/c.go"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), name)
	}
	for link, target := range map[string]string{
		"..data": "..m1", "team": "..data/team", "..m1/team/link.go": "sub/b.go", "all": ".", "plain/team": "../team",
		"out": "../elsewhere", "nowhere": "missing", "file": "plain/c.go", "self": "self",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	src, err := New(Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	rev := resolved(t, src)
	team := []string{"a.go=..m1/team/a.go", "link.go=..m1/team/sub/b.go", "sub/b.go=..m1/team/sub/b.go"}
	for _, tt := range []struct {
		dir  string
		want []string // nil: it does not exist
	}{
		{"team", team},
		{"..data/team", team},
		{"..m1/team", team},
		{"plain/team", team},
		{"all/plain/team", team},
		{"team/sub", []string{"b.go=..m1/team/sub/b.go"}},
		{"all/..data/team/sub", []string{"b.go=..m1/team/sub/b.go"}},
		{"out", nil},
		{"nowhere", nil},
		{"file", nil},
		{"self", nil},
		{"team/none", nil},
	} {
		t.Run(tt.dir, func(t *testing.T) {
			files, err := fetched(t, src, rev, tt.dir)
			if tt.want == nil {
				if sources.KindOf(err) != sources.NotFound {
					t.Errorf("got %v, %v, want that it is not found", files, err)
				}
				return
			}
			var got []string
			for name, content := range files {
				got = append(got, name+"="+content)
			}
			slices.Sort(got)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// The files that editors keep beside others are not in the tree; folders of such names are.
func TestEditorFilesAreLeftOut(t *testing.T) {
	dir, src := newFolder(t)
	before := resolved(t, src)
	for _, name := range []string{"a~", ".a.swp", ".a.swo", ".swp", "#a#", ".#b"} {
		writeFile(t, filepath.Join(dir, name), "x")
	}
	if err := os.Symlink("user@host.1234:5678", filepath.Join(dir, ".#a")); err != nil { // a lock of Emacs
		t.Fatal(err)
	}
	if after := resolved(t, src); after != before {
		t.Errorf("the revision was %s, and is %s", before, after)
	}
	if err := os.Mkdir(filepath.Join(dir, "old~"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"old~/a", "a.swp", "4913", "~a", "#a", ".swift"} {
		writeFile(t, filepath.Join(dir, name), name)
		if got, err := fetched(t, src, resolved(t, src), ""); err != nil || got[name] != name {
			t.Errorf("%s has %q, %v", name, got[name], err)
		}
	}
}
