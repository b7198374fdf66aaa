package cache_test

import (
	"fmt"
	"os"
	"path"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
)

// volatileFS forgets at a power cut what was not synced: the content of a file since its own Sync, and a name in a
// folder since the Sync of the folder. No disk is that forgetful; none may be more so.
type volatileFS struct {
	afero.Fs

	mu       sync.Mutex
	inodes   map[string]int            // by path, files and folders, as they are
	contents map[int]string            // of files, as synced
	entries  map[string]map[string]int // of folders, by path, as synced
	next     int
}

func newVolatileFS() *volatileFS {
	return &volatileFS{
		Fs: afero.NewMemMapFs(), inodes: map[string]int{}, contents: map[int]string{},
		entries: map[string]map[string]int{},
	}
}

func (v *volatileFS) born(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.inodes[name]; !ok {
		v.next++
		v.inodes[name] = v.next
	}
}

func (v *volatileFS) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	v.born(name)
	file, err := v.Fs.OpenFile(name, flag, perm)
	return &volatileFile{file, v, name}, err
}

func (v *volatileFS) Open(name string) (afero.File, error) {
	file, err := v.Fs.Open(name)
	if err != nil {
		return nil, err
	}
	return &volatileFile{file, v, name}, nil
}

func (v *volatileFS) MkdirAll(name string, perm os.FileMode) error {
	for dir := name; dir != "."; dir = path.Dir(dir) {
		v.born(dir)
	}
	return v.Fs.MkdirAll(name, perm)
}

func (v *volatileFS) Rename(from, to string) error {
	v.mu.Lock()
	v.inodes[to] = v.inodes[from]
	delete(v.inodes, from)
	v.mu.Unlock()
	return v.Fs.Rename(from, to)
}

type volatileFile struct {
	afero.File
	fs   *volatileFS
	name string
}

func (f *volatileFile) Sync() error {
	info, err := f.File.Stat()
	if err != nil {
		return err
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if !info.IsDir() {
		content, err := afero.ReadFile(f.fs.Fs, f.name)
		f.fs.contents[f.fs.inodes[f.name]] = string(content)
		return err
	}
	entries := map[string]int{}
	for name, inode := range f.fs.inodes {
		if path.Dir(name) == f.name {
			entries[path.Base(name)] = inode
		}
	}
	f.fs.entries[f.name] = entries
	return nil
}

// cut returns what a power cut leaves: the names that were synced, with the contents that were synced.
func (v *volatileFS) cut(t *testing.T) afero.Fs {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	left := afero.NewMemMapFs()
	var restore func(dir string)
	restore = func(dir string) {
		for name, inode := range v.entries[dir] {
			name = path.Join(dir, name)
			if _, isDir := v.entries[name]; isDir {
				restore(name)
				continue
			}
			write(t, left, name, v.contents[inode])
		}
	}
	restore(".")
	return left
}

// TestPowerCut cuts the power once an Activate has returned.
func TestPowerCut(t *testing.T) {
	v := newVolatileFS()
	for i := range 3 {
		tree := small()
		tree["new"] = &fstest.MapFile{Data: []byte(fmt.Sprint(i))}
		want := store(t, cache.New(v), tree)
		s := cache.New(v.cut(t))
		if got, err := active(t, s); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v and error %v, want %+v", got, err, want)
		}
		wantTree(t, s, want.Digest, tree)
	}
}

// TestPowerCutAfterAnotherProcess cuts the power once an Activate has returned that found files of another process,
// which was killed before it had synced their folders.
func TestPowerCutAfterAnotherProcess(t *testing.T) {
	for _, phase := range []string{"blobs", "trees"} {
		t.Run(phase, func(t *testing.T) {
			v := newVolatileFS()
			other := cache.New(&faulty{Fs: v, fail: func(op, name string) error {
				if op == "sync" && (name == "." || strings.HasPrefix(name, phase)) {
					return os.ErrClosed
				}
				return nil
			}})
			if _, err := other.Put(t.Context(), small()); err == nil {
				t.Fatal("the other process was not killed")
			}
			want := store(t, cache.New(v), small())
			wantTree(t, cache.New(v.cut(t)), want.Digest, small())
		})
	}
}

// TestPowerCutAfterMending cuts the power once a Put has returned that put a lost blob back.
func TestPowerCutAfterMending(t *testing.T) {
	v := newVolatileFS()
	s := cache.New(v)
	want := store(t, s, small())
	blobs, err := afero.Glob(v, "blobs/*/*")
	if err != nil || len(blobs) != 2 {
		t.Fatalf("got blobs %v and error %v, want two", blobs, err)
	}
	for _, blob := range blobs {
		v.lose(t, blob)
		if _, err := s.Put(t.Context(), small()); err != nil {
			t.Fatal(err)
		}
		wantTree(t, cache.New(v.cut(t)), want.Digest, small())
	}
}

// lose removes a file for good.
func (v *volatileFS) lose(t *testing.T, name string) {
	t.Helper()
	if err := v.Remove(name); err != nil {
		t.Fatal(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.inodes, name)
	delete(v.entries[path.Dir(name)], path.Base(name))
}
