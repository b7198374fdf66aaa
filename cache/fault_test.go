package cache_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
)

// faulty is a file system whose operations fail when fail says so. A write that fails has written half of its bytes.
type faulty struct {
	afero.Fs
	fail func(op, name string) error
}

func (f *faulty) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	if err := f.fail("create", name); err != nil {
		return nil, err
	}
	file, err := f.Fs.OpenFile(name, flag, perm)
	return &faultyFile{file, f, name}, err
}

func (f *faulty) Open(name string) (afero.File, error) {
	if err := f.fail("open", name); err != nil {
		return nil, err
	}
	file, err := f.Fs.Open(name)
	if err != nil {
		return nil, err
	}
	return &faultyFile{file, f, name}, nil
}

func (f *faulty) MkdirAll(name string, perm os.FileMode) error {
	return errors.Join(f.fail("mkdir", name), f.Fs.MkdirAll(name, perm))
}

func (f *faulty) Stat(name string) (os.FileInfo, error) {
	if err := f.fail("stat", name); err != nil {
		return nil, err
	}
	return f.Fs.Stat(name)
}

func (f *faulty) Rename(from, to string) error {
	if err := f.fail("rename", to); err != nil {
		return err
	}
	return f.Fs.Rename(from, to)
}

func (f *faulty) Remove(name string) error {
	if err := f.fail("remove", name); err != nil {
		return err
	}
	return f.Fs.Remove(name)
}

type faultyFile struct {
	afero.File
	fs   *faulty
	name string
}

func (f *faultyFile) Read(b []byte) (int, error) {
	if err := f.fs.fail("read", f.name); err != nil {
		return 0, err
	}
	return f.File.Read(b)
}

func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.fs.fail("write", f.name); err != nil {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

func (f *faultyFile) Sync() error {
	return errors.Join(f.fs.fail("sync", f.name), f.File.Sync())
}

func (f *faultyFile) Close() error {
	return errors.Join(f.File.Close(), f.fs.fail("close", f.name))
}

// counter fails the n-th operation, and all after it where it is fatal.
type counter struct {
	n     int
	fatal bool

	mu   sync.Mutex
	done int
	op   string
}

func (c *counter) fail(op, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if c.done == c.n {
		c.op = op + " " + name
	}
	if c.done == c.n || c.fatal && c.done > c.n {
		return &os.PathError{Op: op, Path: name, Err: syscall.ENOSPC}
	}
	return nil
}

// TestFaults fails each operation of a Put and an Activate in turn, once alone (a full disk) and once with all that
// would follow (a killed process).
func TestFaults(t *testing.T) {
	after := small()
	after["a/x.go"] = &fstest.MapFile{Data: []byte("package a // new"), Mode: 0o644}
	for _, fatal := range []bool{false, true} {
		t.Run(fmt.Sprintf("fatal=%v", fatal), func(t *testing.T) {
			n := 1
			for ; ; n++ {
				c := &counter{n: n, fatal: fatal}
				if fault(t, c, after); c.op == "" {
					break
				}
			}
			if n < 30 {
				t.Errorf("got only %d operations: are they counted?", n)
			}
		})
	}
}

// fault runs a change under c and holds what is there afterwards against before and after.
func fault(t *testing.T, c *counter, after fstest.MapFS) {
	t.Helper()
	mem := afero.NewMemMapFs()
	before := store(t, cache.New(mem), small())
	s := cache.New(&faulty{Fs: mem, fail: c.fail})
	want := cache.Active{Origin: "o", Revision: "new", Digest: mustDigest(t, after)}
	_, err := s.Put(t.Context(), after)
	putFailed := err != nil
	if err == nil {
		err = s.Activate(t.Context(), "team", want)
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%s: got error %v, want the disk's", c.op, err)
	}
	if c.op != "" && c.fatal && err == nil {
		t.Errorf("%s: got no error", c.op)
	}

	if left, err := afero.Glob(mem, "tmp/*"); err != nil || len(left) > 0 && !c.fatal {
		t.Errorf("%s: got leftovers %v (%v)", c.op, left, err)
	}
	reopened := cache.New(mem)
	got, activeErr := active(t, reopened)
	switch {
	case activeErr != nil:
		t.Errorf("%s: Active: %v", c.op, activeErr)
	case err == nil && !reflect.DeepEqual(got, want), putFailed && !reflect.DeepEqual(got, before), !reflect.DeepEqual(got, before) && !reflect.DeepEqual(got, want):
		t.Errorf("%s: got %+v active after error %v", c.op, got, err)
	}
	wantTree(t, reopened, before.Digest, small())
	if opened, err := reopened.Open(t.Context(), want.Digest); err == nil {
		wantTree(t, reopened, want.Digest, after)
	} else if !errors.Is(err, cache.ErrNotFound) || reflect.DeepEqual(got, want) {
		t.Errorf("%s: Open: got %v and error %v, want the tree or %q", c.op, opened, err, cache.ErrNotFound)
	}
	// Whatever was left behind is in nobody's way.
	if d, err := reopened.Put(t.Context(), after); err != nil || d != want.Digest {
		t.Errorf("%s: Put afterwards: got %s and error %v", c.op, d, err)
	}
	wantTree(t, reopened, want.Digest, after)
}

func mustDigest(t *testing.T, tree fstest.MapFS) cache.Digest {
	t.Helper()
	listing, err := cache.Listing(tree)
	if err != nil {
		t.Fatal(err)
	}
	return cache.DigestOf(listing)
}
