package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// maxResumes is how often the transfer of one object goes on after it broke off.
const maxResumes = 3

// body reads an object as it was listed. A transfer that breaks off goes on where it was. It ends with an error where the
// object is another one.
type body struct {
	ctx    context.Context
	client *awss3.Client
	bucket string
	object object

	from    io.ReadCloser // nil where there is no transfer
	n       int64
	resumes int
	sum     hash.Hash
	err     error // what the last Read failed with
}

func (s *Source) body(ctx context.Context, client *awss3.Client, o object) *body {
	return &body{ctx: ctx, client: client, bucket: s.opts.Bucket, object: o, sum: sha256.New()}
}

func (b *body) Close() {
	if b.from != nil {
		b.from.Close()
		b.from = nil
	}
}

func (b *body) Read(p []byte) (n int, err error) {
	defer func() {
		if !errors.Is(err, io.EOF) {
			b.err = err
		}
	}()
	if b.from == nil {
		if err := b.open(); err != nil {
			return 0, err
		}
	}
	n, err = b.from.Read(p)
	b.n += int64(n)
	b.sum.Write(p[:n])
	switch {
	case b.n > b.object.size:
		return n, b.check()
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		if wrong := b.check(); wrong != nil {
			err = wrong
		}
		return n, err
	case b.ctx.Err() != nil, b.n >= b.object.size, b.resumes == maxResumes:
		return n, err
	}
	b.resumes++
	b.Close()
	return n, nil
}

// open asks for the object, or for the rest of it.
func (b *body) open() error {
	in := &awss3.GetObjectInput{Bucket: aws.String(b.bucket), Key: aws.String(b.object.key)}
	if b.object.etag != "" {
		in.IfMatch = aws.String(b.object.etag)
	}
	if b.n > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", b.n))
	}
	out, err := b.client.GetObject(b.ctx, in)
	if err != nil {
		return err
	}
	if b.n > 0 && !strings.HasPrefix(aws.ToString(out.ContentRange), fmt.Sprintf("bytes %d-", b.n)) {
		out.Body.Close()
		return errors.New("the transfer broke off, and the server does not go on with it")
	}
	b.from = out.Body
	return nil
}

// check returns what is wrong with the object, once it is read.
func (b *body) check() error {
	if b.n != b.object.size {
		return fmt.Errorf("it has %d bytes, and was listed with %d", b.n, b.object.size)
	}
	if want := b.object.sha256; want != "" && hex.EncodeToString(b.sum.Sum(nil)) != want {
		return errNotAsListed
	}
	return nil
}

var errNotAsListed = errors.New("it is not what the manifest lists")
