package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// Export implements Keeper. It goes through a folder for temporary files, where all that is exported has to have room.
func (s *Shared) Export(ctx context.Context, to io.Writer) (Archive, error) {
	a, err := s.export(ctx, s, to)
	if err != nil {
		return Archive{}, fmt.Errorf("export cache: %w", err)
	}
	return a, nil
}

// exports is how often an export is begun where records change meanwhile.
const exports = 3

// export is Export with trees from another store that has the same.
func (s *Shared) export(ctx context.Context, trees Store, to io.Writer) (a Archive, err error) {
	err = withTemporary(func(files *Files) error {
		for n := 1; ; n++ {
			shelf, err := s.shelf(ctx)
			if err == nil {
				err = copyInUse(ctx, shelf, trees, files)
			}
			switch {
			case err == nil:
				a, err = files.export(ctx, to)
				return err
			case n == exports || !errors.Is(err, ErrNotFound):
				return err
			}
		}
	})
	return a, err
}

// Import implements Keeper. An archive is unpacked, and found to be sound, before anything of it is in the bucket.
func (s *Shared) Import(ctx context.Context, from io.Reader, want Digest) (Archive, error) {
	a, err := importInto(ctx, from, want, s)
	if err != nil {
		return Archive{}, fmt.Errorf("import into cache: %w", err)
	}
	return a, nil
}

// importInto is Import of a store that cannot read an archive by itself.
func importInto(ctx context.Context, from io.Reader, want Digest, to Store) (a Archive, err error) {
	err = withTemporary(func(files *Files) error {
		if a, err = files.importFrom(ctx, from, want); err != nil {
			return err
		}
		return copyInUse(ctx, files, files, to)
	})
	return a, err
}

// withTemporary calls do with a store that is removed afterwards.
func withTemporary(do func(*Files) error) (err error) {
	dir, err := os.MkdirTemp("", "scriptd-cache-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err := Disk(dir)
	if err != nil {
		return err
	}
	return do(files)
}

// copyInUse copies the trees that sources have in use, and then their records, from one store to another. Records there are replaced.
func copyInUse(ctx context.Context, on shelf, from, to Store) error {
	x, err := newIndex(ctx, on)
	if err != nil {
		return err
	}
	for _, d := range slices.Sorted(maps.Keys(x.uses)) {
		if !x.keeps(d) {
			continue
		}
		tree, err := from.Open(ctx, d)
		if errors.Is(err, ErrNotFound) {
			continue // a record may name what was removed
		}
		if err == nil {
			_, err = to.Put(ctx, tree)
		}
		if err != nil {
			return err
		}
	}
	for _, source := range x.sources {
		if err := copyRecords(ctx, source, from, to); err != nil {
			return fmt.Errorf("source %s: %w", source, err)
		}
	}
	return nil
}

func copyRecords(ctx context.Context, source string, from, to Store) error {
	active, err := from.Active(ctx, source)
	switch {
	case err == nil:
		active.Version = ""
		if err := to.Activate(ctx, source, active); err != nil {
			return err
		}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	head, err := from.Head(ctx, source)
	switch {
	case err == nil:
		head.Version = ""
		if err := to.SetHead(ctx, source, head); err != nil {
			return err
		}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	control, err := from.Control(ctx, source)
	if err != nil || control.Version == Absent {
		return err
	}
	control.Version = ""
	return to.SetControl(ctx, source, control)
}
