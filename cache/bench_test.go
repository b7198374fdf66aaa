package cache_test

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// BenchmarkDisk stores and opens a tree of 200 files of 4 kB, as a repository of plugins may have.
func BenchmarkDisk(b *testing.B) {
	tree := fstest.MapFS{}
	for i := range 200 {
		tree[fmt.Sprintf("%d/plugin.go", i)] = &fstest.MapFile{Data: fmt.Appendf(make([]byte, 4096), "%d", i)}
	}
	b.Run("Put", func(b *testing.B) {
		s := openDisk(b, b.TempDir())
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			for name, f := range tree {
				f.Data = fmt.Appendf(make([]byte, 4096), "%s %d", name, i)
			}
			b.StartTimer()
			if _, err := s.Put(b.Context(), tree); err != nil {
				b.Fatal(err)
			}
		}
	})
	s := openDisk(b, b.TempDir())
	d, err := s.Put(b.Context(), tree)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("PutEdited", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			tree["edited"] = &fstest.MapFile{Data: fmt.Append(nil, i)}
			if _, err := s.Put(b.Context(), tree); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("PutAgain", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Put(b.Context(), tree); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Open(b.Context(), d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
