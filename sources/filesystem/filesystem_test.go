package filesystem_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestSource(t *testing.T) { sourcetest.Run(t, harness) }

func harness(t *testing.T) sourcetest.Harness {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return sourcetest.Harness{
		Open:  func() sources.Source { return open(t, dir) },
		Write: func(files sourcetest.Files) { write(t, dir, files) },
		Remove: func(paths ...string) {
			for _, name := range paths {
				remove(t, dir, name)
			}
		},
		Missing: func() (sources.Source, string) {
			path := filepath.Join(dir, "nowhere")
			return open(t, path), path
		},
		Break: func() func() {
			rename(t, dir, dir+".away")
			return func() { rename(t, dir+".away", dir) }
		},
		BrokenKind: sources.NotFound,
		Modes:      true,
		Links:      true,
		Watches:    true,
	}
}

func open(t *testing.T, dir string) *filesystem.Source {
	t.Helper()
	src, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// write writes files as a program does that neither truncates nor renames with care.
func write(t *testing.T, dir string, files sourcetest.Files) {
	t.Helper()
	for name, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o644)
		if f.Exec {
			mode = 0o755
		}
		var err error
		if f.Link != "" {
			if err = os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			err = os.Symlink(f.Link, path)
		} else if err = os.WriteFile(path, []byte(f.Content), mode); err == nil {
			err = os.Chmod(path, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// remove removes a file and the folders that are empty then.
func remove(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for path = filepath.Dir(path); path != dir; path = filepath.Dir(path) {
		if os.Remove(path) != nil {
			return
		}
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// content returns what a file has in rev.
func content(t *testing.T, src sources.Source, rev sources.Revision, name string) string {
	t.Helper()
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		t.Fatal(err)
	}
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func wantError(t *testing.T, err error, kind sources.Kind, want string) {
	t.Helper()
	if err == nil || sources.KindOf(err) != kind || err.Error() != want {
		t.Errorf("got %v (%v), want %s (%v)", err, sources.KindOf(err), want, kind)
	}
}

func TestErrors(t *testing.T) {
	_, err := filesystem.New(filesystem.Options{})
	wantError(t, err, sources.Misconfigured, "filesystem source: it has no path")

	dir := t.TempDir()
	write(t, dir, sourcetest.Text("file", "x"))
	for path, want := range map[string]string{
		"nowhere":    "it does not exist",
		"file":       "it is not a folder",
		"a/b":        "it does not exist",
		"file/below": "it does not exist",
	} {
		path = filepath.Join(dir, path)
		_, err = open(t, path).Resolve(t.Context())
		wantError(t, err, sources.NotFound, "folder "+path+": "+want)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	write(t, dir, sourcetest.Text("a", "x", "sub/b", "x"))
	for name, want := range map[string]string{
		"a":   `file "a": permission denied`,
		"sub": `file "sub": permission denied`,
	} {
		path := filepath.Join(dir, name)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		_, err := open(t, dir).Resolve(t.Context())
		wantError(t, err, sources.Denied, "folder "+dir+": "+want)
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, dir).Resolve(t.Context())
	wantError(t, err, sources.Denied, "folder "+dir+": permission denied")
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyFolder(t *testing.T) {
	src := open(t, t.TempDir())
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{})); err != nil {
		t.Error(err)
	}
}

func TestGitFoldersAreNotRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, sourcetest.Text("a", "x", ".git/HEAD", "x", "module/.git", "gitdir: x"))
	src := open(t, dir)
	before, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, sourcetest.Text(".git/HEAD", "other", ".git/more", "y"))
	after, err := src.Resolve(t.Context())
	if err != nil || before != after {
		t.Errorf("before %s, after %s, %v", before, after, err)
	}
}

// An edit that keeps size and times must show: file systems count time in steps that an edit can be quicker than.
func TestEditsWithinAnInstant(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.go")
	write(t, dir, sourcetest.Text("a.go", "000"))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	src := open(t, dir)
	seen := map[sources.Revision]bool{}
	for i := range 200 {
		if err := os.WriteFile(path, []byte{byte(i), 1, 2}, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		rev, err := src.Resolve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[rev] {
			t.Fatalf("edit %d is not noticed", i)
		}
		seen[rev] = true
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, files := range []int{10, 1000} {
		dir := b.TempDir()
		for i := range files {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".go")), make([]byte, 4096), 0o644); err != nil {
				b.Fatal(err)
			}
		}
		src, err := filesystem.New(filesystem.Options{Path: dir})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint("files=", files), func(b *testing.B) {
			for b.Loop() {
				if _, err := src.Resolve(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
