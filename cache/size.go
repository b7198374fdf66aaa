package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// Size is what a store takes, in bytes.
type Size struct {
	Trees int `json:"trees"`
	Blobs int `json:"blobs"`
	// Listings, Contents and Records are what is in use or kept; Temporary is of writes under way or interrupted, and
	// Corrupt what was set aside.
	Listings  int64 `json:"listing_bytes"`
	Contents  int64 `json:"content_bytes"`
	Records   int64 `json:"record_bytes"`
	Temporary int64 `json:"temporary_bytes"`
	Corrupt   int64 `json:"corrupt_bytes"`
	Total     int64 `json:"total_bytes"`
	// Local is what the local copy takes, of a store that has one.
	Local *Size `json:"local,omitempty"`
}

// Size measures the store. It reads no file.
func (f *Files) Size(ctx context.Context) (Size, error) {
	var s Size
	parts := map[string]*int64{
		treesDir: &s.Listings, blobsDir: &s.Contents, journalDir: &s.Records, tempDir: &s.Temporary, corruptDir: &s.Corrupt,
	}
	for _, dir := range recordDirs {
		parts[dir] = &s.Records
	}
	for dir, bytes := range parts {
		err := f.walk(dir, func(info os.FileInfo) {
			*bytes += info.Size()
			s.Total += info.Size()
			switch dir {
			case treesDir:
				s.Trees++
			case blobsDir:
				s.Blobs++
			}
		})
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return Size{}, fmt.Errorf("measure cache: %w", err)
		}
	}
	return s, nil
}

// walk visits the files below a folder. What is removed meanwhile is not counted.
func (f *Files) walk(dir string, visit func(os.FileInfo)) error {
	infos, err := f.list(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, info := range infos {
		if !info.IsDir() {
			visit(info)
			continue
		}
		if err := f.walk(path.Join(dir, info.Name()), visit); err != nil {
			return err
		}
	}
	return nil
}
