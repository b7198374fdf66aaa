package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

// gitServer serves the repositories below $WORK/git over smart HTTP, at $GIT.
func gitServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 && len(args) != 2 {
		ts.Fatalf("usage: gitserver [USER PASSWORD]")
	}
	var opts gitserver.Options
	if len(args) == 2 {
		opts.Username, opts.Password = args[0], args[1]
	}
	dir := ts.MkAbs("git")
	ts.Check(os.MkdirAll(dir, 0o777))
	srv, err := gitserver.Start(dir, opts)
	ts.Check(err)
	ts.Defer(srv.Close)
	ts.Setenv("GIT", srv.URL("")[:len(srv.URL(""))-1])
}

// gitPush commits a folder to a repository below $WORK/git, which is made if need be, in place of what was there.
func gitPush(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gitpush REPOSITORY FOLDER")
	}
	ctx := context.Background()
	parent := ts.MkAbs("git")
	repo := &gitserver.Repo{Dir: filepath.Join(parent, args[0])}
	if _, err := os.Stat(repo.Dir); errors.Is(err, fs.ErrNotExist) {
		ts.Check(os.MkdirAll(parent, 0o777))
		repo, err = gitserver.Init(ctx, parent, args[0])
		ts.Check(err)
	}
	files, err := readFolder(ts.MkAbs(args[1]))
	ts.Check(err)
	_, err = repo.Push(ctx, files, "Push")
	ts.Check(err)
}

// readFolder returns the files of a folder, content by path.
func readFolder(dir string) (map[string]string, error) {
	files := map[string]string{}
	tree := os.DirFS(dir)
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, path)
		files[path] = string(text)
		return err
	})
	return files, err
}
