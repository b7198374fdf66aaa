package cache

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// shelf is a store as those see it who look after it: by the names of what is there, which are those of docs/cache-format.md.
type shelf interface {
	// sources returns the names that there are records of, and trees the digests of the listings that are there.
	sources(ctx context.Context) ([]string, error)
	trees(ctx context.Context) ([]Digest, error)
	// blobs calls visit for each content that is there.
	blobs(ctx context.Context, visit func(blob) error) error
	// entries reads and verifies a listing.
	entries(ctx context.Context, d Digest) ([]entry, error)

	Active(ctx context.Context, source string) (Active, error)
	Head(ctx context.Context, source string) (Head, error)
	Control(ctx context.Context, source string) (Control, error)
	// journal returns what was active for a source, the oldest first, and pastActive the record of an entry.
	journal(ctx context.Context, source string) ([]activation, error)
	pastActive(ctx context.Context, source string, a activation) (Active, error)

	// has reports whether there is something of that name.
	has(ctx context.Context, name string) (bool, error)
	// check reads a content, a listing or a record, and fails with ErrCorrupt where it is not what it was when it was written.
	// It fails with fs.ErrNotExist where it is not there.
	check(ctx context.Context, name string) error
	// moveAside moves what is damaged out of the way, where it can be looked at, so that it is taken for what is not there. It
	// reports false where it was mended meanwhile.
	moveAside(ctx context.Context, name string) (bool, error)
	// restore makes a tree active again, in place of a record that was set aside.
	restore(ctx context.Context, source string, past Active) error
}

// blob is a content that is there, under whatever name.
type blob struct {
	name string
	size int64
	// young: it may not be removed yet, whoever has it.
	young bool
}

var _ shelf = (*Files)(nil)

// sources implements shelf.
func (f *Files) sources(context.Context) ([]string, error) {
	var names []string
	for _, dir := range append([]string{journalDir}, recordDirs...) {
		infos, err := f.list(dir)
		if err != nil {
			return nil, err
		}
		for _, info := range infos {
			if name := strings.TrimSuffix(info.Name(), ".json"); sourceName().MatchString(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// trees implements shelf.
func (f *Files) trees(context.Context) ([]Digest, error) {
	infos, err := f.list(treesDir)
	if err != nil {
		return nil, err
	}
	var list []Digest
	for _, info := range infos {
		if d := Digest(digestPrefix + info.Name()); d.Valid() {
			list = append(list, d)
		}
	}
	return list, nil
}

// blobs implements shelf.
func (f *Files) blobs(_ context.Context, visit func(blob) error) error {
	dirs, err := f.list(blobsDir)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		infos, err := f.list(path.Join(blobsDir, dir.Name()))
		if err != nil {
			return err
		}
		for _, info := range infos {
			if err := visit(blob{name: path.Join(blobsDir, dir.Name(), info.Name()), size: info.Size()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// pastActive implements shelf.
func (f *Files) pastActive(_ context.Context, source string, a activation) (past Active, err error) {
	content, err := readUpTo(f.fs, a.path(source), maxRecord)
	if err != nil {
		return past, err
	}
	return past, decodeRecord(content, &past)
}

// has implements shelf.
func (f *Files) has(_ context.Context, name string) (bool, error) {
	_, err := f.fs.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// restore implements shelf.
func (f *Files) restore(_ context.Context, source string, past Active) error {
	return f.replaceRecord(activePath(source), past)
}
