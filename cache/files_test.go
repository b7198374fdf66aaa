package cache_test

import (
	"testing"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/cachetest"
)

func TestMemory(t *testing.T) {
	cachetest.Run(t, func(*testing.T) cache.Store { return cache.Memory() })
}

func TestDisk(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store {
		t.Helper()
		return openDisk(t, t.TempDir())
	})
}

func openDisk(tb testing.TB, dir string) *cache.Files {
	tb.Helper()
	s, err := cache.Disk(dir)
	if err != nil {
		tb.Fatalf("Disk: %v", err)
	}
	return s
}

// TestNewOnAFolder holds New over a base path to the suite, as a host binary might use it.
func TestNewOnAFolder(t *testing.T) {
	cachetest.Run(t, func(*testing.T) cache.Store {
		return cache.New(afero.NewBasePathFs(afero.NewMemMapFs(), "/deep/inside"))
	})
}
