package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/sync/errgroup"
)

// workers is how many files are read or written at a time. It is more than there are cores, since a write waits for
// the disk.
const workers = 8

// scan reads every file of tree and returns the entries, sorted by path. It hands each file to visit, from several
// goroutines; the content is visit's only until it returns. The first error ends it.
func scan(ctx context.Context, tree fs.FS, visit func(e entry, content []byte) error) ([]entry, error) {
	entries, err := walk(ctx, tree)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range entries {
		e := &entries[i]
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			content, err := fs.ReadFile(tree, e.path)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(content)
			e.sum, e.size = hex.EncodeToString(sum[:]), int64(len(content))
			return visit(*e, content)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return entries, nil
}

// walk returns the paths and modes of the files of tree, sorted by path.
func walk(ctx context.Context, tree fs.FS) ([]entry, error) {
	var entries []entry
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s: not a regular file", path)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		entries = append(entries, entry{path: path, executable: info.Mode()&0o111 != 0})
		return nil
	})
	// WalkDir goes through a/b before a.b; the listing does not.
	slices.SortFunc(entries, byPath)
	return entries, err
}
