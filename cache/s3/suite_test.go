package s3_test

import (
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/cachetest"
	"github.com/scriptd/scriptd/cache/s3"
)

func TestStore(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store {
		t.Helper()
		return newPlace(t).open(t)
	})
}

func TestLayered(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store {
		t.Helper()
		p := newPlace(t)
		return aged{p.layered(t, t.TempDir()), p}
	})
}

// layered returns a store with a folder in front of the bucket.
func (p place) layered(tb testing.TB, dir string) *cache.Layered {
	tb.Helper()
	shared, err := s3.New(p.opts)
	if err != nil {
		tb.Fatal(err)
	}
	local, err := cache.Disk(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return cache.NewLayered(local, shared)
}
