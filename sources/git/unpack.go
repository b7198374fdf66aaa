package git

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/scriptd/scriptd/sources"
)

const (
	// maxPack bounds what a server may send for a fetch, and maxUnpacked what that may unpack to. A pack has all files
	// of a commit, also those that are not selected for the tree, so these are far over the limits of a tree.
	maxPack     = 256 << 20
	maxUnpacked = 512 << 20
)

// unpack reads a pack into memory.
func unpack(r io.Reader) (storer.EncodedObjectStorer, error) {
	pack, err := io.ReadAll(io.LimitReader(r, maxPack+1))
	if err != nil {
		return nil, err
	}
	if len(pack) > maxPack {
		return nil, tooLarge("what the server sends has more than %d bytes", maxPack)
	}
	if err := verify(pack); err != nil {
		return nil, err
	}
	if err := measure(pack, maxUnpacked); err != nil {
		return nil, err
	}
	objects := memory.NewStorage()
	parser, err := packfile.NewParserWithStorage(packfile.NewScanner(bytes.NewReader(pack)), objects)
	if err != nil {
		return nil, err
	}
	if _, err := parser.Parse(); err != nil {
		return nil, err
	}
	return objects, nil
}

// verify compares a pack with the checksum at its end: an answer that was cut short may end anywhere.
func verify(pack []byte) error {
	end := len(pack) - sha1.Size
	if end < 0 {
		return errDamaged
	}
	// It is the format's checksum, against accidents; contents are known by their hashes.
	if sum := sha1.Sum(pack[:end]); !bytes.Equal(sum[:], pack[end:]) {
		return errDamaged
	}
	return nil
}

// measure refuses a pack that unpacks to more than limit, before any of it is unpacked into memory: a few bytes of it
// can stand for gigabytes.
func measure(pack []byte, limit int64) error {
	scanner := packfile.NewScanner(bytes.NewReader(pack))
	_, count, err := scanner.Header()
	if err != nil {
		return err
	}
	var total int64
	for range count {
		header, err := scanner.NextObjectHeader()
		if err != nil {
			return err
		}
		// The scanner holds an object to the size in its header.
		size := header.Length
		if size > limit-total {
			return tooLarge("the commit's files have more than %d bytes", limit)
		}
		start := &prefix{}
		if _, _, err := scanner.NextObject(start); err != nil {
			return err
		}
		if header.Type.IsDelta() {
			if size, err = start.targetSize(); err != nil {
				return err
			}
		}
		if total += size; total > limit || total < 0 {
			return tooLarge("the commit's files have more than %d bytes", limit)
		}
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

func tooLarge(format string, args ...any) error {
	return sources.Fail(sources.Refused, fmt.Errorf(format, args...), "receive it")
}
