package s3

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scriptd/scriptd/sources"
)

// object is an object as it was listed, or as the manifest has it.
type object struct {
	key, path    string // path is the key without the prefix
	etag, sha256 string // one of them is empty
	size         int64
	exec         bool
}

// listing is what is below the prefix at one moment, sorted by path.
type listing struct {
	revision sources.Revision
	objects  []object
	// manifest is the ETag of the manifest that it was made of, empty where it was made by listing.
	manifest string
	// hasManifest says that there is a manifest below the prefix, and oldManifest its ETag.
	hasManifest bool
	oldManifest string
}

// maxObjects and maxPages bound a listing, whatever the tree would allow: a server that lists without end must not fill
// memory.
const (
	maxObjects = 100_000
	maxPages   = 1_000
)

func (s *Source) list(ctx context.Context, client *awss3.Client) (listing, error) {
	var l listing
	pages := awss3.NewListObjectsV2Paginator(client, &awss3.ListObjectsV2Input{
		Bucket: aws.String(s.opts.Bucket), Prefix: aws.String(s.opts.Prefix),
	})
	for n := 0; pages.HasMorePages(); n++ {
		if n == maxPages || len(l.objects) > maxObjects {
			return listing{}, sources.Fail(sources.Refused, errEndless, "%s", s.bucket)
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return listing{}, s.bucket.Fail(err, "list")
		}
		if page.Name == nil {
			return listing{}, sources.Fail(sources.NotFound, errNotS3, "%s", s.bucket)
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			path, ok := strings.CutPrefix(key, s.opts.Prefix)
			if !ok || path == "" || strings.HasSuffix(path, "/") {
				continue // a folder that a console made, or the answer to another question
			}
			if path == sources.ManifestName {
				l.hasManifest, l.oldManifest = true, aws.ToString(o.ETag)
				continue
			}
			if sources.IsManifest(path) {
				continue // its signature
			}
			l.objects = append(l.objects, object{key: key, path: path, etag: aws.ToString(o.ETag), size: aws.ToInt64(o.Size)})
		}
	}
	if len(l.objects) == 0 && !l.hasManifest {
		return listing{}, sources.Fail(sources.NotFound, errEmpty, "%s", s.bucket)
	}
	slices.SortFunc(l.objects, func(a, b object) int { return strings.Compare(a.path, b.path) })
	l.revision = revisionOf(l.objects)
	return l, nil
}

var (
	errEndless = fmt.Errorf("there are more than %d objects, or the listing does not end", maxObjects)
	errNotS3   = errors.New("what answers there is no S3 server: its listing has no name")
	errEmpty   = errors.New("there are no objects")
)

// revisionOf is the digest over the names, sizes and ETags of all objects.
func revisionOf(objects []object) sources.Revision {
	h := sha256.New()
	for _, o := range objects {
		fmt.Fprintf(h, "%q %d %q\n", o.path, o.size, o.etag)
	}
	return sources.Revision(fmt.Sprintf("sha256:%x", h.Sum(nil)))
}
