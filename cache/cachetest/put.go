package cachetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/cache"
)

func putCases() []testCase {
	return []testCase{
		{"returns the digest of the listing", putDigest},
		{"gives equal trees one digest", putEqual},
		{"gives different trees different digests", putDifferent},
		{"takes a tree that is there", putTwice},
		{"takes a tree without files", putEmpty},
		{"takes many files", putMany},
		{"refuses what is no regular file", putIrregular},
		{"stores nothing of a tree that cannot be read", putUnreadable},
		{"stores nothing after the end of its context", putCancelled},
	}
}

func putDigest(t suite) {
	d := t.put(sample())
	if !d.Valid() {
		t.Errorf("%q is not valid", d)
	}
	if want := t.digest(sample()); d != want {
		t.Errorf("got digest %s, want %s", d, want)
	}
	t.wantTree(d, sample())
}

func putEqual(t suite) {
	other := sample()
	for _, f := range other {
		f.ModTime = time.Unix(1, 0)
		f.Mode &^= 0o066
	}
	other["folder/without/files"] = &fstest.MapFile{Mode: fs.ModeDir | 0o700}
	if got, want := t.put(other), t.put(sample()); got != want {
		t.Errorf("got digest %s for other times, owner modes and empty folders, want %s", got, want)
	}
}

func putDifferent(t suite) {
	first := t.put(sample())
	for name, change := range map[string]func(fstest.MapFS){
		"content":  func(m fstest.MapFS) { m["a/b"] = file("sane") },
		"mode":     func(m fstest.MapFS) { m["a/b"] = program("same") },
		"new file": func(m fstest.MapFS) { m["a/d"] = file("") },
		"no file":  func(m fstest.MapFS) { delete(m, "empty") },
		"rename":   func(m fstest.MapFS) { m["a/bb"] = m["a/b"]; delete(m, "a/b") },
		"move":     func(m fstest.MapFS) { m["b"] = m["a/b"]; delete(m, "a/b") },
		"swap":     func(m fstest.MapFS) { m["a/b"], m["empty"] = m["empty"], m["a/b"] },
	} {
		changed := sample()
		change(changed)
		d := t.put(changed)
		if d == first {
			t.Errorf("%s: got the digest of the tree without the change", name)
		}
		t.wantTree(d, changed)
	}
	t.wantTree(first, sample())
}

func putTwice(t suite) {
	first := t.put(sample())
	if again := t.put(sample()); again != first {
		t.Errorf("got digest %s, then %s", first, again)
	}
	t.wantTree(first, sample())
}

func putEmpty(t suite) {
	d := t.put(fstest.MapFS{})
	opened := t.wantTree(d, fstest.MapFS{})
	if entries, err := fs.ReadDir(opened, "."); err != nil || len(entries) != 0 {
		t.Errorf("ReadDir: got %v and error %v, want nothing", entries, err)
	}
}

func putMany(t suite) {
	tree := fstest.MapFS{}
	for i := range 300 {
		tree[fmt.Sprintf("%d/%d/%d.go", i%3, i%7, i)] = file(fmt.Sprintf("package p // %d", i/2))
	}
	t.wantTree(t.put(tree), tree)
}

func putIrregular(t suite) {
	for name, mode := range map[string]fs.FileMode{"link": fs.ModeSymlink, "pipe": fs.ModeNamedPipe} {
		tree := sample()
		tree["netcheck/"+name] = &fstest.MapFile{Data: []byte("main.go"), Mode: mode | 0o644}
		if d, err := t.store.Put(t.Context(), tree); err == nil {
			t.Errorf("%s: got digest %s, want an error", name, d)
		}
	}
}

// failingFS cannot read one file.
type failingFS struct {
	fstest.MapFS
	name string
	err  error
}

func (f failingFS) ReadFile(name string) ([]byte, error) {
	if name == f.name {
		return nil, f.err
	}
	return f.MapFS.ReadFile(name)
}

func putUnreadable(t suite) {
	broken := errors.New("broken")
	for name := range maps.Keys(sample()) {
		_, err := t.store.Put(t.Context(), failingFS{sample(), name, broken})
		t.wantErr(err, broken)
	}
	_, err := t.store.Open(t.Context(), t.digest(sample()))
	t.wantErr(err, cache.ErrNotFound)
}

func putCancelled(t suite) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := t.store.Put(ctx, sample())
	t.wantErr(err, context.Canceled)
	_, err = t.store.Open(t.Context(), t.digest(sample()))
	t.wantErr(err, cache.ErrNotFound)
}
