package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// asidePath is where a damaged file is moved to.
func asidePath(name string) string {
	return path.Join(corruptDir, strings.ReplaceAll(name, "/", "-"))
}

// setAside moves a damaged file out of the way, where it can be looked at, so that it is taken for one that is not there. It
// reports false where the file was mended meanwhile, or others work on the store: then it stays for now.
func (f *Files) setAside(name string) bool {
	unlock, ok := f.locks.tryExclude()
	if !ok {
		return false
	}
	defer unlock()
	aside, err := f.moveAside(context.Background(), name)
	return aside && err == nil
}

// moveAside implements shelf, for who excludes others.
func (f *Files) moveAside(ctx context.Context, name string) (bool, error) {
	if err := f.check(ctx, name); !errors.Is(err, ErrCorrupt) || errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := f.fs.MkdirAll(corruptDir, 0o700); err != nil {
		return false, err
	}
	if err := f.fs.Rename(name, asidePath(name)); err != nil {
		return false, err
	}
	return true, errors.Join(syncFolder(f.fs, corruptDir), syncFolder(f.fs, path.Dir(name)))
}

// check implements shelf.
func (f *Files) check(_ context.Context, name string) error {
	kind, limit := kindOf(name)
	content, err := readUpTo(f.fs, name, limit)
	switch {
	case errors.Is(err, errTooLong):
		return corrupt(name, kind, err)
	case err != nil:
		return err
	}
	return checkContent(name, content)
}

// maxBlob bounds what is read of a content whose size nobody says, in bytes. S3 takes no more at once.
const maxBlob = 5 << 30

// kindOf returns what a file is to people, by its name, and the most bytes that it may have.
func kindOf(name string) (kind string, limit int64) {
	switch dir, _, _ := strings.Cut(name, "/"); dir {
	case blobsDir:
		return "content", maxBlob
	case treesDir:
		return "listing", maxListing
	default:
		return "record", maxRecord
	}
}

// checkContent fails with ErrCorrupt for what is not what its name says.
func checkContent(name string, content []byte) error {
	kind, _ := kindOf(name)
	base := path.Base(name)
	switch dir, _, _ := strings.Cut(name, "/"); dir {
	case blobsDir:
		if recordSum(content) != base {
			return corrupt(name, kind, errSum)
		}
	case treesDir:
		d := Digest(digestPrefix + base)
		if !d.Valid() {
			return corrupt(name, kind, fmt.Errorf("%q is no SHA-256", base))
		}
		entries, err := verifiedEntries(d, content)
		if err != nil {
			return err
		}
		if _, err := newTree(entries, make([]string, len(entries))); err != nil {
			return corrupt(name, kind, err)
		}
	default:
		var body json.RawMessage
		if err := decodeRecord(content, &body); err != nil {
			return corrupt(name, kind, err)
		}
	}
	return nil
}
