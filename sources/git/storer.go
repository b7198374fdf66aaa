package git

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

var _ storer.EncodedObjectStorer = (*objects)(nil)

// EncodedObject returns an object, as go-git asks for it.
func (o *objects) EncodedObject(kind plumbing.ObjectType, hash plumbing.Hash) (plumbing.EncodedObject, error) {
	at, in := o.find(hash)
	if in == nil || kind != plumbing.AnyObject && kind != at.kind {
		return nil, plumbing.ErrObjectNotFound
	}
	return packed{in, at, hash}, nil
}

// HasEncodedObject returns nil for an object that is there.
func (o *objects) HasEncodedObject(hash plumbing.Hash) error {
	if _, in := o.find(hash); in == nil {
		return plumbing.ErrObjectNotFound
	}
	return nil
}

// EncodedObjectSize returns the size of an object.
func (o *objects) EncodedObjectSize(hash plumbing.Hash) (int64, error) {
	at, in := o.find(hash)
	if in == nil {
		return 0, plumbing.ErrObjectNotFound
	}
	return at.size, nil
}

var errReadOnly = errors.New("what was fetched is only read")

// The rest of the interface is for those who write, or list: nobody here does.

func (o *objects) NewEncodedObject() plumbing.EncodedObject { return new(plumbing.MemoryObject) }
func (o *objects) AddAlternate(string) error                { return errReadOnly }
func (o *objects) SetEncodedObject(plumbing.EncodedObject) (plumbing.Hash, error) {
	return plumbing.ZeroHash, errReadOnly
}

func (o *objects) IterEncodedObjects(plumbing.ObjectType) (storer.EncodedObjectIter, error) {
	return nil, errReadOnly
}

// packed is an object in a pack.
type packed struct {
	in   *objects
	at   place
	hash plumbing.Hash
}

func (p packed) Hash() plumbing.Hash             { return p.hash }
func (p packed) Type() plumbing.ObjectType       { return p.at.kind }
func (p packed) Size() int64                     { return p.at.size }
func (p packed) SetType(plumbing.ObjectType)     {}
func (p packed) SetSize(int64)                   {}
func (p packed) Writer() (io.WriteCloser, error) { return nil, errReadOnly }

// Reader unpacks the object while it is read, where it is not a delta: it may be larger than what memory is for.
func (p packed) Reader() (io.ReadCloser, error) {
	if p.at.delta {
		obj, err := p.in.read(p.at.offset)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(bytes.NewReader(obj.content)), nil
	}
	s := packfile.NewScanner(p.in.pack.reader())
	if _, err := s.SeekObjectHeader(p.at.offset); err != nil {
		return nil, err
	}
	return s.ReadObject()
}
