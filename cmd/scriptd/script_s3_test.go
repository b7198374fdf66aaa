package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// s3Key is the key of a script's *s3server.Server, behind a pointer that Setup made.
type s3Key struct{}

// s3Server starts an S3 server at $S3, which wants $S3_KEY and $S3_SECRET.
func s3Server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: s3server")
	}
	ctx := context.Background()
	binary, err := s3server.Binary(ctx)
	ts.Check(err)
	dir := ts.MkAbs("s3")
	ts.Check(os.MkdirAll(dir, 0o777))
	srv, err := s3server.Start(ctx, binary, dir)
	ts.Check(err)
	ts.Defer(srv.Close)
	*ts.Value(s3Key{}).(**s3server.Server) = srv
	ts.Setenv("S3", srv.Endpoint())
	ts.Setenv("S3_KEY", srv.AccessKey())
	ts.Setenv("S3_SECRET", srv.SecretKey())
}

// s3Down ends the server.
func s3Down(ts *testscript.TestScript, neg bool, args []string) {
	srv := *ts.Value(s3Key{}).(**s3server.Server)
	if neg || len(args) != 0 || srv == nil {
		ts.Fatalf("usage: s3down, after s3server")
	}
	srv.Close()
}

// bucket puts the files of a folder into a bucket, which is made if need be.
func bucket(ts *testscript.TestScript, neg bool, args []string) {
	srv := *ts.Value(s3Key{}).(**s3server.Server)
	if neg || len(args) != 2 || srv == nil {
		ts.Fatalf("usage: bucket NAME FOLDER, after s3server")
	}
	ctx := context.Background()
	if _, err := os.Stat(ts.MkAbs(filepath.Join("s3", "data", args[0]))); errors.Is(err, fs.ErrNotExist) {
		ts.Check(srv.CreateBucket(ctx, args[0]))
	}
	files, err := readFolder(ts.MkAbs(args[1]))
	ts.Check(err)
	for name, text := range files {
		ts.Check(srv.Put(ctx, args[0], name, []byte(text)))
	}
}
