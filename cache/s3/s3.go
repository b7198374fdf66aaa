// Package s3 keeps a cache in a bucket of S3, or of a server that speaks its protocol, for many scriptd to share.
//
//	store, err := s3.New(s3.Options{Bucket: bucket.Options{Name: "plugins", Prefix: "cache", Region: "eu-central-1"}})
//
// The server has to know conditional writes (If-Match and If-None-Match), as AWS and versitygw do: there is no other lock.
package s3

import (
	"errors"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3/bucket"
)

// Options say where the cache is.
type Options struct {
	// Bucket says which bucket, and how to reach it. All names of objects begin with its prefix.
	Bucket bucket.Options
	// Grace is for how long what nobody needs stays: see cache.NewShared. Zero is cache.DefaultGrace.
	Grace time.Duration
}

// New returns the store that is kept in a bucket. It does not ask the server for anything. Options that do not hold fail with
// the kind sources.Misconfigured.
func New(opts Options) (*cache.Shared, error) {
	if opts.Bucket.Name == "" {
		return nil, sources.Fail(sources.Misconfigured, errors.New("it has no bucket"), "s3 cache")
	}
	b, err := bucket.New(opts.Bucket)
	if err != nil {
		return nil, err
	}
	return cache.NewShared(&objects{bucket: b}, opts.Grace), nil
}
