package git

import (
	"bytes"
	"io"
)

// chunkSize is how much a chunks grows by, at most: memory for what is there, and not for twice of it.
const chunkSize = 256 << 10

// chunks is what was written to it.
type chunks struct {
	list [][]byte
	size int64
}

func (c *chunks) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		last := len(c.list) - 1
		if last < 0 || len(c.list[last]) == cap(c.list[last]) {
			c.list = append(c.list, make([]byte, 0, max(len(p), int(min(c.size, chunkSize)))))
			last++
		}
		chunk := c.list[last]
		m := min(len(p), cap(chunk)-len(chunk))
		c.list[last] = append(chunk, p[:m]...)
		p = p[m:]
		c.size += int64(m)
	}
	return n, nil
}

// shrink gives back what was not needed.
func (c *chunks) shrink() {
	if c.size <= chunkSize {
		c.list = [][]byte{bytes.Join(c.list, nil)}
	}
}

// reader reads it from the beginning, or from wherever it is told to.
func (c *chunks) reader() *io.SectionReader { return io.NewSectionReader(chunksAt{c}, 0, c.size) }

// chunksAt reads chunks, which may have different sizes, at an offset.
type chunksAt struct{ *chunks }

func (c chunksAt) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for _, chunk := range c.list {
		if off >= int64(len(chunk)) {
			off -= int64(len(chunk))
			continue
		}
		m := copy(p[n:], chunk[off:])
		if n += m; n == len(p) {
			return n, nil
		}
		off = 0
	}
	return n, io.EOF
}
