package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/scriptd/scriptd/sources"
)

const (
	// maxPack bounds what a server may send for a fetch, and maxUnpacked what that may unpack to. A pack has all files
	// of a commit, also those that are not selected for the tree, so these are far over the limits of a tree.
	maxPack     = 192 << 20
	maxUnpacked = 512 << 20
	// maxPatched bounds an object that is sent as a delta: making it takes its size in memory twice.
	maxPatched = 32 << 20
	// maxObjects bounds their number.
	maxObjects = 500_000
	// maxChain bounds how many deltas lead to an object. Git makes 50 at most, unless it is told otherwise.
	maxChain = 1000
)

// entry is an object as a pack has it.
type entry struct {
	offset int64
	kind   plumbing.ObjectType // as it is packed: perhaps a delta
	size   int64               // unpacked, patched where it is a delta
	hash   plumbing.Hash       // zero where it is a delta, until that is patched
}

// scanPack reads a pack to its end, keeps it, and refuses it before there is more in memory than what was sent: a few
// bytes of it can stand for gigabytes.
func scanPack(r io.Reader, limit int64) (*chunks, []entry, error) {
	pack := new(chunks)
	s := packfile.NewScanner(io.TeeReader(&limitedPack{r: r}, pack))
	_, count, err := s.Header()
	if err != nil {
		return nil, nil, damaged(err)
	}
	if count > maxObjects {
		return nil, nil, tooLarge("it has more than %d objects", maxObjects)
	}
	var entries []entry
	for range count {
		e, err := scanEntry(s, &limit)
		if err != nil {
			return nil, nil, damaged(err)
		}
		entries = append(entries, e)
	}
	// The scanner has read to the end, and perhaps not what follows.
	if _, err := io.Copy(io.Discard, io.TeeReader(&limitedPack{r: r, n: pack.size}, pack)); err != nil {
		return nil, nil, err
	}
	pack.shrink()
	return pack, entries, verify(pack)
}

// scanEntry reads one object, and takes its size off the limit.
func scanEntry(s *packfile.Scanner, limit *int64) (entry, error) {
	header, err := s.NextObjectHeader()
	if err != nil {
		return entry{}, err
	}
	e := entry{offset: header.Offset, kind: header.Type, size: header.Length}
	// The scanner holds an object to the size in its header.
	if e.size > *limit {
		return e, tooLarge("the commit's files have more than %d bytes", int64(maxUnpacked))
	}
	if e.kind.IsDelta() {
		start := &prefix{}
		if _, _, err := s.NextObject(start); err != nil {
			return e, err
		}
		target, err := start.targetSize()
		if err != nil {
			return e, err
		}
		if max(e.size, target) > maxPatched {
			return e, tooLarge("it has a delta of more than %d bytes", maxPatched)
		}
		*limit -= e.size
		e.size = target
	} else {
		hasher := plumbing.NewHasher(e.kind, e.size)
		n, _, err := s.NextObject(hasher)
		if err != nil {
			return e, err
		}
		if n != e.size {
			return e, errDamaged
		}
		e.hash = hasher.Sum()
	}
	if *limit -= e.size; *limit < 0 {
		return e, tooLarge("the commit's files have more than %d bytes", int64(maxUnpacked))
	}
	return e, nil
}

// limitedPack fails where more is sent than maxPack.
type limitedPack struct {
	r io.Reader
	n int64
}

func (l *limitedPack) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.n += int64(n); l.n > maxPack {
		return 0, tooLarge("what the server sends has more than %d bytes", maxPack)
	}
	return n, err
}

// verify compares a pack with the checksum at its end: an answer that was cut short may end anywhere.
func verify(pack *chunks) error {
	end := pack.size - sha1.Size
	if end < 0 {
		return errDamaged
	}
	r := pack.reader()
	// It is the format's checksum, against accidents; contents are known by their hashes.
	h := sha1.New()
	if _, err := io.CopyN(h, r, end); err != nil {
		return err
	}
	want, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), want) {
		return errDamaged
	}
	return nil
}

// prefix keeps the first bytes that are written to it: enough for the two sizes that a delta begins with.
type prefix struct {
	buf [2 * binary.MaxVarintLen64]byte
	n   int
}

func (p *prefix) Write(b []byte) (int, error) {
	p.n += copy(p.buf[p.n:], b)
	return len(b), nil
}

// targetSize is the size of what a delta makes: the second number in it.
func (p *prefix) targetSize() (int64, error) {
	_, n := binary.Uvarint(p.buf[:p.n])
	if n <= 0 {
		return 0, errDamaged
	}
	size, n := binary.Uvarint(p.buf[n:p.n])
	if n <= 0 || size > maxUnpacked {
		return maxUnpacked + 1, nil
	}
	return int64(size), nil
}

var errDamaged = errors.New("what the server sent is damaged or cut short")

// damaged is err, in plain words where it is about the format.
func damaged(err error) error {
	if sources.KindOf(err) != sources.Transient || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, packfile.ErrMalformedPackFile) || errors.Is(err, packfile.ErrEmptyPackfile) || errors.Is(err, packfile.ErrBadSignature) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errDamaged
	}
	return err
}

func tooLarge(format string, args ...any) error {
	return sources.Fail(sources.Refused, fmt.Errorf(format, args...), "receive it")
}
