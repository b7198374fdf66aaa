package s3_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/s3"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3/bucket"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// server is shared by the tests of the package, each of which has a bucket of its own; its data is below serverDir. It is nil with
// -short where it would have to be built first.
var (
	server    *s3server.Server
	serverDir string
)

func TestMain(m *testing.M) {
	code, err := withServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withServer(m *testing.M) (code int, err error) {
	ctx := context.Background()
	flag.Parse()
	if testing.Short() {
		return m.Run(), nil
	}
	binary, err := s3server.Binary(ctx)
	if err != nil {
		return 1, err
	}
	if serverDir, err = os.MkdirTemp("", "s3-cache-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(serverDir)
	if server, err = s3server.Start(ctx, binary, serverDir); err != nil {
		return 1, err
	}
	defer server.Close()
	return m.Run(), nil
}

// place is a bucket of a test.
type place struct {
	opts s3.Options
	dir  string // where the server keeps its objects
}

// needServer skips what needs the server, which -short does without.
func needServer(tb testing.TB) {
	tb.Helper()
	if server == nil {
		tb.Skip("it takes an S3 server: run it without -short")
	}
}

// newPlace makes a bucket.
func newPlace(tb testing.TB) place {
	tb.Helper()
	needServer(tb)
	name := "cache-" + strings.ToLower(rand.Text())
	if err := server.CreateBucket(tb.Context(), name); err != nil {
		tb.Fatal(err)
	}
	return place{
		opts: s3.Options{Bucket: bucket.Options{
			Name: name, Prefix: "shared/cache", Endpoint: server.Endpoint(), Region: "us-east-1", PathStyle: true,
			AccessKeyID: sources.Literal(server.AccessKey()), SecretAccessKey: sources.Literal(server.SecretKey()),
		}},
		dir: filepath.Join(serverDir, "data", name, "shared", "cache"),
	}
}

// open returns another store in the bucket, as another machine has it.
func (p place) open(tb testing.TB) aged {
	tb.Helper()
	s, err := s3.New(p.opts)
	if err != nil {
		tb.Fatal(err)
	}
	return aged{s, p}
}

// at returns the place as it is seen through another address.
func (p place) at(addr string) place {
	p.opts.Bucket.Endpoint = "http://" + addr
	return p
}

// aged is a store that time passes for.
type aged struct {
	cache.Keeper
	place place
}

// Later makes all objects two days older.
func (a aged) Later(t *testing.T) {
	t.Helper()
	a.place.later(t)
}

func (p place) later(tb testing.TB) {
	tb.Helper()
	for _, name := range p.files(tb, "") {
		name = filepath.Join(p.dir, name)
		info, err := os.Stat(name)
		if err != nil {
			continue // it was removed meanwhile
		}
		at := info.ModTime().Add(-48 * time.Hour)
		if err := os.Chtimes(name, at, at); err != nil && !os.IsNotExist(err) {
			tb.Fatal(err)
		}
	}
}

// files returns the names of the objects below a folder.
func (p place) files(tb testing.TB, dir string) []string {
	tb.Helper()
	var names []string
	err := filepath.WalkDir(filepath.Join(p.dir, dir), func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(p.dir, name)
			names = append(names, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return names
}

func small() fstest.MapFS {
	return fstest.MapFS{
		"a/x.go": {Data: []byte("package a"), Mode: 0o644},
		"b/x.go": {Data: []byte("package a"), Mode: 0o644},
		"run.sh": {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
	}
}

// numbered returns trees that share a file.
func numbered(n int) fstest.MapFS {
	return fstest.MapFS{"shared": {Data: []byte("shared by all")}, "own": {Data: fmt.Append(nil, n)}}
}

func put(tb testing.TB, s cache.Store, tree fs.FS) cache.Digest {
	tb.Helper()
	d, err := s.Put(tb.Context(), tree)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// active puts a tree and makes it active for the source "team".
func active(tb testing.TB, s cache.Store, revision string, tree fs.FS) cache.Active {
	tb.Helper()
	a := cache.Active{Origin: "o", Revision: revision, Digest: put(tb, s, tree), FetchedAt: time.Unix(1, 2).UTC()}
	if err := s.Activate(tb.Context(), "team", a); err != nil {
		tb.Fatal(err)
	}
	return a
}
