package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The lines that git's protocols are made of, see gitprotocol-common(5): a length in four hexadecimal digits, which counts
// itself, and what it says. Lengths below four stand for marks.

type pktKind int

const (
	pktLine  pktKind = iota
	pktFlush         // 0000: the end of a message
	pktDelim         // 0001: the end of a section
	pktEnd           // 0002: the end of an answer
)

// maxPkt is the longest line, its length included.
const maxPkt = 65520

// pktReader reads lines. It returns no data before it has a whole line.
type pktReader struct {
	r   *bufio.Reader
	buf []byte
}

func newPktReader(r io.Reader) *pktReader { return &pktReader{r: bufio.NewReader(r)} }

// next returns the next line, or a mark without any. The line is good until the next call. A line in which the server
// complains is a serverError.
func (p *pktReader) next() (pktKind, []byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(p.r, head[:]); err != nil {
		return 0, nil, err
	}
	length, err := strconv.ParseUint(string(head[:]), 16, 16)
	switch {
	case err != nil, length == 3, length > maxPkt:
		return 0, nil, errNotGit
	case length < 4:
		return []pktKind{pktFlush, pktDelim, pktEnd}[length], nil, nil
	}
	if n := int(length) - len(head); n > cap(p.buf) {
		p.buf = make([]byte, n)
	} else {
		p.buf = p.buf[:n]
	}
	if _, err := io.ReadFull(p.r, p.buf); err != nil {
		return 0, nil, unexpected(err)
	}
	if text, ok := bytes.CutPrefix(p.buf, []byte("ERR ")); ok {
		return 0, nil, serverError(strings.TrimSpace(string(text)))
	}
	return pktLine, p.buf, nil
}

// unexpected is err, where the end may not come.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

var errNotGit = errors.New("what the server sends is not of git's protocol")

// serverError is what a server says instead of an answer.
type serverError string

func (e serverError) Error() string { return "the server says: " + string(e) }

// pktWriter collects lines.
type pktWriter struct{ bytes.Buffer }

func (p *pktWriter) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(p, "%04x%s\n", len(text)+5, text)
}

func (p *pktWriter) mark(kind pktKind) {
	p.WriteString(map[pktKind]string{pktFlush: "0000", pktDelim: "0001"}[kind])
}

// bandReader reads the pack out of the lines that follow: the first byte of each says whether it is data, progress, or a
// complaint.
type bandReader struct {
	pkt  *pktReader
	rest []byte
	done bool
}

func (b *bandReader) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.done {
			return 0, io.EOF
		}
		kind, line, err := b.pkt.next()
		switch {
		case err != nil:
			return 0, unexpected(err)
		case kind == pktFlush, kind == pktEnd:
			b.done = true
			continue
		case kind != pktLine, len(line) == 0:
			return 0, errNotGit
		}
		switch line[0] {
		case 1:
			b.rest = line[1:]
		case 2: // progress
		case 3:
			return 0, serverError(strings.TrimSpace(string(line[1:])))
		default:
			return 0, errNotGit
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
