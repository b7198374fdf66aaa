package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

// What leads out of the folders that are granted is denied, and the error says what it leads to.
func TestPathsDoNotLeadOut(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		want       string // what the error asks for; "" is none
	}{
		{"inside", "in/file", ""},
		{"inside, by way of the folder", "in/../in/file", ""},
		{"beside", "secret", "secret"},
		{"the folder above", ".", "."},
		{"a name that begins alike", "inside", "inside"},
		{"..", "in/../secret", "secret"},
		{".. from a folder", "in/dir/../../secret", "secret"},
		{".. through a link", "in/dirlink/../../secret", "secret"},
		{"a link", "in/away", "secret"},
		{"a link to a folder", "in/awaydir/secret", "out/secret"},
		{"a link with an absolute path", "in/absaway", "secret"},
		{"a link inside with an absolute path", "in/abs", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t)
			g := granting(runtime.Permissions{Read: []string{filepath.Join(dir, "in")}})
			path := dir + "/" + tt.path
			_, err := g.readFile(path)
			if tt.want == "" {
				must(t, err)
				return
			}
			want := fmt.Sprintf("open %s: permission denied: add permissions: {read: [%s]} to package team/x or its source in the configuration", path, filepath.Join(dir, tt.want))
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			var pathErr *fs.PathError
			if !errors.As(err, &pathErr) || !errors.Is(err, fs.ErrPermission) || !isPermission(err) {
				t.Errorf("%T is no error of the system about a permission", err)
			}
		})
	}
}

// A grant of what a link leads to opens the link, and not what is beside it.
func TestLinksBetweenGrants(t *testing.T) {
	dir := tree(t)
	g := granting(runtime.Permissions{Read: []string{filepath.Join(dir, "in"), filepath.Join(dir, "secret")}})
	for path, want := range map[string]string{"in/away": "content of secret", "in/absaway": "content of secret", "in/awaydir/secret": ""} {
		data, err := g.readFile(filepath.Join(dir, path))
		if string(data) != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v", path, data, err)
		}
	}
}

// The path of a grant may be a link, which is not the package's.
func TestGrantsThatAreLinks(t *testing.T) {
	dir := tree(t)
	for _, tt := range []struct{ grant, path, want string }{
		{"in/away", "in/away", "content of secret"},
		{"in/awaydir", "in/awaydir/secret", "content of out/secret"},
		{"in/absaway", "in/absaway", "content of secret"},
	} {
		g := granting(runtime.Permissions{Read: []string{filepath.Join(dir, tt.grant)}})
		if data, err := g.readFile(filepath.Join(dir, tt.path)); string(data) != tt.want {
			t.Errorf("%s: got %q, %v", tt.grant, data, err)
		}
	}
}

// A package does not make of the path of a grant what it likes.
func TestNothingIsPutInThePlaceOfAGrant(t *testing.T) {
	dir := tree(t)
	folder, file := filepath.Join(dir, "in"), filepath.Join(dir, "out/new")
	g := granting(runtime.Permissions{Read: []string{folder, file}, Write: []string{folder, file}})
	for name, err := range map[string]error{
		"symlink":                    g.symlink("/etc/passwd", file),
		"rename":                     g.rename(filepath.Join(folder, "away"), file),
		"link":                       g.link(filepath.Join(folder, "file"), file),
		"rename to the folder":       g.rename(filepath.Join(folder, "awaydir"), folder),
		"symlink instead of the one": errors.Join(g.removeAll(folder), g.symlink("out", folder)),
	} {
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must(t, g.writeFile(file, []byte("x"), 0o600))
}

// A folder that may be read, in one that may be written, is what the latter says: a link in its place leads nowhere else.
func TestAGrantInAFolderThatMayBeWritten(t *testing.T) {
	dir := tree(t)
	in, deep := filepath.Join(dir, "in"), filepath.Join(dir, "in/dir")
	g := granting(runtime.Permissions{Read: []string{deep}, Write: []string{in}})
	if data, err := g.readFile(filepath.Join(deep, "file")); string(data) != "content of in/dir/file" {
		t.Errorf("got %q, %v", data, err)
	}
	must(t, g.removeAll(deep))
	must(t, g.symlink(filepath.Join(dir, "out"), deep))
	if data, err := g.readFile(filepath.Join(deep, "secret")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestReadingAndWritingAreTwo(t *testing.T) {
	dir := tree(t)
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	g := granting(runtime.Permissions{Read: []string{in}, Write: []string{out}})
	_, readErr := g.readFile(filepath.Join(out, "secret"))
	for name, err := range map[string]error{
		"read":           readErr,
		"write":          g.writeFile(filepath.Join(in, "file"), nil, 0),
		"truncate":       g.truncate(filepath.Join(in, "file"), 0),
		"remove":         g.removeAll(filepath.Join(in, "dir")),
		"rename away":    g.rename(filepath.Join(in, "file"), filepath.Join(out, "file")),
		"rename to read": g.rename(filepath.Join(out, "secret"), filepath.Join(in, "new")),
		"link":           g.link(filepath.Join(out, "secret"), filepath.Join(out, "second")),
		"mkdir":          g.mkdirAll(filepath.Join(in, "a/b"), 0o700),
	} {
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	f, err := g.openFile(filepath.Join(out, "new"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	must(t, err)
	f.Close()
	if _, err := g.openFile(filepath.Join(out, "new"), os.O_RDWR, 0); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("reading what may be written: %v", err)
	}
}

// A file that was opened to be read is not changed by what needs no more than that.
func TestOpenFilesAreNotChanged(t *testing.T) {
	dir := tree(t)
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	g := granting(runtime.Permissions{Read: []string{in, out}, Write: []string{out}})
	chmod := g.Func("(*os.File).Chmod").(func(*os.File, os.FileMode) error)
	for path, want := range map[string]bool{"in/file": false, "out/secret": true} {
		f, err := g.open(filepath.Join(dir, path))
		must(t, err)
		if err := chmod(f, 0o600); (err == nil) != want {
			t.Errorf("%s: got %v", path, err)
		}
		f.Close()
	}
	must(t, os.Symlink(filepath.Join(in, "file"), filepath.Join(out, "link")))
	f, err := g.open(filepath.Join(out, "link"))
	must(t, err)
	defer f.Close()
	if err := chmod(f, 0o600); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("through a link: got %v", err)
	}
}

// What is looked at is what is opened, whatever happens in between.
func TestLinksThatChange(t *testing.T) {
	dir := tree(t)
	in := filepath.Join(dir, "in")
	g := granting(runtime.Permissions{Read: []string{in}, Write: []string{in}})
	path := filepath.Join(in, "turn")
	stop := make(chan struct{})
	var turning sync.WaitGroup
	turning.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			tmp := filepath.Join(in, "tmp")
			_ = os.Remove(tmp)
			switch i % 3 {
			case 0:
				_ = os.Symlink("../out", tmp)
			case 1:
				_ = os.Symlink("dir", tmp)
			case 2:
				_ = os.Mkdir(tmp, 0o700)
				_ = os.WriteFile(filepath.Join(tmp, "secret"), []byte("own"), 0o600)
				_ = os.RemoveAll(path)
			}
			_ = os.Rename(tmp, path)
		}
	})
	for range 3000 {
		data, err := g.readFile(filepath.Join(path, "secret"))
		if err == nil && string(data) != "own" {
			t.Errorf("got %q", data)
			break
		}
		if err := g.writeFile(filepath.Join(path, "secret"), []byte("own"), 0o600); err == nil {
			continue
		}
	}
	close(stop)
	turning.Wait()
	data, err := os.ReadFile(filepath.Join(dir, "out/secret"))
	if string(data) != "content of out/secret" {
		t.Errorf("out/secret: got %q, %v", data, err)
	}
}

func TestRootsAreThoseThatWereGranted(t *testing.T) {
	dir := tree(t)
	g := granting(runtime.Permissions{Read: []string{dir}, Write: []string{filepath.Join(dir, "out")}})
	root, err := g.openRoot(dir)
	must(t, err)
	defer root.Close()
	create := g.Func("(*os.Root).Create").(func(*os.Root, string) (*os.File, error))
	if _, err := create(root, "new"); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "permissions: {write: ["+dir+"]") {
		t.Errorf("got %v", err)
	}
	out, err := g.openRoot(filepath.Join(dir, "out"))
	must(t, err)
	defer out.Close()
	f, err := create(out, "new")
	must(t, err)
	f.Close()
	inner, err := g.openRootInside(root, "in")
	must(t, err)
	defer inner.Close()
	if data, err := fs.ReadFile(g.rootFS(inner), "file"); string(data) != "content of in/file" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := create(&os.Root{}, "new"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a root of nobody: %v", err)
	}
}

// The fields that are set are where they are looked for.
func TestHiddenFields(t *testing.T) {
	dir := tree(t)
	f, err := os.Open(filepath.Join(dir, "secret"))
	must(t, err)
	defer f.Close()
	if got := named(f, "other").Name(); got != "other" {
		t.Errorf("got %s", got)
	}
	info, err := f.Stat()
	must(t, err)
	if got := namedInfo(info, "a/b").Name(); got != "b" {
		t.Errorf("got %s", got)
	}
	same, err := os.Stat(filepath.Join(dir, "secret"))
	must(t, err)
	if !os.SameFile(info, same) {
		t.Error("it is another file now")
	}
}
