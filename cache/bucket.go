package cache

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// Bucket is what a Shared is kept in: objects by name, as S3 has them. What was written is what is read and listed from then on, by
// all who share the bucket. Implementations are safe for concurrent use, and name the bucket in their errors.
type Bucket interface {
	// String names the bucket, for people.
	String() string
	// Get returns an object. Of one that has more than limit bytes, the content is left out. It fails with fs.ErrNotExist
	// where there is none.
	Get(ctx context.Context, name string, limit int64) ([]byte, Object, error)
	// Put writes an object as a whole. Where version is not empty it replaces only the object of that version, and with
	// Absent none, else it fails with ErrConflict: of several who replace one version, one succeeds. Where it fails with
	// another error, the object may be written all the same.
	Put(ctx context.Context, name string, content []byte, version string) error
	// Remove removes an object, which may be gone already. Where version is not empty it removes only the object of that
	// version, as far as the server can, and else fails with ErrConflict. Where it fails with another error, the object may
	// be removed later; where it does not, there is no request that is not carried out yet.
	Remove(ctx context.Context, name, version string) error
	// List calls visit for each object whose name begins with prefix, sorted by name, until it fails. It returns the
	// server's time of before.
	List(ctx context.Context, prefix string, visit func(Object) error) (time.Time, error)
}

// Object is what a Bucket says of an object.
type Object struct {
	Name string
	// Version differs for other contents of the same name.
	Version string
	// Size is in bytes.
	Size int64
	// Modified is when it was written last, and Age how long ago that was, both by the clock of the server.
	Modified time.Time
	Age      time.Duration
}

// bucketError is an error of a Bucket that says nothing of what is in it.
type bucketError struct{ err error }

func (e *bucketError) Error() string { return e.err.Error() }
func (e *bucketError) Unwrap() error { return e.err }

func asBucketError(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrConflict) {
		return err
	}
	return &bucketError{err}
}

// marked is a Bucket whose errors are known as such.
type marked struct{ Bucket }

func (m marked) Get(ctx context.Context, name string, limit int64) ([]byte, Object, error) {
	content, o, err := m.Bucket.Get(ctx, name, limit)
	return content, o, asBucketError(err)
}

func (m marked) Put(ctx context.Context, name string, content []byte, version string) error {
	return asBucketError(m.Bucket.Put(ctx, name, content, version))
}

func (m marked) Remove(ctx context.Context, name, version string) error {
	return asBucketError(m.Bucket.Remove(ctx, name, version))
}

func (m marked) List(ctx context.Context, prefix string, visit func(Object) error) (time.Time, error) {
	now, err := m.Bucket.List(ctx, prefix, visit)
	return now, asBucketError(err)
}
