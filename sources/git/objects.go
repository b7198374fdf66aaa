package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// objects are the objects of a pack, which stay packed: each is unpacked when it is read. What a thin pack leaves out is
// in the one below. It does not change, and is safe for concurrent use.
type objects struct {
	below  *objects
	pack   *chunks
	index  map[plumbing.Hash]place
	layers int   // how many there are, this one included
	bytes  int64 // of all layers

	mu sync.Mutex
	// recent holds what was patched, by offset: the next delta is often based on it.
	recent      map[int64]unpacked
	recentBytes int
	// last is what was patched last, whatever its size: a chain of deltas is often packed link by link.
	last   unpacked
	lastAt int64
}

// unpacked is an object in memory. Its content may not be changed.
type unpacked struct {
	kind    plumbing.ObjectType
	content []byte
}

// place is where an object is, and what.
type place struct {
	offset, size int64
	kind         plumbing.ObjectType // never a delta
	delta        bool                // it is packed as one
}

// maxRecent bounds the bytes of recent, and maxRecentObject those of one in it.
const (
	maxRecent       = 16 << 20
	maxRecentObject = 4 << 20
)

// unpack reads a pack, on top of the objects that it may be based on, if any.
func unpack(ctx context.Context, r io.Reader, below *objects) (*objects, error) {
	pack, entries, err := scanPack(r, maxUnpacked)
	if err != nil {
		return nil, err
	}
	o := &objects{
		below: below, pack: pack, layers: 1, bytes: pack.size,
		index: make(map[plumbing.Hash]place, len(entries)), recent: map[int64]unpacked{},
	}
	if below != nil {
		o.layers, o.bytes = below.layers+1, below.bytes+pack.size
	}
	var deltas []entry
	for _, e := range entries {
		if e.kind.IsDelta() {
			deltas = append(deltas, e)
			continue
		}
		o.index[e.hash] = place{offset: e.offset, size: e.size, kind: e.kind}
	}
	return o, o.addDeltas(ctx, deltas)
}

// addDeltas patches the deltas to know what they are. A delta may be based on one that follows; servers do not send
// many such.
func (o *objects) addDeltas(ctx context.Context, deltas []entry) error {
	for range maxChain {
		if len(deltas) == 0 {
			return nil
		}
		var later []entry
		for _, e := range deltas {
			if err := ctx.Err(); err != nil {
				return err
			}
			obj, err := o.read(e.offset)
			switch {
			case errors.Is(err, plumbing.ErrObjectNotFound):
				later = append(later, e)
				continue
			case err != nil:
				return damaged(err)
			case int64(len(obj.content)) != e.size:
				return errDamaged
			}
			o.index[plumbing.ComputeHash(obj.kind, obj.content)] = place{offset: e.offset, size: e.size, kind: obj.kind, delta: true}
		}
		if len(later) == len(deltas) {
			return errIncomplete
		}
		deltas = later
	}
	return errDamaged
}

// errIncomplete says that an object is missing that has to be there.
var errIncomplete = errors.New("what the server sent is not complete")

// read returns the object at an offset, through the deltas that lead to it. It fails with ErrObjectNotFound where one of
// them is based on what is not there.
func (o *objects) read(offset int64) (unpacked, error) {
	s := packfile.NewScanner(o.pack.reader())
	var chain []int64 // of deltas, the last first
	for {
		if base, ok := o.known(offset); ok {
			return o.patchAll(s, base, chain)
		}
		header, err := s.SeekObjectHeader(offset)
		if err != nil {
			return unpacked{}, err
		}
		if header.Length > maxPatched {
			return unpacked{}, tooLarge("it has a delta of more than %d bytes", maxPatched)
		}
		switch header.Type {
		case plumbing.OFSDeltaObject:
			chain = append(chain, offset)
			offset = header.OffsetReference
		case plumbing.REFDeltaObject:
			chain = append(chain, offset)
			at, in := o.find(header.Reference)
			if in == nil {
				return unpacked{}, plumbing.ErrObjectNotFound
			}
			if in == o {
				offset = at.offset
				break
			}
			base, err := in.read(at.offset)
			if err != nil {
				return unpacked{}, err
			}
			return o.patchAll(s, base, chain)
		default:
			content, err := inflate(s, header.Length)
			if err != nil {
				return unpacked{}, err
			}
			return o.patchAll(s, unpacked{header.Type, content}, chain)
		}
		if len(chain) > maxChain {
			return unpacked{}, errDamaged
		}
	}
}

// patchAll applies deltas to an object.
func (o *objects) patchAll(s *packfile.Scanner, obj unpacked, chain []int64) (unpacked, error) {
	for _, offset := range slices.Backward(chain) {
		header, err := s.SeekObjectHeader(offset)
		if err != nil {
			return unpacked{}, err
		}
		delta, err := inflate(s, header.Length)
		if err != nil {
			return unpacked{}, err
		}
		if obj.content, err = patch(obj.content, delta); err != nil {
			return unpacked{}, err
		}
		o.remember(offset, obj)
	}
	return obj, nil
}

// inflate reads what the scanner is at.
func inflate(s *packfile.Scanner, size int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(size, maxPatched)))
	if _, _, err := s.NextObject(&b); err != nil {
		return nil, err
	}
	if int64(b.Len()) != size {
		return nil, errDamaged
	}
	return b.Bytes(), nil
}

func (o *objects) known(offset int64) (unpacked, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lastAt == offset && offset > 0 {
		return o.last, true
	}
	obj, ok := o.recent[offset]
	return obj, ok
}

func (o *objects) remember(offset int64, obj unpacked) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last, o.lastAt = obj, offset
	if len(obj.content) > maxRecentObject {
		return
	}
	if o.recentBytes += len(obj.content); o.recentBytes > maxRecent {
		clear(o.recent)
		o.recentBytes = len(obj.content)
	}
	o.recent[offset] = obj
}

// forget drops what is in memory twice.
func (o *objects) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.recent)
	o.recentBytes = 0
	o.last, o.lastAt = unpacked{}, 0
}

// find returns where an object is, and in which layer. That is nil for none.
func (o *objects) find(hash plumbing.Hash) (place, *objects) {
	for ; o != nil; o = o.below {
		if at, ok := o.index[hash]; ok {
			return at, o
		}
	}
	return place{}, nil
}
