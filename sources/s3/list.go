package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scriptd/scriptd/sources"
)

// object is an object as it was listed.
type object struct {
	key, path string // path is the key without the prefix
	etag      string
	size      int64
}

// listing is what is below the prefix at one moment, sorted by path.
type listing struct {
	revision sources.Revision
	objects  []object
}

// maxObjects bounds a listing, whatever the tree would allow: a server that lists without end must not fill memory.
const maxObjects = 200_000

func (s *Source) list(ctx context.Context, client *awss3.Client) (listing, error) {
	var objects []object
	pages := awss3.NewListObjectsV2Paginator(client, &awss3.ListObjectsV2Input{
		Bucket: aws.String(s.opts.Bucket), Prefix: aws.String(s.opts.Prefix),
	})
	seen := make(map[string]bool) // continuation tokens
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return listing{}, s.classify(err, "list")
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			path := strings.TrimPrefix(key, s.opts.Prefix)
			if path == "" || strings.HasSuffix(path, "/") {
				continue // what consoles make for an empty folder
			}
			objects = append(objects, object{key: key, path: path, etag: aws.ToString(o.ETag), size: aws.ToInt64(o.Size)})
		}
		token := aws.ToString(page.NextContinuationToken)
		if len(objects) > maxObjects || token != "" && seen[token] {
			err := fmt.Errorf("the listing does not end, or has more than %d objects", maxObjects)
			return listing{}, sources.Fail(sources.Refused, err, "%s: list", s.name())
		}
		seen[token] = true
	}
	if len(objects) == 0 {
		return listing{}, sources.Fail(sources.NotFound, errors.New("no objects are there"), "%s: list", s.name())
	}
	slices.SortFunc(objects, func(a, b object) int { return strings.Compare(a.path, b.path) })
	return listing{revision: revisionOf(objects), objects: objects}, nil
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
