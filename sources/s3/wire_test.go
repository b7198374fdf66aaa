package s3_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// large makes a bucket with so many objects, and a wire to the server.
func large(tb testing.TB, n int) (s3.Options, *sourcetest.Wire) {
	tb.Helper()
	if server == nil {
		tb.Skip(unbuilt)
	}
	wire := sourcetest.NewWire(tb, strings.TrimPrefix(server.Endpoint(), "http://"))
	opts := bucket(tb, "http://"+wire.Addr())
	var group errgroup.Group
	group.SetLimit(8)
	for i := range n {
		group.Go(func() error {
			return server.Put(tb.Context(), opts.Bucket, fmt.Sprintf("team/dir%d/file%d.go", i%10, i), fmt.Appendf(nil, "content %d", i))
		})
	}
	if err := group.Wait(); err != nil {
		tb.Fatal(err)
	}
	return opts, wire
}

func resolve(tb testing.TB, src *s3.Source) sources.Revision {
	tb.Helper()
	rev, err := src.Resolve(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return rev
}

func fetch(tb testing.TB, src *s3.Source, rev sources.Revision) fs.FS {
	tb.Helper()
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	if err := src.Fetch(tb.Context(), rev, tree); err != nil {
		tb.Fatal(err)
	}
	files, err := tree.Seal()
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func holds(tb testing.TB, files fs.FS, name, want string) {
	tb.Helper()
	if got, err := fs.ReadFile(files, name); err != nil || string(got) != want {
		tb.Errorf("%s is %q, %v, want %q", name, got, err, want)
	}
}

func requests(t *testing.T, what string, wire *sourcetest.Wire, want int) {
	t.Helper()
	p := wire.Take()
	if p.Requests != want {
		t.Errorf("%s: %d requests, want %d", what, p.Requests, want)
	}
	t.Logf("%s: %d requests, %d bytes", what, p.Requests, p.Bytes())
}

func TestWhatAPollCosts(t *testing.T) {
	const n = 1010
	opts, wire := large(t, n)
	src := open(t, opts)
	rev := resolve(t, src)
	requests(t, "the first poll", wire, 2)
	fetch(t, src, rev)
	requests(t, "the first fetch", wire, n)
	if again := resolve(t, src); again != rev {
		t.Errorf("revision %s, was %s", again, rev)
	}
	requests(t, "nothing changed", wire, 2)
	put(t, opts, "dir7/file7.go", "changed")
	files := fetch(t, src, resolve(t, src))
	requests(t, "an object changed", wire, 3)
	holds(t, files, "dir7/file7.go", "changed")
	holds(t, files, "dir8/file1008.go", "content 1008")

	m, err := open(t, opts).WriteManifest(t.Context())
	if err != nil || len(m.Files) != n {
		t.Fatalf("the manifest has %d files, %v", len(m.Files), err)
	}
	wire.Take()
	rev = resolve(t, src)
	requests(t, "the listing shows a manifest", wire, 3)
	for range 2 {
		if again := resolve(t, src); again != rev {
			t.Errorf("revision %s, was %s", again, rev)
		}
		requests(t, "nothing changed, with a manifest", wire, 1)
	}
	fetch(t, src, rev)
	wire.Take()
	put(t, opts, "dir7/file7.go", "changed again")
	if _, err := open(t, opts).WriteManifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	wire.Take()
	rev = resolve(t, src)
	requests(t, "an object changed, with a manifest", wire, 1)
	holds(t, fetch(t, src, rev), "dir7/file7.go", "changed again")
	requests(t, "the fetch of it", wire, 1)
}

// BenchmarkWire compares what a poll costs with listing and downloading all.
func BenchmarkWire(b *testing.B) {
	opts, wire := large(b, 1010)
	manifest := opts
	manifest.Manifest = s3.ManifestRequired
	opts.Manifest = s3.ManifestIgnored
	version := 0
	change := func() {
		version++
		if err := server.Put(b.Context(), opts.Bucket, "team/dir7/file7.go", fmt.Append(nil, version)); err != nil {
			b.Fatal(err)
		}
		if _, err := open(b, opts).WriteManifest(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	change()
	for _, who := range []struct {
		name string
		poll func()
	}{
		{"listing", poller(b, open(b, opts))},
		{"manifest", poller(b, open(b, manifest))},
		{"all", func() { download(b, opts) }},
	} {
		who.poll()
		for what, before := range map[string]func(){"unchanged": func() {}, "changed": change} {
			b.Run(what+"/"+who.name, func(b *testing.B) { wire.Measure(b, before, who.poll) })
		}
	}
}

func poller(b *testing.B, src *s3.Source) func() {
	b.Helper()
	var last sources.Revision
	return func() {
		rev := resolve(b, src)
		if rev != last {
			fetch(b, src, rev)
		}
		last = rev
	}
}

// download is what a source does that keeps nothing.
func download(b *testing.B, opts s3.Options) {
	b.Helper()
	ctx := b.Context()
	client := awss3.New(awss3.Options{
		Region: opts.Region, BaseEndpoint: aws.String(opts.Endpoint), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(server.AccessKey(), server.SecretKey(), ""),
	})
	pages := awss3.NewListObjectsV2Paginator(client, &awss3.ListObjectsV2Input{Bucket: aws.String(opts.Bucket)})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.WithoutCancel(ctx))
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range page.Contents {
			group.Go(func() error {
				out, err := client.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String(opts.Bucket), Key: o.Key})
				if err != nil {
					return err
				}
				defer out.Body.Close()
				_, err = new(bytes.Buffer).ReadFrom(out.Body)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
}
