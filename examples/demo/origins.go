package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

const (
	repository = "plugins.git"
	bucket     = "plugins"
	apiToken   = "demo-token"
)

// origins are where the plugins come from, and the API that one of them searches. Each is a server of its own, on a
// loopback address.
type origins struct {
	repo *gitserver.Repo
	git  *gitserver.Server
	s3   *s3server.Server
	api  *httptest.Server
}

// startOrigins puts one of the examples into each of a folder, a repository and a bucket.
func startOrigins(ctx context.Context, dir string) (*origins, error) {
	o := &origins{api: httptest.NewServer(http.HandlerFunc(search))}
	err := firstError(
		func() error {
			return os.CopyFS(filepath.Join(dir, "plugins", "hello"), os.DirFS("examples/plugins/hello"))
		},
		func() error { return o.startGit(ctx, filepath.Join(dir, "git")) },
		func() error { return o.startS3(ctx, filepath.Join(dir, "s3")) },
	)
	if err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func (o *origins) startGit(ctx context.Context, dir string) (err error) {
	files, err := readFolder("examples/plugins/service_status")
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if o.repo, err = gitserver.Init(ctx, dir, repository); err != nil {
		return err
	}
	if _, err := o.repo.Push(ctx, files, "Add service_status"); err != nil {
		return err
	}
	o.git, err = gitserver.Start(dir, gitserver.Options{})
	return err
}

func (o *origins) startS3(ctx context.Context, dir string) error {
	files, err := readFolder("examples/plugins/external_api")
	if err != nil {
		return err
	}
	binary, err := s3server.Binary(ctx)
	if err != nil {
		return err
	}
	if o.s3, err = s3server.Start(ctx, binary, dir); err != nil {
		return err
	}
	if err := o.s3.CreateBucket(ctx, bucket); err != nil {
		return err
	}
	for name, text := range files {
		if err := o.s3.Put(ctx, bucket, name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func (o *origins) close() {
	o.api.Close()
	if o.git != nil {
		o.git.Close()
	}
	if o.s3 != nil {
		o.s3.Close()
	}
}

func (o *origins) gitURL() string { return o.git.URL(repository) }

// push changes service_status in the repository.
func (o *origins) push(ctx context.Context, from, to string) error {
	files, err := edited("examples/plugins/service_status", "service_status/status.go", from, to)
	if err != nil {
		return err
	}
	_, err = o.repo.Push(ctx, files, "Change service_status")
	return err
}

// put changes external_api in the bucket.
func (o *origins) put(ctx context.Context, from, to string) error {
	const file = "external_api/external.go"
	files, err := edited("examples/plugins/external_api", file, from, to)
	if err != nil {
		return err
	}
	return o.s3.Put(ctx, bucket, file, []byte(files[file]))
}

// config is the configuration for all three.
func (o *origins) config() string {
	return fmt.Sprintf(`cache: {dir: cache}
sources:
  - name: folder
    filesystem: {path: plugins}
  - name: team
    git: {url: "%s", ref: main}
    interval: 1s
    permissions: {net: ["127.0.0.1:*"]}
  - name: bucket
    s3:
      bucket: %s
      endpoint: "%s"
      region: us-east-1
      path_style: true
      access_key_id: ${env:DEMO_S3_KEY}
      secret_access_key: ${env:DEMO_S3_SECRET}
    interval: 1s
    packages:
      - path: external_api
        config: {endpoint: "%s/search", token: "${env:DEMO_API_TOKEN}"}
        permissions: {net: ["127.0.0.1:*"]}
`, o.gitURL(), bucket, o.s3.Endpoint(), o.api.URL)
}

// environment is that of this process, with the secrets that config names.
func (o *origins) environment() []string {
	return append(os.Environ(),
		"DEMO_S3_KEY="+o.s3.AccessKey(), "DEMO_S3_SECRET="+o.s3.SecretKey(), "DEMO_API_TOKEN="+apiToken)
}

// search is the API: it finds one thing, for those who have the token.
func search(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+apiToken {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	found := []string{}
	if strings.EqualFold(r.URL.Query().Get("q"), "gopher") {
		found = append(found, "Gopher")
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(found)
}

// readFolder returns the files of a folder, content by path, below the folder's own name.
func readFolder(dir string) (map[string]string, error) {
	files := map[string]string{}
	tree := os.DirFS(dir)
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		files[path.Join(filepath.Base(dir), name)] = string(text)
		return err
	})
	return files, err
}

// edited reads a folder, and replaces a text in one of its files.
func edited(dir, file, from, to string) (map[string]string, error) {
	files, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	text := strings.Replace(files[file], from, to, 1)
	if text == files[file] {
		return nil, fmt.Errorf("%s has no %s", file, from)
	}
	files[file] = text
	return files, nil
}
