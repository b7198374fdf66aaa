package sources

import (
	"fmt"
	"io"
	"slices"
)

// limitError is a content that is over a limit of its tree.
type limitError string

func (e limitError) Error() string { return string(e) }

// read reads one file's content. What it reads counts against the tree's total as it comes in, so that files which are
// read at the same time are bounded together. After an error nothing is counted.
func (t *Tree) read(r io.Reader) ([]byte, error) {
	m := &meter{tree: t, r: r}
	data, err := io.ReadAll(m)
	if err != nil {
		t.count(-m.n)
		return nil, err
	}
	if cap(data) > len(data)+len(data)/8 {
		data = slices.Clone(data) // the tree may live long
	}
	return data, nil
}

// weigh counts content that is in memory. After an error nothing is counted.
func (t *Tree) weigh(content []byte) error {
	n := int64(len(content))
	switch {
	case n > t.limits.FileBytes:
		return t.overFile()
	case !t.count(n):
		t.count(-n)
		return t.overTotal()
	}
	return nil
}

// count adds n bytes to the tree's total and reports whether it is within the limit.
func (t *Tree) count(n int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += n
	return t.bytes <= t.limits.Bytes
}

// meter reads one file and stops at the limits of its tree.
type meter struct {
	tree *Tree
	r    io.Reader
	n    int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	total := m.tree.count(int64(n))
	switch {
	case m.n > m.tree.limits.FileBytes:
		return n, m.tree.overFile()
	case !total:
		return n, m.tree.overTotal()
	}
	return n, err
}

func (t *Tree) overFile() error {
	return limitError(fmt.Sprintf("it has more than %d bytes", t.limits.FileBytes))
}

func (t *Tree) overTotal() error {
	return limitError(fmt.Sprintf("the tree has more than %d bytes", t.limits.Bytes))
}

func (t *Tree) overFiles() error {
	return fmt.Errorf("the tree has more than %d files", t.limits.Files)
}
