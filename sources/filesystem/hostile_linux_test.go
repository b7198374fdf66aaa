package filesystem_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// fetchAll resolves and fetches the folder.
func fetchAll(t *testing.T, dir string) (fs.FS, error) {
	t.Helper()
	src, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	rev, err := src.Resolve(t.Context())
	if err != nil {
		return nil, err
	}
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		return nil, err
	}
	return tree.Seal()
}

// put writes a file whatever its name is, where the system can have it.
func put(t *testing.T, dir, name string) (ok bool) {
	t.Helper()
	path := dir + "/" + name
	err := os.MkdirAll(path[:strings.LastIndex(path, "/")], 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte("x"), 0o600)
	}
	if err != nil && !errors.Is(err, syscall.EISDIR) && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, syscall.EEXIST) {
		t.Fatal(err)
	}
	return err == nil
}

func TestHostilePaths(t *testing.T) {
	taken := 0
	for _, h := range sourcetest.HostilePaths() {
		if strings.HasPrefix(h.Paths[len(h.Paths)-1], "/") {
			continue // what stands for it on a disk is not below the folder
		}
		t.Run(h.Name, func(t *testing.T) {
			dir := t.TempDir()
			for _, p := range h.Paths {
				for elem := range strings.SplitSeq(p, "/") {
					if elem == ".." || elem == "." || elem == "" {
						t.Skip("a disk has no such names")
					}
				}
				if !put(t, dir, p) {
					t.Skip("a disk cannot have both")
				}
			}
			taken++
			_, err := fetchAll(t, dir)
			if err == nil || sources.KindOf(err) != sources.Refused || !strings.Contains(err.Error(), h.Want) {
				t.Errorf("got %v, want %q", err, h.Want)
			}
		})
	}
	if taken < 35 {
		t.Errorf("only %d paths could be written", taken)
	}
}

func TestHostileFolders(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		make func(dir string)
		want string // empty: it is left out
	}{
		{"a link to a file outside", func(dir string) { must(os.Symlink(filepath.Join(outside, "secret"), dir+"/l")) }, "outside the tree"},
		{"a link up", func(dir string) { must(os.Symlink("../secret", dir+"/l")) }, "outside the tree"},
		{"a link to a folder outside", func(dir string) { must(os.Symlink(outside, dir+"/l")) }, "outside the tree"},
		{"a link to the root", func(dir string) { must(os.Symlink("/", dir+"/l")) }, "outside the tree"},
		{"a link to a process", func(dir string) { must(os.Symlink("/proc/self/environ", dir+"/l")) }, "outside the tree"},
		{"a link through a folder", func(dir string) {
			must(os.Mkdir(dir+"/d", 0o755))
			must(os.Symlink("d/../../secret", dir+"/l"))
		}, "outside the tree"},
		{"a chain of links", func(dir string) {
			must(os.Symlink("b", dir+"/a"))
			must(os.Symlink("../..", dir+"/b"))
		}, "outside the tree"},
		{"a pipe", func(dir string) { must(syscall.Mkfifo(dir+"/p", 0o600)) }, ""},
		{"a socket", func(dir string) {
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			must(err)
			defer syscall.Close(fd)
			t.Chdir(dir) // its path may have 108 bytes
			must(syscall.Bind(fd, &syscall.SockaddrUnix{Name: "s"}))
		}, ""},
		{"a sparse file of a terabyte", func(dir string) {
			must(os.WriteFile(dir+"/big", nil, 0o600))
			must(os.Truncate(dir+"/big", 1<<40))
		}, "it has more than"},
		{"a link to itself", func(dir string) { must(os.Symlink("l", dir+"/l")) }, ""},
		{"links in a circle", func(dir string) {
			must(os.Symlink("b", dir+"/a"))
			must(os.Symlink("a", dir+"/b"))
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "root")
			must(os.Mkdir(dir, 0o755))
			must(os.WriteFile(filepath.Dir(dir)+"/secret", []byte("s3cret"), 0o600))
			must(os.WriteFile(dir+"/good.go", []byte("x"), 0o600))
			tt.make(dir)
			files, err := fetchAll(t, dir)
			if tt.want != "" {
				if err == nil || sources.KindOf(err) != sources.Refused || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				return
			}
			must(err)
			if entries, err := fs.ReadDir(files, "."); err != nil || len(entries) != 1 || entries[0].Name() != "good.go" {
				t.Errorf("files %v, %v", entries, err)
			}
		})
	}
}
