package filesystem

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
)

// BenchmarkUpdate measures Resolve and Fetch of a folder with 2,000 files of 4 KiB: for the first time, where all are
// read; when one has changed since; and when none has, which is what a poll costs.
func BenchmarkUpdate(b *testing.B) {
	dir := b.TempDir()
	for i := range 2000 {
		path := filepath.Join(dir, fmt.Sprint("pkg", i/40), fmt.Sprint("file", i, ".go"))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Repeat([]byte(fmt.Sprintf("%7d\n", i)), 512), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	open := func(b *testing.B) *Source {
		b.Helper()
		src, err := New(Options{Path: dir})
		if err != nil {
			b.Fatal(err)
		}
		src.now = func() time.Time { return time.Now().Add(time.Minute) } // no file is fresh
		return src
	}
	update := func(b *testing.B, src *Source) {
		b.Helper()
		rev, err := src.Resolve(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		tree := sources.NewTree(sources.Selection{}, sources.Limits{})
		if err := src.Fetch(b.Context(), rev, tree); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("all=2000", func(b *testing.B) {
		for b.Loop() {
			update(b, open(b))
		}
	})
	b.Run("changed=1", func(b *testing.B) {
		src := open(b)
		update(b, src)
		n := 0
		for b.Loop() {
			n++
			path := filepath.Join(dir, "pkg7", "file280.go")
			if err := os.WriteFile(path, fmt.Append(nil, "edit ", n), 0o644); err != nil {
				b.Fatal(err)
			}
			update(b, src)
		}
	})
	b.Run("changed=0", func(b *testing.B) {
		src := open(b)
		update(b, src)
		for b.Loop() {
			if _, err := src.Resolve(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
