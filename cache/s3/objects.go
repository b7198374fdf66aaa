package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3/bucket"
)

// objects are the objects below the prefix of a bucket. Each request is made with the credentials of its moment.
type objects struct {
	bucket *bucket.Bucket
}

var _ cache.Bucket = (*objects)(nil)

// String implements cache.Bucket.
func (o *objects) String() string { return o.bucket.String() }

// transfers is how often the transfer of an object is begun that broke off.
const transfers = 3

// Get implements cache.Bucket.
func (o *objects) Get(ctx context.Context, name string, limit int64) ([]byte, cache.Object, error) {
	client, err := o.bucket.Client(ctx)
	if err != nil {
		return nil, cache.Object{}, err
	}
	for n := 1; ; n++ {
		content, object, err := o.get(ctx, client, name, limit)
		switch {
		case err == nil:
			return content, object, nil
		case bucket.IsNoKey(err):
			return nil, cache.Object{}, o.fail(fs.ErrNotExist, "get", name)
		case n == transfers || ctx.Err() != nil || !errors.Is(err, io.ErrUnexpectedEOF):
			return nil, cache.Object{}, o.fail(err, "get", name)
		}
	}
}

func (o *objects) get(ctx context.Context, client *awss3.Client, name string, limit int64) ([]byte, cache.Object, error) {
	out, err := client.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String(o.bucket.Name), Key: o.key(name)})
	if err != nil {
		return nil, cache.Object{}, err
	}
	defer out.Body.Close()
	object := cache.Object{
		Name: name, Version: aws.ToString(out.ETag), Size: aws.ToInt64(out.ContentLength),
		Modified: aws.ToTime(out.LastModified), Age: age(out.ResultMetadata, out.LastModified),
	}
	switch {
	case out.ContentLength == nil:
		return nil, object, errors.New("the server does not say how long it is")
	case object.Size > limit:
		return nil, object, nil
	}
	content := make([]byte, object.Size)
	if _, err := io.ReadFull(out.Body, content); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, object, err
	}
	return content, object, nil
}

// Put implements cache.Bucket.
func (o *objects) Put(ctx context.Context, name string, content []byte, version string) error {
	client, err := o.bucket.Client(ctx)
	if err != nil {
		return err
	}
	in := &awss3.PutObjectInput{
		Bucket: aws.String(o.bucket.Name), Key: o.key(name), Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content))),
	}
	switch version {
	case "":
	case cache.Absent:
		in.IfNoneMatch = aws.String("*")
	default:
		in.IfMatch = aws.String(version)
	}
	_, err = client.PutObject(ctx, in)
	if bucket.IsConflict(err) || version != "" && bucket.IsNoKey(err) {
		err = cache.ErrConflict
	}
	return o.fail(err, "put", name)
}

// Remove implements cache.Bucket.
func (o *objects) Remove(ctx context.Context, name, version string) error {
	client, err := o.bucket.Client(ctx)
	if err != nil {
		return err
	}
	in := &awss3.DeleteObjectInput{Bucket: aws.String(o.bucket.Name), Key: o.key(name)}
	if version != "" {
		in.IfMatch = aws.String(version)
	}
	once := func(opts *awss3.Options) { opts.Retryer = aws.NopRetryer{} }
	_, err = client.DeleteObject(ctx, in, once)
	if version != "" && bucket.IsUnknown(err) {
		in.IfMatch = nil
		_, err = client.DeleteObject(ctx, in, once)
	}
	switch {
	case bucket.IsNoKey(err):
		return nil
	case bucket.IsConflict(err):
		err = cache.ErrConflict
	}
	return o.fail(err, "remove", name)
}

// maxPages bounds a listing, at a thousand objects a page.
const maxPages = 10_000

var errEndless = fmt.Errorf("there are more than %d pages of objects, or the listing does not end", maxPages)

// List implements cache.Bucket.
func (o *objects) List(ctx context.Context, prefix string, visit func(cache.Object) error) (now time.Time, err error) {
	client, err := o.bucket.Client(ctx)
	if err != nil {
		return now, err
	}
	pages := awss3.NewListObjectsV2Paginator(client, &awss3.ListObjectsV2Input{
		Bucket: aws.String(o.bucket.Name), Prefix: o.key(prefix),
	})
	for n := 0; pages.HasMorePages(); n++ {
		if n == maxPages {
			return now, sources.Fail(sources.Refused, errEndless, "%s: list %s", o.bucket, prefix)
		}
		page, err := pages.NextPage(ctx)
		switch {
		case err != nil:
			return now, o.fail(err, "list", prefix)
		case page.Name == nil:
			return now, o.fail(errNotS3, "list", prefix)
		case n == 0:
			now = serverTime(page.ResultMetadata)
		}
		for _, found := range page.Contents {
			name, ok := strings.CutPrefix(aws.ToString(found.Key), o.bucket.Prefix)
			if !ok || !strings.HasPrefix(name, prefix) {
				return now, o.fail(errNotS3, "list", prefix)
			}
			object := cache.Object{
				Name: name, Version: aws.ToString(found.ETag), Size: aws.ToInt64(found.Size),
				Modified: aws.ToTime(found.LastModified), Age: age(page.ResultMetadata, found.LastModified),
			}
			if err := visit(object); err != nil {
				return now, err
			}
		}
	}
	return now, nil
}

var errNotS3 = errors.New("what answers there is no S3 server: it does not list what was asked for")

func (o *objects) key(name string) *string { return aws.String(o.bucket.Prefix + name) }

// fail names the object. What the cache asks for by its error is not explained.
func (o *objects) fail(err error, op, name string) error {
	for _, known := range []error{fs.ErrNotExist, cache.ErrConflict} {
		if errors.Is(err, known) {
			return fmt.Errorf("%s: %s %s: %w", o.bucket, op, name, known)
		}
	}
	return o.bucket.Fail(err, "%s %s", op, name)
}

// serverTime is when an answer was made, by the clock of who made it.
func serverTime(answer middleware.Metadata) time.Time {
	if t, ok := awsmiddleware.GetServerTime(answer); ok {
		return t.UTC()
	}
	return time.Now().UTC()
}

// age is how long ago an object was written. What is not known was written now: nothing of it is removed.
func age(answer middleware.Metadata, modified *time.Time) time.Duration {
	if modified == nil {
		return 0
	}
	return max(serverTime(answer).Sub(*modified), 0)
}
