package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"sync"
)

// maxRecord bounds what is read of a record, in bytes: the versions of some thousand packages.
const maxRecord = 16 << 20

// A source's name is the name of a file: no other has to be thought of.
var sourceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`) })

func checkName(ctx context.Context, source string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !sourceName().MatchString(source) {
		return fmt.Errorf("source name %q: want %s", source, sourceName())
	}
	return nil
}

// record is the JSON of a file that says something of a source. The sum is over the bytes of the other field, not over
// its meaning, so that a later version may add to it.
type record struct {
	Record json.RawMessage `json:"record"`
	SHA256 string          `json:"sha256"`
}

// writeRecord replaces a record in one step.
func (f *Files) writeRecord(name string, v any) error {
	unlock, err := f.locks.share(context.Background()) // who removes is done soon
	if err != nil {
		return err
	}
	defer unlock()
	return f.replaceRecord(name, v)
}

// replaceRecord is writeRecord for who shares the lock.
func (f *Files) replaceRecord(name string, v any) error {
	return f.placeRecord(func(os.FileInfo) string { return name }, v)
}

func (f *Files) placeRecord(name func(os.FileInfo) string, v any) error {
	content, err := encodeRecord(v, "")
	if err != nil {
		return err
	}
	w := f.writer()
	if err := w.writeAs(content, name); err != nil {
		return err
	}
	return w.commit()
}

// readRecord reads a record into the value that v points to, and returns its version.
func (f *Files) readRecord(ctx context.Context, source string, path func(string) string, v any) (version string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if !sourceName().MatchString(source) {
		return Absent, nil
	}
	content, err := readUpTo(f.fs, path(source), maxRecord)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Absent, nil
	case errors.Is(err, errTooLong):
		return "", corrupt(path(source), "record", err)
	case err != nil:
		return "", err
	}
	if err := decodeRecord(content, v); err != nil {
		return "", corrupt(path(source), "record", err)
	}
	return recordSum(content), nil
}

// records read the records of a store.
type records interface {
	readRecord(ctx context.Context, source string, path func(string) string, v any) (version string, err error)
}

func readActive(ctx context.Context, r records, source string) (Active, error) {
	var a Active
	version, err := there(r.readRecord(ctx, source, activePath, &a))
	if err != nil {
		return Active{}, fmt.Errorf("active tree of %s: %w", source, err)
	}
	a.Version = version
	return a, nil
}

func readHead(ctx context.Context, r records, source string) (Head, error) {
	var h Head
	version, err := there(r.readRecord(ctx, source, headPath, &h))
	if err != nil {
		return Head{}, fmt.Errorf("head of %s: %w", source, err)
	}
	h.Version = version
	return h, nil
}

func readControl(ctx context.Context, r records, source string) (Control, error) {
	var c Control
	version, err := r.readRecord(ctx, source, controlPath, &c)
	if err != nil {
		return Control{}, fmt.Errorf("control of the packages of %s: %w", source, err)
	}
	c.Version = version
	return c, nil
}

func readSyncs(ctx context.Context, r records, source string) ([]Sync, error) {
	var list []Sync
	if _, err := r.readRecord(ctx, source, syncsPath, &list); err != nil {
		return nil, fmt.Errorf("syncs of %s: %w", source, err)
	}
	return list, nil
}

// there makes ErrNotFound of a record that is not there.
func there(version string, err error) (string, error) {
	if err == nil && version == Absent {
		err = ErrNotFound
	}
	return version, err
}

// sharing calls write, which writes a record of source, while nobody removes.
func (f *Files) sharing(ctx context.Context, source string, write func() error) error {
	if err := checkName(ctx, source); err != nil {
		return err
	}
	unlock, err := f.locks.share(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return write()
}

// inTurn calls write, which replaces the record name of a source, once nobody else replaces one of that source, and if the
// record still has that version. The caller shares the lock.
func (f *Files) inTurn(ctx context.Context, source, name, version string, write func() error) error {
	done, err := f.locks.turn(ctx, source)
	if err != nil {
		return err
	}
	defer done()
	if err := f.wantVersion(name, version); err != nil {
		return err
	}
	return write()
}

// wantVersion fails with ErrConflict unless a record has that version, which is the SHA-256 of its file.
func (f *Files) wantVersion(name, version string) error {
	if version == "" {
		return nil
	}
	content, err := readUpTo(f.fs, name, maxRecord)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if version == Absent {
			return nil
		}
	case errors.Is(err, errTooLong): // it is no record
	case err != nil:
		return err
	case recordSum(content) == version:
		return nil
	}
	return ErrConflict
}

// encodeRecord returns the content of a record's file. Where write is not empty and the record has fields, it is one of them: it
// tells the write from others of the same record.
func encodeRecord(v any, write string) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if rest, ok := bytes.CutPrefix(body, []byte("{")); ok && write != "" {
		comma := ","
		if string(rest) == "}" {
			comma = ""
		}
		body = fmt.Appendf(nil, `{"write":%q%s%s`, write, comma, rest)
	}
	content, err := json.Marshal(record{Record: body, SHA256: recordSum(body)})
	if err != nil {
		return nil, err
	}
	if len(content) >= maxRecord {
		return nil, fmt.Errorf("the record has %d bytes, the limit is %d", len(content), maxRecord)
	}
	return append(content, '\n'), nil
}

func decodeRecord(content []byte, v any) error {
	var r record
	if err := json.Unmarshal(content, &r); err != nil {
		return err
	}
	if recordSum(r.Record) != r.SHA256 {
		return errSum
	}
	return json.Unmarshal(r.Record, v)
}

func recordSum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
