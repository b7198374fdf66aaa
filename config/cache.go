package config

import (
	"os"
	"path/filepath"

	"github.com/scriptd/scriptd/cache"
)

// DefaultKeep is the number of trees of each source that the cache keeps where the file does not say.
const DefaultKeep = 10

func (b *builder) cacheDir(s *cacheSection) string {
	if s.Dir.set {
		return b.path(&s.Dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		b.add(s.at, "cache: this user has no cache folder: set dir (%v)", err)
	}
	return filepath.Join(dir, "scriptd")
}

func (b *builder) retention(s *cacheSection) *cache.Retention {
	keep := s.Keep.n
	if keep == 0 {
		keep = DefaultKeep
	}
	// What is none is negative, and no bound.
	return &cache.Retention{Keep: int(max(keep, 0)), MaxAge: b.duration(&s.MaxAge), MaxSize: max(s.MaxSize.n, 0)}
}
