package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3/bucket"
	"github.com/scriptd/scriptd/sources/trust"
)

// ManifestMode says what is made of the manifest of a bucket.
type ManifestMode string

const (
	// ManifestAuto uses the manifest where a listing shows that there is one.
	ManifestAuto ManifestMode = ""
	// ManifestRequired never lists: there has to be one.
	ManifestRequired ManifestMode = "required"
	// ManifestIgnored always lists.
	ManifestIgnored ManifestMode = "ignored"
)

var _ sources.ManifestWriter = (*Source)(nil)

// resolve returns what there is now: by the manifest, where one is used, else by a listing.
func (s *Source) resolve(ctx context.Context, client *awss3.Client) (listing, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if s.opts.Manifest == ManifestRequired || s.opts.Manifest == ManifestAuto && last.manifest != "" {
		l, err := s.readManifest(ctx, client, last)
		if s.opts.Manifest == ManifestRequired || !errors.Is(err, errNoManifest) {
			return l, err
		}
	}
	l, err := s.list(ctx, client)
	if err == nil && l.hasManifest && s.opts.Manifest == ManifestAuto {
		return s.readManifest(ctx, client, listing{})
	}
	return l, err
}

var errNoManifest = errors.New("there is none: write it with scriptd sources manifest")

// readManifest reads the manifest, or finds that it is the one that last was made of.
func (s *Source) readManifest(ctx context.Context, client *awss3.Client, last listing) (listing, error) {
	in := &awss3.GetObjectInput{Bucket: aws.String(s.opts.Bucket), Key: aws.String(s.opts.Prefix + sources.ManifestName)}
	if last.manifest != "" {
		in.IfNoneMatch = aws.String(last.manifest)
	}
	out, err := client.GetObject(ctx, in)
	if res, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		switch {
		case res.HTTPStatusCode() == http.StatusNotModified && last.manifest != "":
			return last, nil
		case bucket.IsNoKey(err):
			return listing{}, sources.Fail(sources.NotFound, errNoManifest, "%s: manifest", s.bucket)
		}
	}
	if err != nil {
		return listing{}, s.bucket.Fail(err, "get the manifest")
	}
	defer out.Body.Close()
	data, err := sources.ReadSigned(out.Body)
	if err == nil {
		err = s.verify(ctx, client, data)
	}
	if err != nil {
		return listing{}, s.bucket.Fail(err, "get the manifest")
	}
	m, err := sources.ParseManifest(bytes.NewReader(data))
	if err != nil {
		return listing{}, s.bucket.Fail(err, "get the manifest")
	}
	l := listing{revision: m.Revision(), manifest: aws.ToString(out.ETag)}
	for _, f := range m.Files {
		l.objects = append(l.objects, object{key: s.opts.Prefix + f.Path, path: f.Path, size: f.Size, sha256: f.SHA256, exec: f.Exec})
	}
	return l, nil
}

// verify fails where a manifest is not signed as it should be.
func (s *Source) verify(ctx context.Context, client *awss3.Client, manifest []byte) error {
	if !s.opts.Verify.IsSet() {
		return nil
	}
	var signature []byte
	for _, name := range s.opts.Verify.SignatureNames() {
		out, err := client.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String(s.opts.Bucket), Key: aws.String(s.opts.Prefix + name)})
		if bucket.IsNoKey(err) {
			continue
		}
		if err != nil {
			return err
		}
		signature, err = sources.ReadSigned(out.Body)
		out.Body.Close()
		if err != nil {
			return err
		}
		break
	}
	return s.opts.Verify.Verify(manifest, signature, trust.SignedFile)
}

// WriteManifest lists the bucket, reads all objects and puts the manifest there, unless somebody else did meanwhile. It
// takes all that is below the prefix.
func (s *Source) WriteManifest(ctx context.Context) (sources.Manifest, error) {
	client, err := s.bucket.Client(ctx)
	if err != nil {
		return sources.Manifest{}, err
	}
	l, err := s.list(ctx, client)
	if err != nil {
		return sources.Manifest{}, err
	}
	tree := sources.NewTree(sources.Selection{}, s.opts.Limits)
	if err := s.fetchAll(ctx, client, l, tree); err != nil {
		return sources.Manifest{}, err
	}
	files, err := tree.Seal()
	if err != nil {
		return sources.Manifest{}, s.bucket.Fail(err, "manifest")
	}
	m, err := sources.NewManifest(files)
	if err != nil {
		return m, s.bucket.Fail(err, "manifest")
	}
	data, err := m.Encode()
	if err != nil {
		return m, s.bucket.Fail(err, "manifest")
	}
	in := &awss3.PutObjectInput{
		Bucket: aws.String(s.opts.Bucket), Key: aws.String(s.opts.Prefix + sources.ManifestName), Body: bytes.NewReader(data),
		ContentType: aws.String("application/json"),
	}
	if l.hasManifest {
		in.IfMatch = aws.String(l.oldManifest)
	} else {
		in.IfNoneMatch = aws.String("*")
	}
	if _, err := client.PutObject(ctx, in); err != nil {
		return m, s.bucket.Fail(err, "put the manifest")
	}
	return m, nil
}

// id tells an object from another of the same path.
func (o object) id() string { return fmt.Sprint(o.etag, " ", o.size, " ", o.sha256) }
