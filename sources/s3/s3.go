// Package s3 takes plugin source from a bucket of S3, or of a server that speaks its protocol.
//
//	src, err := s3.New(s3.Options{Bucket: "plugins", Prefix: "team/", Region: "eu-central-1"})
//	rev, err := src.Resolve(ctx)
//
// The revision is a digest over the keys, sizes and ETags of the objects below the prefix, so that it is known from a
// listing alone. The objects themselves are fetched in parallel, each only if it is still the one that was listed.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"sync"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3/bucket"
	"github.com/scriptd/scriptd/sources/trust"
)

// Options say which objects make the source, and how to reach them.
type Options struct {
	// Bucket is required.
	Bucket string
	// Prefix is a folder, as far as S3 has any: the keys of all objects begin with it and a slash, team and team/ being
	// the same. Paths in the tree are relative to it. Empty is the whole bucket.
	Prefix string
	// Endpoint is the URL of a server that is not AWS. Empty is AWS in Region.
	Endpoint string
	// Region is where the bucket is. Empty is what the SDK's environment and shared files say, else us-east-1.
	Region string
	// PathStyle puts the bucket into the path and not into the host name, as most servers other than AWS want it.
	PathStyle bool
	// AccessKeyID, SecretAccessKey and SessionToken are read at each poll. Without the first two, the SDK's own chain
	// applies: environment, shared files, roles.
	AccessKeyID, SecretAccessKey, SessionToken sources.Secret
	// Profile is one of the SDK's shared files. Empty is that of the environment.
	Profile string
	// Role is the ARN of a role to assume with the credentials above, and ExternalID what its trust policy may want.
	Role, ExternalID string
	// Anonymous sends no credentials.
	Anonymous bool
	// Manifest says what is made of the manifest. Empty is ManifestAuto.
	Manifest ManifestMode
	// Verify are keys that the manifest must be signed with. With any, there has to be one.
	Verify trust.Keys
	// Limits bound what WriteManifest takes in.
	Limits sources.Limits
	// Lookup returns the addresses of a host. Nil asks the system.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Insecure allows an http endpoint that is not on this machine.
	Insecure bool
}

// Source is what is below a prefix of a bucket.
type Source struct {
	opts   Options
	bucket *bucket.Bucket

	mu   sync.Mutex
	last listing // what Resolve saw, for the Fetch that follows

	kept kept
}

var _ sources.Source = (*Source)(nil)

// New returns a Source. It does not ask the server for anything. Options that do not hold fail with the kind
// Misconfigured.
func New(opts Options) (*Source, error) {
	if opts.Bucket == "" {
		return nil, sources.Fail(sources.Misconfigured, errors.New("it has no bucket"), "s3 source")
	}
	b, err := bucket.New(bucket.Options{
		Name: opts.Bucket, Prefix: opts.Prefix, Endpoint: opts.Endpoint, Region: opts.Region, PathStyle: opts.PathStyle,
		AccessKeyID: opts.AccessKeyID, SecretAccessKey: opts.SecretAccessKey, SessionToken: opts.SessionToken,
		Profile: opts.Profile, Role: opts.Role, ExternalID: opts.ExternalID, Anonymous: opts.Anonymous,
		Lookup: opts.Lookup, Insecure: opts.Insecure,
	})
	if err != nil {
		return nil, err
	}
	s := &Source{opts: opts, bucket: b}
	s.opts.Prefix = b.Prefix
	if opts.Verify.IsSet() && opts.Manifest == ManifestAuto {
		s.opts.Manifest = ManifestRequired
	}
	switch {
	case opts.Manifest != ManifestAuto && opts.Manifest != ManifestRequired && opts.Manifest != ManifestIgnored:
		err = fmt.Errorf("manifest: want %s or %s, got %q", ManifestRequired, ManifestIgnored, opts.Manifest)
	case opts.Verify.IsSet() && opts.Manifest == ManifestIgnored:
		err = errors.New("what is verified is the manifest: it cannot be ignored")
	}
	if err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "%s", b)
	}
	return s, nil
}

// Resolve reads the manifest where there is one, unless it is the one that was read before: one request. Without one it
// lists the objects: a request for each thousand of them.
func (s *Source) Resolve(ctx context.Context) (sources.Revision, error) {
	client, err := s.bucket.Client(ctx)
	if err != nil {
		return "", err
	}
	l, err := s.look(ctx, client)
	return l.revision, err
}

// look returns what there is now, and remembers it.
func (s *Source) look(ctx context.Context, client *awss3.Client) (listing, error) {
	l, err := s.resolve(ctx, client)
	if err != nil {
		return listing{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = l
	return l, nil
}

// parallel is how many objects are fetched at a time.
const parallel = 8

// Fetch adds the objects to tree. It gets those only that are not what they were at the last fetch. Where one of them is
// not any more what it was in rev, it fails with the kind Transient.
func (s *Source) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	client, err := s.bucket.Client(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	l := s.last
	s.mu.Unlock()
	if l.revision != rev {
		if l, err = s.look(ctx, client); err != nil {
			return err
		}
	}
	if l.revision != rev {
		return s.bucket.Fail(errors.New("it has moved on"), "revision %q", rev)
	}
	if err := s.fetchAll(ctx, client, l, tree); err != nil {
		return err
	}
	s.kept.prune(l.objects)
	return nil
}

// fetchAll adds the objects of a listing to tree. Those that it got stay, for a next time, where it fails.
func (s *Source) fetchAll(ctx context.Context, client *awss3.Client, l listing, tree *sources.Tree) error {
	group, getCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, o := range l.objects {
		if getCtx.Err() != nil {
			break // the group has the first error
		}
		if !tree.Wants(o.path) {
			// Without content, for the tree to see what stands in the way of a folder that is selected.
			if err := tree.Add(o.path, 0o644, strings.NewReader("")); err != nil {
				return errors.Join(s.bucket.Fail(err, "list"), group.Wait())
			}
			continue
		}
		if data, ok := s.kept.get(o); ok {
			if err := tree.AddBytes(o.path, o.mode(), data); err != nil {
				group.Go(func() error { return s.bucket.Fail(err, "get %q", o.shown()) })
			}
			continue
		}
		group.Go(func() error { return s.get(getCtx, client, o, tree) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return s.bucket.Fail(ctx.Err(), "fetch")
}

// get adds one object to the tree, if it is still the one that was listed.
func (s *Source) get(ctx context.Context, client *awss3.Client, o object, tree *sources.Tree) error {
	b := s.body(ctx, client, o)
	defer b.Close()
	if err := tree.Add(o.path, o.mode(), b); err != nil {
		if b.err != nil && sources.KindOf(err) != sources.Refused {
			err = b.err // the path is said once
		}
		return s.bucket.Fail(err, "get %q", o.shown())
	}
	s.kept.put(o, tree.Bytes(o.path))
	return nil
}

// shown is the path, cut where it is long.
func (o object) shown() string { return fmt.Sprintf("%.200s", o.path) }

func (o object) mode() fs.FileMode {
	if o.exec {
		return 0o755
	}
	return 0o644
}
