package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
)

// maxActive bounds what is read of an active record, in bytes.
const maxActive = 1 << 20

// A source's name is the name of a file: no other has to be thought of.
var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// Activate implements Store.
func (f *Files) Activate(ctx context.Context, source string, a Active) error {
	if err := f.activate(ctx, source, a); err != nil {
		return fmt.Errorf("activate tree of %s: %w", source, err)
	}
	return nil
}

func (f *Files) activate(ctx context.Context, source string, a Active) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !sourceName.MatchString(source) {
		return fmt.Errorf("source name %q: want %s", source, sourceName)
	}
	if !a.Digest.Valid() {
		return fmt.Errorf("tree %q: %w", a.Digest, ErrNotFound)
	}
	if _, err := f.fs.Stat(treePath(a.Digest)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("tree %s: %w", a.Digest, ErrNotFound)
	} else if err != nil {
		return err
	}
	content, err := encodeActive(a)
	if err != nil {
		return err
	}
	w := f.writer()
	if err := w.write(activePath(source), content); err != nil {
		return err
	}
	return w.commit()
}

// Active implements Store.
func (f *Files) Active(ctx context.Context, source string) (Active, error) {
	a, err := f.active(ctx, source)
	if err != nil {
		return Active{}, fmt.Errorf("active tree of %s: %w", source, err)
	}
	return a, nil
}

func (f *Files) active(ctx context.Context, source string) (Active, error) {
	if err := ctx.Err(); err != nil {
		return Active{}, err
	}
	if !sourceName.MatchString(source) {
		return Active{}, ErrNotFound
	}
	content, err := readUpTo(f.fs, activePath(source), maxActive)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Active{}, ErrNotFound
	case errors.Is(err, errTooLong):
		return Active{}, corrupt("record", err)
	case err != nil:
		return Active{}, err
	}
	a, err := decodeActive(content)
	if err != nil {
		return Active{}, corrupt("record", err)
	}
	return a, nil
}

// record is the JSON of an active file. The sum is over the bytes of the other field, not over its meaning, so that a
// later version may add to Active.
type record struct {
	Active json.RawMessage `json:"active"`
	SHA256 string          `json:"sha256"`
}

func encodeActive(a Active) ([]byte, error) {
	a.FetchedAt = a.FetchedAt.UTC()
	active, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(record{Active: active, SHA256: recordSum(active)})
	return append(content, '\n'), err
}

func decodeActive(content []byte) (Active, error) {
	var r record
	if err := json.Unmarshal(content, &r); err != nil {
		return Active{}, err
	}
	if recordSum(r.Active) != r.SHA256 {
		return Active{}, errSum
	}
	var a Active
	err := json.Unmarshal(r.Active, &a)
	return a, err
}

func recordSum(active []byte) string {
	sum := sha256.Sum256(active)
	return hex.EncodeToString(sum[:])
}
