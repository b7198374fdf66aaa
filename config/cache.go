package config

import (
	"os"
	"path/filepath"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/s3"
)

// DefaultKeep is the number of trees of each source that the cache keeps where the file does not say.
const DefaultKeep = 10

// cacheParts are what a cache is made of: a folder, a bucket, or both.
type cacheParts struct {
	dir    string // empty for none
	shared *cache.Shared
}

// cacheParts looks up the values, and makes nothing yet.
func (b *builder) cacheParts(s *cacheSection) (parts cacheParts) {
	if s.Dir.set || !s.S3.there() {
		parts.dir = b.cacheDir(s)
	}
	switch {
	case s.S3.there():
		before := len(b.list)
		opts := s3.Options{Bucket: b.bucket(&s.S3.bucketKeys, s.Insecure.on)}
		if !s.S3.sound || len(b.list) > before {
			return parts // what is missing would be blamed twice
		}
		var err error
		if parts.shared, err = s3.New(opts); err != nil {
			b.refuse(s.S3.blamed(), "cache", err)
		}
	case s.Insecure.on:
		b.add(s.place("insecure"), "insecure: it is for the endpoint of s3, and there is no s3")
	}
	return parts
}

// open makes the folder. The bucket is asked when it is used.
func (p cacheParts) open() (cache.Keeper, error) {
	if p.dir == "" {
		return p.shared, nil
	}
	local, err := cache.Disk(p.dir)
	if err != nil || p.shared == nil {
		return local, err
	}
	return cache.NewLayered(local, p.shared), nil
}

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
