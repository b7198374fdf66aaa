package cache

import (
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
	aside, err := f.moveAside(name)
	return aside && err == nil
}

// moveAside is setAside for who excludes others.
func (f *Files) moveAside(name string) (bool, error) {
	if err := f.check(name); !errors.Is(err, ErrCorrupt) || errors.Is(err, fs.ErrNotExist) {
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

// check reads a file of the store, and fails with ErrCorrupt where it is not what it was when it was written. It fails with
// fs.ErrNotExist where it is not there.
func (f *Files) check(name string) error {
	base := path.Base(name)
	switch first, _, _ := strings.Cut(name, "/"); first {
	case blobsDir:
		return f.checkBlob(name, base)
	case treesDir:
		return f.checkTree(name, Digest(digestPrefix+base))
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

func (f *Files) checkTree(name string, d Digest) error {
	if !d.Valid() {
		return corrupt(name, "listing", fmt.Errorf("%q is no SHA-256", path.Base(name)))
	}
	entries, err := f.entries(d)
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
