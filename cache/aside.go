package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
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
func (f *Files) check(ctx context.Context, name string) error {
	base := path.Base(name)
	switch first, _, _ := strings.Cut(name, "/"); first {
	case blobsDir:
		return f.checkBlob(name, base)
	case treesDir:
		return checkTree(ctx, f, name, Digest(digestPrefix+base))
	default:
		return f.checkRecord(name)
	}
}

func (f *Files) checkBlob(name, want string) error {
	info, err := f.fs.Stat(name)
	if err != nil {
		return err
	}
	content, err := readUpTo(f.fs, name, min(info.Size(), math.MaxInt64-1))
	switch {
	case errors.Is(err, errTooLong):
		return corrupt(name, "content", err)
	case err != nil:
		return err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
		return corrupt(name, "content", errSum)
	}
	return nil
}

func checkTree(ctx context.Context, from shelf, name string, d Digest) error {
	if !d.Valid() {
		return corrupt(name, "listing", fmt.Errorf("%q is no SHA-256", path.Base(name)))
	}
	entries, err := from.entries(ctx, d)
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			err = fs.ErrNotExist
		}
		return err
	}
	if _, err := newTree(entries, make([]string, len(entries))); err != nil {
		return corrupt(name, "listing", err)
	}
	return nil
}

func (f *Files) checkRecord(name string) error {
	content, err := readUpTo(f.fs, name, maxRecord)
	switch {
	case errors.Is(err, errTooLong):
		return corrupt(name, "record", err)
	case err != nil:
		return err
	}
	var body json.RawMessage
	if err := decodeRecord(content, &body); err != nil {
		return corrupt(name, "record", err)
	}
	return nil
}
