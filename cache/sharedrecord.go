package cache

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// sharedRecord is what there is of a record.
type sharedRecord struct {
	Object
	// version is that of the record, Absent where there is none.
	version string
	content []byte
	// damage is why it cannot be read, nil where it can.
	damage error
}

// load reads a record into the value that v points to, unless that is nil.
func (s *Shared) load(ctx context.Context, name string, v any) (sharedRecord, error) {
	content, o, err := s.bucket.Get(ctx, name, maxRecord)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sharedRecord{version: Absent}, nil
	case err != nil:
		return sharedRecord{}, err
	case o.Version == "":
		return sharedRecord{}, fmt.Errorf("%s: the server gives it no ETag, so it cannot be replaced as it was read", name)
	case o.Size > maxRecord:
		return sharedRecord{Object: o, version: o.Version, damage: corrupt(name, "record", errTooLong)}, nil
	}
	r := sharedRecord{Object: o, version: recordSum(content), content: content}
	if v != nil {
		if err := decodeRecord(content, v); err != nil {
			r.damage = corrupt(name, "record", err)
		}
	}
	return r, nil
}

// readRecord is load for who only reads.
func (s *Shared) readRecord(ctx context.Context, source string, path func(string) string, v any) (version string, err error) {
	if err := s.ready(ctx, false); err != nil {
		return "", err
	}
	if !sourceName().MatchString(source) {
		return Absent, nil
	}
	r, err := s.load(ctx, path(source), v)
	if err == nil {
		err = r.damage
	}
	return r.version, err
}

// writeRecord replaces a record that has that version, or whatever is there where it is empty. Before, secure sees to it that the
// trees stay that it names.
func (s *Shared) writeRecord(ctx context.Context, name string, v any, version string, secure func() error) error {
	for {
		from := time.Now()
		if err := secure(); err != nil {
			return err
		}
		before, err := s.load(ctx, name, nil)
		switch {
		case err != nil:
			return err
		case version != "" && version != before.version:
			return ErrConflict
		case s.stale(from):
			continue
		}
		if err := s.replace(ctx, name, v, before); version != "" || !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// replace replaces a record that is still what was read of it, else it fails with ErrConflict. Each write has a content of its own,
// so that it is known again: a request that is repeated, since its answer was lost, is refused though it had come.
func (s *Shared) replace(ctx context.Context, name string, v any, before sharedRecord) error {
	content, err := encodeRecord(v, rand.Text())
	if err != nil {
		return err
	}
	condition := before.Version
	if before.version == Absent {
		condition = Absent
	}
	for {
		err := s.bucket.Put(ctx, name, content, condition)
		if !errors.Is(err, ErrConflict) {
			return err
		}
		now, loadErr := s.load(ctx, name, nil)
		switch {
		case loadErr != nil:
			return loadErr
		case bytes.Equal(now.content, content):
			return nil
		case now.version != before.version || now.Version != before.Version:
			return ErrConflict
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// SetControl implements Store.
func (s *Shared) SetControl(ctx context.Context, source string, c Control) error {
	secure := func() error {
		_, err := s.secure(ctx, c.pins()) // one may be held at a tree that is not there
		return err
	}
	if err := s.set(ctx, source, controlPath, c.utc(), c.Version, secure); err != nil {
		return fmt.Errorf("control packages of %s: %w", source, err)
	}
	return nil
}

// pins returns the trees which packages are held at.
func (c Control) pins() []Digest {
	pins := make(map[Digest]bool)
	for _, p := range c.Packages {
		if p.Pin != "" {
			pins[p.Pin] = true
		}
	}
	return slices.Sorted(maps.Keys(pins))
}

// set is writeRecord of a source.
func (s *Shared) set(ctx context.Context, source string, path func(string) string, v any, version string, secure func() error) error {
	if err := checkName(ctx, source); err != nil {
		return err
	}
	if err := s.ready(ctx, true); err != nil {
		return err
	}
	return s.writeRecord(ctx, path(source), v, version, secure)
}

// Control implements Store.
func (s *Shared) Control(ctx context.Context, source string) (Control, error) {
	return readControl(ctx, s, source)
}

// SetSyncs implements Store.
func (s *Shared) SetSyncs(ctx context.Context, source string, list []Sync) error {
	if err := s.set(ctx, source, syncsPath, list, "", func() error { return nil }); err != nil {
		return fmt.Errorf("record syncs of %s: %w", source, err)
	}
	return nil
}

// Syncs implements Store.
func (s *Shared) Syncs(ctx context.Context, source string) ([]Sync, error) {
	return readSyncs(ctx, s, source)
}
