package sources

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

var (
	errIsFolder = errors.New("is a folder")
	errIsFile   = errors.New("is not a folder")
)

// snapshot is a sealed tree: an fs.FS in memory that does not change.
type snapshot map[string]*node

// node is a file or a folder, and its own fs.FileInfo and fs.DirEntry.
type node struct {
	name    string
	mode    fs.FileMode
	data    []byte
	entries []fs.DirEntry // of a folder, sorted by name
}

func newSnapshot(files map[string]*file) snapshot {
	s := snapshot{".": {name: ".", mode: fs.ModeDir | 0o755}}
	for name, f := range files {
		n := &node{name: path.Base(name), mode: f.mode, data: f.data}
		s[name] = n
		s.enter(path.Dir(name), n)
	}
	for _, n := range s {
		slices.SortFunc(n.entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return s
}

// enter puts n into the folder dir, which it makes where it is not there yet.
func (s snapshot) enter(dir string, n *node) {
	parent, ok := s[dir]
	if !ok {
		parent = &node{name: path.Base(dir), mode: fs.ModeDir | 0o755}
		s[dir] = parent
		s.enter(path.Dir(dir), parent)
	}
	parent.entries = append(parent.entries, n)
}

func (s snapshot) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, ok := s[name]
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

func (s snapshot) Open(name string) (fs.File, error) {
	n, err := s.find("open", name)
	switch {
	case err != nil:
		return nil, err
	case n.IsDir():
		return &openDir{node: n, path: name}, nil
	}
	return &openFile{node: n, Reader: bytes.NewReader(n.data)}, nil
}

func (s snapshot) Stat(name string) (fs.FileInfo, error) {
	n, err := s.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// ReadFile returns a copy: nobody can change the tree.
func (s snapshot) ReadFile(name string) ([]byte, error) {
	n, err := s.find("read", name)
	switch {
	case err != nil:
		return nil, err
	case n.IsDir():
		return nil, &fs.PathError{Op: "read", Path: name, Err: errIsFolder}
	}
	return append(make([]byte, 0, len(n.data)), n.data...), nil
}

func (s snapshot) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := s.find("readdir", name)
	switch {
	case err != nil:
		return nil, err
	case !n.IsDir():
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errIsFile}
	}
	return slices.Clone(n.entries), nil
}

func (n *node) Name() string               { return n.name }
func (n *node) Size() int64                { return int64(len(n.data)) }
func (n *node) Mode() fs.FileMode          { return n.mode }
func (n *node) Type() fs.FileMode          { return n.mode.Type() }
func (n *node) ModTime() time.Time         { return time.Time{} }
func (n *node) IsDir() bool                { return n.mode.IsDir() }
func (n *node) Sys() any                   { return nil }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }
func (n *node) String() string             { return fs.FormatDirEntry(n) }

// openFile is an open file. It can seek.
type openFile struct {
	node *node
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *openFile) Size() int64                { return f.node.Size() }
func (f *openFile) Close() error               { return nil }

// openDir is an open folder and how far it has been read.
type openDir struct {
	node *node
	path string
	read int
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.node, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsFolder}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := d.node.entries[d.read:]
	if n > 0 {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		rest = rest[:min(n, len(rest))]
	}
	d.read += len(rest)
	return slices.Clone(rest), nil
}
