package cachetest

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

func openCases() []testCase {
	return []testCase{
		{"returns a whole file system", openFS},
		{"returns a tree of the same digest", openDigest},
		{"returns what does not change with what was put", openIndependent},
		{"returns what nobody can change", openImmutable},
		{"fails for a digest that is not there", openUnknown},
		{"fails for what is no digest", openInvalid},
		{"fails after the end of its context", openCancelled},
	}
}

func openFS(t suite) {
	tree := sample()
	opened := t.wantTree(t.put(tree), tree)
	if err := fstest.TestFS(opened, slices.Collect(maps.Keys(tree))...); err != nil {
		t.Error(err)
	}
	err := fs.WalkDir(opened, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !d.Type().IsRegular() {
			t.Errorf("%s: got mode %s, want a regular file", name, d.Type())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	sub, err := fs.Sub(opened, "netcheck")
	if err != nil {
		t.Fatal(err)
	}
	Same(t.T, sub, fstest.MapFS{
		"main.go": tree["netcheck/main.go"], "run.sh": tree["netcheck/run.sh"],
		"data/blob.bin": tree["netcheck/data/blob.bin"],
	})
}

func openDigest(t suite) {
	d := t.put(sample())
	opened := t.wantTree(d, sample())
	if got := t.digest(opened); got != d {
		t.Errorf("got a tree with digest %s, want %s", got, d)
	}
	if got := t.put(opened); got != d {
		t.Errorf("put again: got digest %s, want %s", got, d)
	}
}

func openIndependent(t suite) {
	tree := sample()
	d := t.put(tree)
	opened := t.wantTree(d, sample())
	for _, f := range tree {
		for i := range f.Data {
			f.Data[i] ^= 1
		}
	}
	t.put(tree)
	Same(t.T, opened, sample())
	t.wantTree(d, sample())
}

func openImmutable(t suite) {
	d := t.put(sample())
	opened := t.wantTree(d, sample())
	content, err := fs.ReadFile(opened, "a/b")
	if err != nil {
		t.Fatal(err)
	}
	clear(content)
	entries, err := fs.ReadDir(opened, ".")
	if err != nil {
		t.Fatal(err)
	}
	clear(entries)
	Same(t.T, opened, sample())
	t.wantTree(d, sample())
}

func openUnknown(t suite) {
	t.put(sample())
	_, err := t.store.Open(t.Context(), t.digest(fstest.MapFS{"other": file("")}))
	t.wantErr(err, cache.ErrNotFound)
}

func openInvalid(t suite) {
	d := t.put(sample())
	sum := strings.TrimPrefix(string(d), "sha256:")
	for _, bad := range []string{
		"", "sha256:", sum, "sha512:" + sum, "sha256:" + strings.ToUpper(sum), string(d) + "0", string(d) + "\n",
		"sha256:../trees/" + sum, "sha256:" + strings.Repeat("../", 21) + "x",
	} {
		if cache.Digest(bad).Valid() {
			t.Errorf("%q is valid", bad)
		}
		_, err := t.store.Open(t.Context(), cache.Digest(bad))
		t.wantErr(err, cache.ErrNotFound)
	}
}

func openCancelled(t suite) {
	d := t.put(sample())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := t.store.Open(ctx, d)
	t.wantErr(err, context.Canceled)
}
