package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// tree is an immutable fs.FS in memory: contents are strings, and nothing is changed once newTree is done.
type tree struct {
	nodes map[string]*node
}

var (
	_ fs.ReadFileFS = (*tree)(nil)
	_ fs.ReadDirFS  = (*tree)(nil)
	_ fs.StatFS     = (*tree)(nil)
)

// newTree returns the tree of entries, which are sorted by path; contents[i] is that of entries[i].
func newTree(entries []entry, contents []string) (*tree, error) {
	t := &tree{nodes: map[string]*node{".": {name: ".", mode: fs.ModeDir | 0o555}}}
	for i, e := range entries {
		n := &node{name: path.Base(e.path), mode: 0o444, content: contents[i]}
		if e.executable {
			n.mode = 0o555
		}
		if err := t.add(e.path, n); err != nil {
			return nil, err
		}
	}
	for _, n := range t.nodes {
		slices.SortFunc(n.entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return t, nil
}

// add puts n at name, and the folders above it where they are missing.
func (t *tree) add(name string, n *node) error {
	if t.nodes[name] != nil {
		return fmt.Errorf("%s: there twice", name)
	}
	dir := path.Dir(name)
	parent := t.nodes[dir]
	if parent == nil {
		parent = &node{name: path.Base(dir), mode: fs.ModeDir | 0o555}
		if err := t.add(dir, parent); err != nil {
			return err
		}
	}
	if !parent.IsDir() {
		return fmt.Errorf("%s: inside a file", name)
	}
	t.nodes[name] = n
	parent.entries = append(parent.entries, n)
	return nil
}

func (t *tree) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n := t.nodes[name]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

func (t *tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name)
	switch {
	case err != nil:
		return nil, err
	case n.IsDir():
		return &openDir{node: n, path: name}, nil
	default:
		return &openFile{Reader: strings.NewReader(n.content), node: n}, nil
	}
}

// ReadFile returns a copy, which is the caller's.
func (t *tree) ReadFile(name string) ([]byte, error) {
	n, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errIsDir}
	}
	return []byte(n.content), nil
}

func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotDir}
	}
	return slices.Clone(n.entries), nil
}

func (t *tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

var (
	errIsDir  = errors.New("is a folder")
	errNotDir = errors.New("not a folder")
)

// node is a file or a folder, and its own FileInfo and DirEntry.
type node struct {
	name    string
	mode    fs.FileMode
	content string
	entries []fs.DirEntry
}

var (
	_ fs.FileInfo = (*node)(nil)
	_ fs.DirEntry = (*node)(nil)
)

func (n *node) Name() string               { return n.name }
func (n *node) Size() int64                { return int64(len(n.content)) }
func (n *node) Mode() fs.FileMode          { return n.mode }
func (n *node) Type() fs.FileMode          { return n.mode.Type() }
func (n *node) ModTime() time.Time         { return time.Time{} }
func (n *node) IsDir() bool                { return n.mode.IsDir() }
func (n *node) Sys() any                   { return nil }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }
func (n *node) String() string             { return fs.FormatFileInfo(n) }

// openFile reads, seeks, reads at an offset and writes to a Writer as strings.Reader does.
type openFile struct {
	*strings.Reader
	node *node
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.node, nil }

func (f *openFile) Close() error { return nil }

// openDir is a folder that is being listed.
type openDir struct {
	node *node
	path string
	next int
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.node, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	left := d.node.entries[d.next:]
	if n > 0 {
		if len(left) == 0 {
			return nil, io.EOF
		}
		left = left[:min(n, len(left))]
	}
	d.next += len(left)
	return slices.Clone(left), nil
}
