package engine

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
	"time"
)

// reads is a tree that notes what is read of it, so that a later tree in which all of that is the same need not be
// loaded. Once it is sealed, it holds what was read and nothing else, and lets go of the tree. It is safe for concurrent
// use.
type reads struct {
	mu    sync.Mutex
	tree  fs.FS // nil once it is sealed
	files map[string]*found
}

// found is what is at a path of a tree: a file, a folder, or nothing.
type found struct {
	mode    fs.FileMode
	missing bool
	content []byte
	sum     [sha256.Size]byte
	// entries are those of a folder whose entries were read.
	entries []fs.DirEntry
	listed  bool
}

var (
	_ fs.ReadFileFS = (*reads)(nil)
	_ fs.ReadDirFS  = (*reads)(nil)
	_ fs.StatFS     = (*reads)(nil)
)

func newReads(tree fs.FS) *reads { return &reads{tree: tree, files: make(map[string]*found)} }

// seal lets go of the tree.
func (r *reads) seal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tree = nil
}

// same reports whether all that was read is the same in another tree. Nothing is known of nil reads.
func (r *reads) same(tree fs.FS) bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, f := range r.files {
		now, err := look(tree, name, f.listed)
		if err != nil || !f.equal(now) {
			return false
		}
	}
	return len(r.files) > 0
}

func (f *found) equal(now *found) bool {
	if f.missing || now.missing {
		return f.missing == now.missing
	}
	sameEntry := func(a, b fs.DirEntry) bool { return a.Name() == b.Name() && a.IsDir() == b.IsDir() }
	return f.mode.IsDir() == now.mode.IsDir() && f.sum == now.sum && slices.EqualFunc(f.entries, now.entries, sameEntry)
}

// look reads what is at a path, the entries of a folder only where they are wanted.
func look(tree fs.FS, name string, list bool) (*found, error) {
	info, err := fs.Stat(tree, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &found{missing: true}, nil
	case err != nil:
		return nil, err
	}
	f := &found{mode: info.Mode()}
	if !info.IsDir() {
		f.content, err = fs.ReadFile(tree, name)
		f.sum = sha256.Sum256(f.content)
		return f, err
	}
	if list {
		f.entries, err = fs.ReadDir(tree, name)
		f.listed = true
	}
	return f, err
}

// find returns what is at a path, and notes it.
func (r *reads) find(op, name string, list bool) (*found, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.files[name]
	if r.tree != nil && (f == nil || list && !f.listed) {
		var err error
		if f, err = look(r.tree, name, list); err != nil {
			return nil, err
		}
		r.files[name] = f
	}
	if f == nil || f.missing {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return f, nil
}

// Open implements fs.FS. A folder that is opened counts as listed.
func (r *reads) Open(name string) (fs.File, error) {
	f, err := r.find("open", name, true)
	if err != nil {
		return nil, err
	}
	return &readFile{Reader: bytes.NewReader(f.content), name: name, found: f}, nil
}

// ReadFile implements fs.ReadFileFS.
func (r *reads) ReadFile(name string) ([]byte, error) {
	f, err := r.find("read", name, false)
	switch {
	case err != nil:
		return nil, err
	case f.mode.IsDir():
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("is a folder")}
	}
	return bytes.Clone(f.content), nil
}

// ReadDir implements fs.ReadDirFS.
func (r *reads) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := r.find("readdir", name, true)
	switch {
	case err != nil:
		return nil, err
	case !f.mode.IsDir():
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("is not a folder")}
	}
	return slices.Clone(f.entries), nil
}

// Stat implements fs.StatFS.
func (r *reads) Stat(name string) (fs.FileInfo, error) {
	f, err := r.find("stat", name, false)
	if err != nil {
		return nil, err
	}
	return fileInfo{name, f}, nil
}

// String keeps source code out of messages.
func (r *reads) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("reads of %d files", len(r.files))
}

// readFile is an open file or folder.
type readFile struct {
	*bytes.Reader
	name  string
	found *found
	read  int
}

func (f *readFile) Stat() (fs.FileInfo, error) { return fileInfo{f.name, f.found}, nil }
func (f *readFile) Close() error               { return nil }

func (f *readFile) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := f.found.entries[f.read:]
	if n > 0 {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		rest = rest[:min(n, len(rest))]
	}
	f.read += len(rest)
	return slices.Clone(rest), nil
}

type fileInfo struct {
	name  string
	found *found
}

func (i fileInfo) Name() string       { return path.Base(i.name) }
func (i fileInfo) Size() int64        { return int64(len(i.found.content)) }
func (i fileInfo) Mode() fs.FileMode  { return i.found.mode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.found.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }
