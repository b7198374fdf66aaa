package cache_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/cachetest"
)

func small() fstest.MapFS {
	return fstest.MapFS{
		"a/x.go": {Data: []byte("package a"), Mode: 0o644},
		"b/x.go": {Data: []byte("package a"), Mode: 0o644},
		"run.sh": {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
	}
}

// store puts the tree and makes it active for the source "team".
func store(t *testing.T, s cache.Store, tree fs.FS) cache.Active {
	t.Helper()
	d, err := s.Put(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	a := cache.Active{Origin: "o", Revision: "r", Digest: d, FetchedAt: time.Unix(1, 2).UTC()}
	if err := s.Activate(t.Context(), "team", a); err != nil {
		t.Fatal(err)
	}
	return a
}

// active returns what is active for "team", without the version of the record.
func active(t *testing.T, s cache.Store) (cache.Active, error) {
	t.Helper()
	a, err := s.Active(t.Context(), "team")
	a.Version = ""
	return a, err
}

func wantTree(t *testing.T, s cache.Store, d cache.Digest, want fstest.MapFS) {
	t.Helper()
	got, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	cachetest.Same(t, got, want)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(dir)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDiskKeepsWhatItHas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	want := store(t, openDisk(t, dir), small())
	reopened := openDisk(t, dir)
	if got, err := active(t, reopened); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
	wantTree(t, reopened, want.Digest, small())
}

func TestDiskStaysWhereItWasOpened(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := openDisk(t, "cache")
	t.Chdir(t.TempDir())
	a := store(t, s, small())
	wantTree(t, openDisk(t, filepath.Join(dir, "cache")), a.Digest, small())
}

func TestDiskSharesEqualFiles(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir)
	store(t, s, small())
	other := small()
	other["more"] = &fstest.MapFile{Data: []byte("more")}
	store(t, s, other)
	if got := files(t, filepath.Join(dir, "blobs", "*", "*")); len(got) != 3 {
		t.Errorf("got %d blobs, want 3: %v", len(got), got)
	}
	if got := files(t, filepath.Join(dir, "trees", "*")); len(got) != 2 {
		t.Errorf("got %d listings, want 2: %v", len(got), got)
	}
	if got := files(t, filepath.Join(dir, "tmp", "*")); len(got) != 0 {
		t.Errorf("got leftovers: %v", got)
	}
}

func TestDiskIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "cache")
	store(t, openDisk(t, dir), small())
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDiskSweepsLeftovers(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir)
	left := filepath.Join(dir, "tmp", "left")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	// While somebody writes, nobody can tell what is left over.
	_, err := s.Put(t.Context(), whileReading{small(), func() {
		openDisk(t, dir)
		if _, err := os.Stat(left); err != nil {
			t.Errorf("during a write: %v", err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	openDisk(t, dir)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want it gone", err)
	}
}

// whileReading does something whenever a file of it is read.
type whileReading struct {
	fstest.MapFS
	do func()
}

func (w whileReading) ReadFile(name string) ([]byte, error) {
	w.do()
	return w.MapFS.ReadFile(name)
}

func TestDiskRefusesAnotherFormat(t *testing.T) {
	dir := t.TempDir()
	a := store(t, openDisk(t, dir), small())
	version := filepath.Join(dir, "version")
	if got, err := os.ReadFile(version); err != nil || string(got) != "scriptd cache 1\n" {
		t.Errorf("got version %q, %v", got, err)
	}
	if err := os.WriteFile(version, []byte("scriptd cache 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Disk(dir); err == nil || !strings.Contains(err.Error(), `begins with "scriptd cache 2\n", want "scriptd cache 1\n"`) {
		t.Errorf("got error %v", err)
	}
	// A folder from before there was such a file is of the first format.
	if err := os.Remove(version); err != nil {
		t.Fatal(err)
	}
	wantTree(t, openDisk(t, dir), a.Digest, small())
}

func TestDiskRefusesAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Disk(name); err == nil {
		t.Error("got no error for a file in place of the folder")
	}
}

func TestReadOnlyStore(t *testing.T) {
	mem := afero.NewMemMapFs()
	want := store(t, cache.New(mem), small())
	s := cache.New(afero.NewReadOnlyFs(mem))
	if got, err := active(t, s); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
	wantTree(t, s, want.Digest, small())
	// What is there already costs no write, so it works here too.
	if d, err := s.Put(t.Context(), small()); err != nil || d != want.Digest {
		t.Errorf("Put of what is there: got %s and error %v", d, err)
	}
	if _, err := s.Put(t.Context(), fstest.MapFS{"new": {}}); err == nil {
		t.Error("Put of something new: got no error")
	}
}
