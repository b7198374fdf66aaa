package guard

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// tree makes a folder with all that a path can meet.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"in", "in/dir", "in/dir/deep", "in/empty", "out"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	for _, f := range []string{"in/file", "in/dir/file", "in/dir/deep/file", "out/secret", "secret"} {
		must(t, os.WriteFile(filepath.Join(dir, f), []byte("content of "+f), 0o644))
	}
	for name, target := range map[string]string{
		"in/link": "file", "in/dirlink": "dir", "in/dir/up": "../file", "in/dangling": "nowhere", "in/loop": "loop",
		"in/away": "../secret", "in/awaydir": "../out", "in/abs": filepath.Join(dir, "in/file"), "in/absaway": filepath.Join(dir, "secret"),
	} {
		must(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func granting(p runtime.Permissions) *Guard { return New(Options{Package: "team/x", Permissions: p}) }

// paths are in the folder in, some of them strange.
var paths = []string{
	"in", "in/", "in/.", "in/file", "in/file/", "in/file/x", "in/dir", "in/dir/", "in/dir/file", "in//dir///file", "in/./dir/./file",
	"in/dir/../file", "in/dir/deep/../../file", "in/link", "in/link/", "in/dirlink", "in/dirlink/", "in/dirlink/file", "in/dirlink/../file",
	"in/dir/up", "in/dangling", "in/loop", "in/loop/x", "in/missing", "in/missing/", "in/missing/x", "in/abs", "in/abs/x", "in/empty",
	"in/a\x00b", "in/empty/new", "in/" + strings.Repeat("n", 300),
}

// operation does something with a path, by functions of package os or those in their place.
type operation struct {
	name string
	do   func(f map[string]any, path string) (any, error)
}

// call calls a function by its name, with a type that both kinds have.
func call[F any](f map[string]any, name string) F { return f[name].(F) }

var operations = []operation{
	{"ReadFile", func(f map[string]any, path string) (any, error) {
		data, err := call[func(string) ([]byte, error)](f, "os.ReadFile")(path)
		return string(data), err
	}},
	{"Open", func(f map[string]any, path string) (any, error) {
		return described(call[func(string) (*os.File, error)](f, "os.Open")(path))
	}},
	{"OpenFile to write", func(f map[string]any, path string) (any, error) {
		return described(call[func(string, int, os.FileMode) (*os.File, error)](f, "os.OpenFile")(path, os.O_WRONLY, 0))
	}},
	{"OpenFile to create", func(f map[string]any, path string) (any, error) {
		return described(call[func(string, int, os.FileMode) (*os.File, error)](f, "os.OpenFile")(path, os.O_RDWR|os.O_CREATE, 0o600))
	}},
	{"OpenFile to create alone", func(f map[string]any, path string) (any, error) {
		return described(call[func(string, int, os.FileMode) (*os.File, error)](f, "os.OpenFile")(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600))
	}},
	{"Create", func(f map[string]any, path string) (any, error) {
		return described(call[func(string) (*os.File, error)](f, "os.Create")(path))
	}},
	{"WriteFile", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, []byte, os.FileMode) error](f, "os.WriteFile")(path, []byte("new"), 0o640)
	}},
	{"ReadDir", func(f map[string]any, path string) (any, error) {
		entries, err := call[func(string) ([]os.DirEntry, error)](f, "os.ReadDir")(path)
		var names []string
		for _, e := range entries {
			names = append(names, fmt.Sprint(e))
		}
		return names, err
	}},
	{"Stat", func(f map[string]any, path string) (any, error) {
		return infoOf(call[func(string) (os.FileInfo, error)](f, "os.Stat")(path))
	}},
	{"Lstat", func(f map[string]any, path string) (any, error) {
		return infoOf(call[func(string) (os.FileInfo, error)](f, "os.Lstat")(path))
	}},
	{"Readlink", func(f map[string]any, path string) (any, error) {
		return call[func(string) (string, error)](f, "os.Readlink")(path)
	}},
	{"Mkdir", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, os.FileMode) error](f, "os.Mkdir")(path, 0o750)
	}},
	{"MkdirAll", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, os.FileMode) error](f, "os.MkdirAll")(path, 0o750)
	}},
	{"Remove", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string) error](f, "os.Remove")(path)
	}},
	{"RemoveAll", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string) error](f, "os.RemoveAll")(path)
	}},
	{"Truncate", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, int64) error](f, "os.Truncate")(path, 3)
	}},
	{"Chmod", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, os.FileMode) error](f, "os.Chmod")(path, 0o600)
	}},
	{"Chtimes", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, time.Time, time.Time) error](f, "os.Chtimes")(path, time.Unix(1, 0), time.Unix(2, 0))
	}},
	{"Symlink", func(f map[string]any, path string) (any, error) {
		return nil, call[func(string, string) error](f, "os.Symlink")("file", path)
	}},
	{"EvalSymlinks", func(f map[string]any, path string) (any, error) {
		return call[func(string) (string, error)](f, "path/filepath.EvalSymlinks")(path)
	}},
	{"WalkDir", func(f map[string]any, path string) (any, error) {
		var seen []string
		err := call[func(string, fs.WalkDirFunc) error](f, "path/filepath.WalkDir")(path, func(path string, d fs.DirEntry, err error) error {
			seen = append(seen, fmt.Sprint(path, d != nil && d.IsDir(), err))
			if d != nil && d.Name() == "deep" {
				return fs.SkipDir
			}
			return nil
		})
		return seen, err
	}},
	{"Walk", func(f map[string]any, path string) (any, error) {
		var seen []string
		err := call[func(string, filepath.WalkFunc) error](f, "path/filepath.Walk")(path, func(path string, info fs.FileInfo, err error) error {
			seen = append(seen, fmt.Sprint(path, info != nil && info.IsDir(), err))
			return nil
		})
		return seen, err
	}},
	{"Glob", func(f map[string]any, path string) (any, error) {
		return call[func(string) ([]string, error)](f, "path/filepath.Glob")(path + "*/*")
	}},
	{"DirFS", func(f map[string]any, path string) (any, error) {
		fsys := call[func(string) fs.FS](f, "os.DirFS")(path)
		data, err := fs.ReadFile(fsys, "file")
		entries, dirErr := fs.ReadDir(fsys, ".")
		info, statErr := infoOf(fs.Stat(fsys, "nothing"))
		return []any{string(data), len(entries), dirErr, info, statErr, fmt.Sprint(fsys)}, err
	}},
	{"OpenRoot", func(f map[string]any, path string) (any, error) {
		root, err := call[func(string) (*os.Root, error)](f, "os.OpenRoot")(path)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return described(call[func(*os.Root, string) (*os.File, error)](f, "(*os.Root).Open")(root, "file"))
	}},
}

// described says what there is to know about an open file, and closes it.
func described(f *os.File, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, readErr := io.ReadAll(f)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	names, dirErr := f.Readdirnames(-1)
	slices.Sort(names)
	return fmt.Sprint(f.Name(), " ", info.Name(), info.Mode(), " ", string(data), readErr, names, dirErr), nil
}

func infoOf(info os.FileInfo, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(info.Name(), " ", info.Mode(), " ", info.IsDir()), nil
}

// compiled are the functions of package os.
var compiled = map[string]any{
	"os.ReadFile": os.ReadFile, "os.Open": os.Open, "os.OpenFile": os.OpenFile, "os.Create": os.Create, "os.WriteFile": os.WriteFile,
	"os.ReadDir": os.ReadDir, "os.Stat": os.Stat, "os.Lstat": os.Lstat, "os.Readlink": os.Readlink, "os.Mkdir": os.Mkdir,
	"os.MkdirAll": os.MkdirAll, "os.Remove": os.Remove, "os.RemoveAll": os.RemoveAll, "os.Truncate": os.Truncate, "os.Chmod": os.Chmod,
	"os.Chtimes": os.Chtimes, "os.Symlink": os.Symlink, "path/filepath.EvalSymlinks": filepath.EvalSymlinks,
	"path/filepath.WalkDir": filepath.WalkDir, "path/filepath.Walk": filepath.Walk, "path/filepath.Glob": filepath.Glob,
	"os.DirFS": os.DirFS, "os.OpenRoot": os.OpenRoot, "(*os.Root).Open": (*os.Root).Open,
	"os.Rename": os.Rename, "os.Link": os.Link,
}

// differs are the paths with which an operation fails for another reason, or fails where a link leads to what is not granted.
var differs = map[string][]string{
	"Symlink":  {"in", "in/", "in/.", "in/file/", "in/link/"}, // what is in the folder of a grant is not granted to be replaced
	"Remove":   {"in/dirlink/"},
	"MkdirAll": {"in/link/", "in/loop", "in/loop/x"},
	"Glob":     {"in", "in/", "in/abs"},
}

// What is granted does what it does without a Guard: results, errors, and what there is afterwards.
func TestFilesDoWhatTheSystemDoes(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			for _, path := range paths {
				want, got := tree(t), tree(t)
				guarded := New(Options{Permissions: runtime.Permissions{Read: []string{filepath.Join(got, "in")}, Write: []string{filepath.Join(got, "in")}}})
				wantResult := outcome(t, compiled, op, want, path)
				gotResult := outcome(t, functions(guarded), op, got, path)
				if gotResult != wantResult && !slices.Contains(differs[op.name], path) {
					t.Errorf("%s:\ngot  %s\nwant %s", path, gotResult, wantResult)
				}
			}
		})
	}
}

func functions(g *Guard) map[string]any {
	all := make(map[string]any)
	for name := range compiled {
		all[name] = g.Func(name)
	}
	return all
}

// outcome says what an operation does with a path that is in dir, by its absolute path and from within dir.
func outcome(t *testing.T, f map[string]any, op operation, dir, path string) string {
	t.Helper()
	var all []string
	for _, p := range []string{path, filepath.ToSlash(dir) + "/" + path} {
		t.Chdir(dir)
		result, err := op.do(f, p)
		said := fmt.Sprintf("%v, %T", result, err)
		if err != nil { // by which a program may decide what to do
			said = fmt.Sprintf("%T, exist %t not %t permission %t", err, os.IsExist(err), os.IsNotExist(err), os.IsPermission(err))
		}
		all = append(all, said)
	}
	all = append(all, listing(t, dir))
	return strings.ReplaceAll(strings.Join(all, "\n"), dir, "DIR")
}

// listing is what is in a folder.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size := info.Size()
		if !info.Mode().IsRegular() {
			size = 0 // that of a link is the length of the folder's name
		}
		when := ""
		if info.ModTime().Unix() < 1000 {
			when = info.ModTime().String()
		}
		rel, err := filepath.Rel(dir, path)
		all = append(all, fmt.Sprint(rel, " ", info.Mode(), size, when))
		return err
	}))
	return strings.Join(all, "\n")
}

// Two paths do what they do without a Guard, within a folder and from one to another.
func TestPairsDoWhatTheSystemDoes(t *testing.T) {
	for _, name := range []string{"os.Rename", "os.Link"} {
		for _, from := range []string{"in/file", "in/dir", "in/link", "in/missing", "in/file/x", "in/dirlink/file", "in/loop/x", "in/dangling"} {
			for _, to := range []string{"in/new", "in/file", "in/empty", "in/dir", "in/missing/x", "in/dirlink/new", "out/new", "out/secret", "out/missing/x"} {
				want, got := tree(t), tree(t)
				p := []string{filepath.Join(got, "in"), filepath.Join(got, "out")}
				g := New(Options{Permissions: runtime.Permissions{Read: p, Write: p}})
				result := func(f any, dir string) string {
					err := f.(func(string, string) error)(dir+"/"+from, dir+"/"+to)
					return strings.ReplaceAll(fmt.Sprintf("%T %t\n%s", err, os.IsPermission(err), listing(t, dir)), dir, "DIR")
				}
				if got, want := result(g.Func(name), got), result(compiled[name], want); got != want {
					t.Errorf("%s %s to %s:\ngot  %s\nwant %s", name, from, to, got, want)
				}
			}
		}
	}
}
