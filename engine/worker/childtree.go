//go:build unix

package worker

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

// childTree is a tree as the child sees it. What it has read it keeps: positions of panics are looked up long after the load,
// when nobody can be asked any more.
type childTree struct {
	ctx  context.Context //nolint:containedctx // fs.FS has none, and the tree belongs to one load
	call *wire.Call      // nil where there is nobody to ask

	mu   sync.Mutex
	have prefetched
}

var (
	_ fs.ReadFileFS = (*childTree)(nil)
	_ fs.ReadDirFS  = (*childTree)(nil)
	_ fs.StatFS     = (*childTree)(nil)
)

// ask asks the host about a path.
func (t *childTree) ask(tag byte, op, name string) (*wire.Decoder, error) {
	if t.call == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	var question wire.Payload
	question.String(name)
	answer, err := t.call.Ask(t.ctx, tag, &question)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	d := wire.NewDecoder(answer)
	if err := decodeError(d); err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return d, nil
}

// ReadFile implements fs.ReadFileFS.
func (t *childTree) ReadFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	data, ok := t.have.files[name]
	if !ok && t.lacks(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if !ok {
		d, err := t.ask(askFile, "open", name)
		if err != nil {
			return nil, err
		}
		data = d.Bytes()
		if err := d.Err(); err != nil {
			return nil, err
		}
		t.have.files[name] = data
	}
	return slices.Clone(data), nil
}

// lacks reports whether a folder that is known does not have the path: those who look for a go.mod ask for many.
func (t *childTree) lacks(name string) bool {
	entries, known := t.have.folders[path.Dir(name)]
	return known && indexOf(entries, path.Base(name)) < 0
}

func indexOf(entries []entry, name string) int {
	return slices.IndexFunc(entries, func(e entry) bool { return e.name == name })
}

func (t *childTree) folder(name string) ([]entry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	entries, ok := t.have.folders[name]
	if !ok {
		d, err := t.ask(askFolder, "open", name)
		if err != nil {
			return nil, err
		}
		entries = decodeEntries(d)
		if err := d.Err(); err != nil {
			return nil, err
		}
		t.have.folders[name] = entries
	}
	return entries, nil
}

// ReadDir implements fs.ReadDirFS.
func (t *childTree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := t.folder(name)
	if err != nil {
		return nil, err
	}
	list := make([]fs.DirEntry, len(entries))
	for i, e := range entries {
		list[i] = fs.FileInfoToDirEntry(info(e))
	}
	return list, nil
}

// Stat implements fs.StatFS.
func (t *childTree) Stat(name string) (fs.FileInfo, error) {
	if name == "." {
		return info{name: ".", mode: fs.ModeDir | 0o555}, nil
	}
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	// A folder of the path may be missing, or a file.
	dir, base := path.Split(name)
	parent, err := t.Stat(path.Clean(dir + "."))
	if err != nil || !parent.IsDir() {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	entries, err := t.folder(path.Clean(dir + "."))
	if err != nil {
		return nil, err
	}
	i := indexOf(entries, base)
	if i < 0 {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return info(entries[i]), nil
}

// Open implements fs.FS.
func (t *childTree) Open(name string) (fs.File, error) {
	stat, err := t.Stat(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if stat.IsDir() {
		entries, err := t.ReadDir(name)
		return &openFolder{openFile{stat, bytes.NewReader(nil)}, entries}, err
	}
	data, err := t.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &openFile{stat, bytes.NewReader(data)}, nil
}

// info is an entry as a fs.FileInfo.
type info entry

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
func (i info) String() string     { return strings.TrimSpace(fs.FormatFileInfo(i)) }

// openFile is a file that is read.
type openFile struct {
	stat fs.FileInfo
	*bytes.Reader
}

// Stat implements fs.File.
func (f *openFile) Stat() (fs.FileInfo, error) { return f.stat, nil }

// Close implements fs.File.
func (f *openFile) Close() error { return nil }

// openFolder is a folder that is read.
type openFolder struct {
	openFile
	rest []fs.DirEntry
}

// ReadDir implements fs.ReadDirFile.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	list := f.rest
	if n > 0 {
		if len(list) == 0 {
			return nil, io.EOF
		}
		list = list[:min(n, len(list))]
	}
	f.rest = f.rest[len(list):]
	return list, nil
}
