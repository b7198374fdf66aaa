package cache_test

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
)

// aged returns a file system with a store in it, of three trees that were active one after the other.
func aged(t *testing.T) (afero.Fs, []cache.Digest) {
	t.Helper()
	mem := afero.NewMemMapFs()
	var trees []cache.Digest
	for i := range 3 {
		trees = append(trees, store(t, cache.New(mem), version(i)).Digest)
	}
	return mem, trees
}

func version(i int) fstest.MapFS {
	tree := small()
	tree["version"] = &fstest.MapFile{Data: []byte(fmt.Sprint(i)), Mode: 0o644}
	return tree
}

// TestCollectStopsWhereItDoesNotKnow: what a damaged record or listing names might be the last copy.
func TestCollectStopsWhereItDoesNotKnow(t *testing.T) {
	for _, pattern := range []string{"active/*", "trees/*"} {
		mem, trees := aged(t)
		names, err := afero.Glob(mem, pattern)
		if err != nil {
			t.Fatal(err)
		}
		sound, err := afero.ReadFile(mem, names[0])
		if err != nil {
			t.Fatal(err)
		}
		damage(t, mem, names[0])
		s := cache.New(mem)
		if c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); !errors.Is(err, cache.ErrCorrupt) || len(c.Trees) > 0 {
			t.Errorf("%s: got %+v, %v", names[0], c, err)
		}
		write(t, mem, names[0], string(sound))
		for i, d := range trees {
			wantTree(t, s, d, version(i))
		}
	}
}

// TestCollectStopsAnywhere fails each operation of a Collect in turn, once alone and once with all that would follow: what is kept
// is whole, and the next Collect completes what was begun.
func TestCollectStopsAnywhere(t *testing.T) {
	for _, fatal := range []bool{false, true} {
		t.Run(fmt.Sprintf("fatal=%v", fatal), func(t *testing.T) {
			n := 1
			for ; ; n++ {
				mem, trees := aged(t)
				c := &counter{n: n, fatal: fatal}
				s := cache.New(&faulty{Fs: mem, fail: c.fail})
				_, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false)
				if c.op == "" {
					break
				}
				if err != nil && !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("%s: got error %v", c.op, err)
				}
				wantCollected(t, c.op, mem, trees)
			}
			if n < 20 {
				t.Errorf("got only %d operations: are they counted?", n)
			}
		})
	}
}

func wantCollected(t *testing.T, op string, mem afero.Fs, trees []cache.Digest) {
	t.Helper()
	s := cache.New(mem)
	for i, d := range trees {
		if _, err := s.Open(t.Context(), d); err == nil {
			wantTree(t, s, d, version(i))
		} else if i == len(trees)-1 || !errors.Is(err, cache.ErrNotFound) {
			t.Errorf("%s: tree %d: got error %v", op, i, err)
		}
	}
	if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
		t.Errorf("%s: got %+v, %v", op, v, err)
	}
	if _, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); err != nil {
		t.Errorf("%s: Collect afterwards: %v", op, err)
	}
	size, err := s.Size(t.Context())
	if err != nil || size.Trees != 1 || size.Blobs != 3 || size.Temporary != 0 {
		t.Errorf("%s: got %+v, %v, want one tree", op, size, err)
	}
	if left, err := afero.Glob(mem, "journal/team/*"); err != nil || len(left) != 1 {
		t.Errorf("%s: got journal %v, %v", op, left, err)
	}
}

// quota is a disk with room for some bytes. The files that are replaced or removed make room.
type quota struct {
	afero.Fs
	room int64
}

func (q *quota) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	file, err := q.Fs.OpenFile(name, flag, perm)
	return &quotaFile{file, q}, err
}

func (q *quota) free(name string) {
	if info, err := q.Fs.Stat(name); err == nil && !info.IsDir() {
		q.room += info.Size()
	}
}

func (q *quota) Rename(from, to string) error {
	q.free(to)
	return q.Fs.Rename(from, to)
}

func (q *quota) Remove(name string) error {
	q.free(name)
	return q.Fs.Remove(name)
}

type quotaFile struct {
	afero.File
	fs *quota
}

func (f *quotaFile) Write(b []byte) (int, error) {
	n := min(int64(len(b)), f.fs.room)
	written, err := f.File.Write(b[:n])
	f.fs.room -= int64(written)
	if err == nil && written < len(b) {
		err = &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return written, err
}

// TestFullDisk changes what is active with room for ever more bytes: it fails with what was active before intact, until there is
// room for all of it. Then a full disk is collected, and there is room again.
func TestFullDisk(t *testing.T) {
	full := 0
	for room := int64(0); ; room += 7 {
		mem := afero.NewMemMapFs()
		old := store(t, cache.New(mem), version(0))
		q := &quota{mem, room}
		s := cache.New(q)
		d, err := s.Put(t.Context(), version(1))
		if err == nil {
			err = s.Activate(t.Context(), "team", cache.Active{Digest: d, Revision: "1"})
		}
		if err == nil {
			break
		}
		full++
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left on device") {
			t.Fatalf("%d bytes: got error %v", room, err)
		}
		if a, err := s.Active(t.Context(), "team"); err != nil || a.Digest != old.Digest {
			t.Fatalf("%d bytes: got %+v active, %v", room, a, err)
		}
		wantTree(t, s, old.Digest, version(0))
		if left, err := afero.Glob(mem, "tmp/*"); err != nil || len(left) > 0 {
			t.Fatalf("%d bytes: got leftovers %v, %v", room, left, err)
		}
		if _, err := s.Collect(t.Context(), cache.Retention{}, false); err != nil {
			t.Fatalf("%d bytes: Collect: %v", room, err)
		}
		q.room += 1 << 20
		store(t, s, version(1))
	}
	if full < 20 {
		t.Errorf("the disk was full only %d times", full)
	}
}

func TestCollectMakesRoomOnAFullDisk(t *testing.T) {
	mem, trees := aged(t)
	q := &quota{mem, 0}
	s := cache.New(q)
	if _, err := s.Put(t.Context(), version(7)); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got error %v", err)
	}
	c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false)
	if err != nil || len(c.Trees) != 2 {
		t.Fatalf("got %+v, %v", c, err)
	}
	if q.room < c.Bytes {
		t.Errorf("%d bytes are free, and %d were to be", q.room, c.Bytes)
	}
	wantTree(t, s, trees[2], version(2))
	if _, err := s.Put(t.Context(), version(7)); err != nil {
		t.Error(err)
	}
}

func TestCollectClearsWhatWasSetAside(t *testing.T) {
	mem, _, a := stored(t)
	s := cache.New(mem)
	damage(t, mem, "trees/"+strings.TrimPrefix(string(a.Digest), "sha256:"))
	if _, err := s.Open(t.Context(), a.Digest); !errors.Is(err, cache.ErrCorrupt) {
		t.Fatal(err)
	}
	aside, err := afero.Glob(mem, "corrupt/*")
	if err != nil || len(aside) != 1 {
		t.Fatal(aside, err)
	}
	for _, days := range []int{1, 8} {
		info, err := mem.Stat(aside[0])
		if err != nil {
			t.Fatalf("after less than a week: %v", err)
		}
		old := info.ModTime().AddDate(0, 0, -days)
		if err := mem.Chtimes(aside[0], old, old); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Collect(t.Context(), cache.Retention{}, false); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := afero.Glob(mem, path.Join("corrupt", "*")); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v", left, err)
	}
}
