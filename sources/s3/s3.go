// Package s3 fetches plugin source from a bucket of S3, or of a server that speaks its protocol.
//
//	src, err := s3.New(s3.Options{Bucket: "plugins", Prefix: "team/", Region: "eu-central-1"})
//
// The revision is a digest over the keys, sizes and ETags of the objects below the prefix, so that it is known from a
// listing alone. The objects themselves are fetched in parallel, each only if it is still the one that was listed.
package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/sources"
)

// Options say which objects make the source, and how to reach them.
type Options struct {
	// Bucket is required. Prefix is what the keys begin with; it is not part of the paths in the tree, and ends at a
	// slash: team means team/.
	Bucket, Prefix string
	// Endpoint is the URL of a server that is not AWS. Empty is AWS in Region.
	Endpoint string
	// Region is where the bucket is. Empty is what the environment of the SDK says, else us-east-1.
	Region string
	// PathStyle puts the bucket into the path and not into the host name, as most servers other than AWS want it.
	PathStyle bool
	// AccessKeyID, SecretAccessKey and SessionToken are read at each poll. Without the first two, the SDK's own chain
	// applies: environment, shared files, roles.
	AccessKeyID, SecretAccessKey, SessionToken sources.Secret
	// Insecure allows an endpoint in the clear that is not on this machine.
	Insecure bool
}

// Source is a bucket as a source.
type Source struct {
	opts Options
	http *awshttp.BuildableClient // keeps connections from one poll to the next

	mu   sync.Mutex
	last listing // what Resolve saw, for the Fetch that follows
}

var _ sources.Source = (*Source)(nil)

// New returns a source. It does not ask the server for anything. The error is of kind Misconfigured.
func New(opts Options) (*Source, error) {
	if opts.Bucket == "" {
		return nil, sources.Fail(sources.Misconfigured, errors.New("no bucket"), "s3")
	}
	if opts.AccessKeyID.IsSet() != opts.SecretAccessKey.IsSet() {
		return nil, sources.Fail(sources.Misconfigured, errors.New("access_key_id and secret_access_key go together"), "s3 bucket %s", opts.Bucket)
	}
	if opts.Endpoint != "" {
		if err := checkEndpoint(opts); err != nil {
			return nil, err
		}
	}
	if opts.Prefix != "" {
		opts.Prefix = strings.Trim(opts.Prefix, "/") + "/"
	}
	return &Source{opts: opts, http: awshttp.NewBuildableClient()}, nil
}

// Resolve lists the objects below the prefix: a request for each thousand of them.
func (s *Source) Resolve(ctx context.Context) (sources.Revision, error) {
	client, err := s.client(ctx)
	if err != nil {
		return "", err
	}
	l, err := s.list(ctx, client)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.last = l
	s.mu.Unlock()
	return l.revision, nil
}

// parallel is how many objects are fetched at a time.
const parallel = 8

// Fetch implements sources.Source. A bucket that changed since rev was resolved fails with the kind Transient.
func (s *Source) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	l := s.last
	s.mu.Unlock()
	if l.revision != rev {
		if l, err = s.list(ctx, client); err != nil {
			return err
		}
	}
	if l.revision != rev {
		return s.fail(fmt.Errorf("it has moved on from revision %s", rev))
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, o := range l.objects {
		if !tree.Wants(o.path) {
			continue
		}
		group.Go(func() error { return s.get(ctx, client, o, tree) })
	}
	return group.Wait()
}

// get adds one object to the tree, if it is still the one that was listed.
func (s *Source) get(ctx context.Context, client *awss3.Client, o object, tree *sources.Tree) error {
	out, err := client.GetObject(ctx, &awss3.GetObjectInput{
		Bucket: aws.String(s.opts.Bucket), Key: aws.String(o.key), IfMatch: aws.String(o.etag),
	})
	if err != nil {
		return s.classify(err, "get "+o.key)
	}
	defer out.Body.Close()
	body := &counted{r: out.Body}
	if err := tree.Add(o.path, 0o644, body); err != nil {
		return s.classify(err, "get "+o.key)
	}
	if body.n != o.size {
		return s.fail(fmt.Errorf("get %s: got %d bytes of %d", o.key, body.n, o.size))
	}
	return nil
}

// revisionOf names a listing.
func revisionOf(objects []object) sources.Revision {
	hash := sha256.New()
	for _, o := range objects {
		fmt.Fprintf(hash, "%q %d %q\n", o.path, o.size, o.etag)
	}
	return sources.Revision("s3:" + hex.EncodeToString(hash.Sum(nil)))
}
