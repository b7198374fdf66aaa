package s3_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

// BenchmarkOpen opens a tree of 200 files of 4 kB, as a repository of plugins may have, that is in a folder, in a folder in front of
// a bucket, and in a bucket alone.
func BenchmarkOpen(b *testing.B) {
	tree := fstest.MapFS{}
	for i := range 200 {
		tree[fmt.Sprintf("%d/plugin.go", i)] = &fstest.MapFile{Data: fmt.Appendf(make([]byte, 4096), "%d", i)}
	}
	disk, err := cache.Disk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	p := newPlace(b)
	for _, bench := range []struct {
		name string
		s    cache.Store
	}{
		{"Disk", disk},
		{"Layered", p.layered(b, b.TempDir())},
		{"Bucket", p.open(b)},
	} {
		d := put(b, bench.s, tree)
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := bench.s.Open(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPut puts the tree of BenchmarkOpen into a bucket, all of it new, with one file edited, and as it is there.
func BenchmarkPut(b *testing.B) {
	tree := fstest.MapFS{}
	for i := range 200 {
		tree[fmt.Sprintf("%d/plugin.go", i)] = &fstest.MapFile{Data: fmt.Appendf(make([]byte, 4096), "%d", i)}
	}
	s := newPlace(b).open(b)
	b.Run("New", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			for name, f := range tree {
				f.Data = fmt.Appendf(make([]byte, 4096), "%s %d", name, i)
			}
			b.StartTimer()
			put(b, s, tree)
		}
	})
	b.Run("Edited", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			tree["edited"] = &fstest.MapFile{Data: fmt.Append(nil, i)}
			put(b, s, tree)
		}
	})
	b.Run("Again", func(b *testing.B) {
		for b.Loop() {
			put(b, s, tree)
		}
	})
}
