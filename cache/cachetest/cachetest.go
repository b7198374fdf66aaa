// Package cachetest is the suite that every cache.Store passes:
//
//	func TestStore(t *testing.T) {
//		cachetest.Run(t, func(t *testing.T) cache.Store { return mystore.New(t.TempDir()) })
//	}
//
// A store whose Collect leaves alone what is new, as a Shared does, has to be an Aging, too.
package cachetest

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/scriptd/scriptd/cache"
)

// Run tests each sentence of the cache.Store interface, and of cache.Keeper where a store is one. Every case has a store of
// its own, which open returns empty.
func Run(t *testing.T, open func(t *testing.T) cache.Store) {
	t.Helper()
	for _, group := range []struct {
		name  string
		cases []testCase
	}{
		{"Put", putCases()},
		{"Open", openCases()},
		{"Activate", activateCases()},
		{"Head", headCases()},
		{"Control", controlCases()},
		{"Version", versionCases()},
		{"Syncs", syncsCases()},
		{"Concurrent", concurrentCases()},
		{"Collect", collectCases()},
		{"Keep", keepCases()},
		{"Archive", archiveCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) { c.run(suite{t, open(t)}) })
			}
		})
	}
}

// Aging is a store that does not remove what is new, whoever needs it.
type Aging interface {
	cache.Store
	// Later makes all that is in the store old.
	Later(t *testing.T)
}

// later makes what is in the store old, where that makes a difference.
func (t suite) later() {
	t.Helper()
	if s, ok := t.store.(Aging); ok {
		s.Later(t.T)
	}
}

type testCase struct {
	name string
	run  func(suite)
}

// suite is what a case has: its test and its store.
type suite struct {
	*testing.T
	store cache.Store
}

// file returns a file with mode 0644.
func file(content string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(content), Mode: 0o644}
}

// program returns a file with mode 0755.
func program(content string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(content), Mode: 0o755}
}

// sample returns a tree with a bit of everything that a tree may hold.
func sample() fstest.MapFS {
	return fstest.MapFS{
		"README.md":              file("# plugins\n"),
		"empty":                  file(""),
		"a.b":                    file("sorts before a/b, and is walked after it"),
		"a/b":                    file("same"),
		"a/c":                    file("same"),
		"netcheck/main.go":       file("package netcheck\n"),
		"netcheck/run.sh":        program("#!/bin/sh\n"),
		"netcheck/data/blob.bin": file(string(bytes.Repeat([]byte{0, 255, '\n', '\r', 128}, 20_000))),
		"names/with space":       file("1"),
		"names/ünïcode/日本":       file("2"),
		"names/\"quoted\"":       file("3"),
		"names/new\nline":        file("4"),
		"names/...":              file("5"),
	}
}

// put stores a tree, or ends the test.
func (t suite) put(tree fs.FS) cache.Digest {
	t.Helper()
	d, err := t.store.Put(t.Context(), tree)
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	return d
}

// digest returns the digest of a tree by its definition, or ends the test.
func (t suite) digest(tree fs.FS) cache.Digest {
	t.Helper()
	listing, err := cache.Listing(tree)
	if err != nil {
		t.Fatalf("Listing: %v", err)
	}
	return cache.DigestOf(listing)
}

// wantErr ends the test unless err matches target.
func (t suite) wantErr(err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("got error %v, want one that is %q", err, target)
	}
}

// wantTree ends the test unless the store has d, and opens it as tree.
func (t suite) wantTree(d cache.Digest, tree fstest.MapFS) fs.FS {
	t.Helper()
	opened, err := t.store.Open(t.Context(), d)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	Same(t.T, opened, tree)
	return opened
}

// Same fails the test unless got holds the files of want and no others, executable where they are so in want.
func Same(t *testing.T, got fs.FS, want fstest.MapFS) {
	t.Helper()
	left := len(want)
	err := fs.WalkDir(got, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file := want[name]
		if file == nil {
			t.Errorf("got file %q, which is not in the tree", name)
			return nil
		}
		left--
		info, err := d.Info()
		if err != nil {
			return err
		}
		content, err := fs.ReadFile(got, name)
		if err != nil {
			return err
		}
		if !bytes.Equal(content, file.Data) {
			t.Errorf("%q: got %d bytes, want %d, or others", name, len(content), len(file.Data))
		}
		if x, y := info.Mode()&0o111 != 0, file.Mode&0o111 != 0; x != y {
			t.Errorf("%q: got executable %v, want %v", name, x, y)
		}
		return nil
	})
	if err != nil {
		t.Errorf("walk: %v", err)
	}
	if left != 0 {
		t.Errorf("%d of %d files are missing", left, len(want))
	}
}

// wantActive ends the test unless want is what is active for source.
func (t suite) wantActive(source string, want cache.Active) {
	t.Helper()
	got, err := t.store.Active(t.Context(), source)
	if err != nil {
		t.Fatalf("Active: %v", err)
	}
	if got.Version == "" || got.Version == cache.Absent {
		t.Fatalf("Active: got version %q", got.Version)
	}
	got.Version, want.Version = "", ""
	if diff := cmp.Diff(got, want); diff != "" { // times are compared with their method Equal
		t.Fatalf("Active: got -, want +:\n%s", diff)
	}
}

func (t suite) activate(source string, a cache.Active) {
	t.Helper()
	if err := t.store.Activate(t.Context(), source, a); err != nil {
		t.Fatalf("Activate: %v", err)
	}
}
