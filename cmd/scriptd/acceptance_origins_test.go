package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// origins are a git repository over smart HTTP, a bucket of a real S3 server, and a folder: the sources team, bucket and
// local of a configuration file. They can be taken away, and come back at the same addresses.
type origins struct {
	t      testing.TB
	gitDir string
	repo   *gitserver.Repo
	git    *gitserver.Server
	s3     *s3server.Server
	folder string
	parked string // where the folder is while it is away
}

// kinds are the names of the sources.
var kinds = []string{"team", "bucket", "local"}

func newOrigins(t testing.TB) *origins {
	t.Helper()
	if _, ok := s3server.Find(); !ok && testing.Short() {
		t.Skip("versitygw is not built")
	}
	dir := t.TempDir()
	o := &origins{t: t, gitDir: filepath.Join(dir, "git"), folder: filepath.Join(dir, "local"), parked: filepath.Join(dir, "parked")}
	s3Dir := filepath.Join(dir, "s3")
	for _, sub := range []string{o.gitDir, s3Dir, o.folder} {
		o.must(os.Mkdir(sub, 0o755))
	}
	ctx := context.WithoutCancel(t.Context()) // servers end with the test's cleanup
	var err error
	o.repo, err = gitserver.Init(ctx, o.gitDir, "team.git")
	o.must(err)
	o.git, err = gitserver.Start(o.gitDir, gitserver.Options{})
	o.must(err)
	t.Cleanup(func() { o.git.Close() })
	binary, err := s3server.Binary(ctx)
	o.must(err)
	o.s3, err = s3server.Start(ctx, binary, s3Dir)
	o.must(err)
	t.Cleanup(func() { o.s3.Close() })
	o.must(o.s3.CreateBucket(ctx, "plugins"))
	t.Setenv("ACCEPTANCE_KEY", o.s3.AccessKey())
	t.Setenv("ACCEPTANCE_SECRET", o.s3.SecretKey())
	return o
}

func (o *origins) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// config writes a configuration file with a cache of its own, and returns its path.
func (o *origins) config() string {
	o.t.Helper()
	dir := o.t.TempDir()
	path := filepath.Join(dir, "scriptd.yaml")
	text := fmt.Sprintf(`cache: {dir: cache}
sources:
  - name: team
    git: {url: %q, ref: main}
    interval: %[4]s
  - name: bucket
    s3: {bucket: plugins, endpoint: %[2]q, region: us-east-1, path_style: true,
      access_key_id: "${env:ACCEPTANCE_KEY}", secret_access_key: "${env:ACCEPTANCE_SECRET}"}
    interval: %[4]s
  - name: local
    filesystem: {path: %[3]q}
`, o.git.URL("team.git"), o.s3.Endpoint(), o.folder, interval)
	o.must(os.WriteFile(path, []byte(text), 0o644))
	return path
}

// put writes files, content by path, to the origin of a source. Empty content removes the file.
func (o *origins) put(source string, files map[string]string) {
	o.t.Helper()
	ctx := o.t.Context()
	if source == "team" {
		change := gitserver.Change{Files: map[string]string{}, Message: "Edit"}
		for name, content := range files {
			if content == "" {
				change.Remove = append(change.Remove, name)
			} else {
				change.Files[name] = content
			}
		}
		_, err := o.repo.Apply(ctx, change)
		o.must(err)
		return
	}
	for name, content := range files {
		switch path := filepath.Join(o.folder, name); {
		case source == "bucket" && content == "":
			o.must(o.s3.Delete(ctx, "plugins", name))
		case source == "bucket":
			o.must(o.s3.Put(ctx, "plugins", name, []byte(content)))
		case content == "":
			o.must(os.Remove(path))
		default:
			o.must(os.MkdirAll(filepath.Dir(path), 0o755))
			o.must(os.WriteFile(path+"~", []byte(content), 0o644))
			o.must(os.Rename(path+"~", path))
		}
	}
}

// leave takes all origins away.
func (o *origins) leave() {
	o.t.Helper()
	o.git.Close()
	o.s3.Close()
	o.must(os.Rename(o.folder, o.parked))
}

// comeBack brings one origin back, where it was.
func (o *origins) comeBack(source string) {
	o.t.Helper()
	ctx := context.WithoutCancel(o.t.Context())
	switch source {
	case "team":
		git, err := gitserver.Start(o.gitDir, gitserver.Options{Addr: o.git.Addr()})
		o.must(err)
		o.git = git
	case "bucket":
		s3, err := o.s3.Restart(ctx)
		o.must(err)
		o.s3 = s3
	default:
		o.must(os.Rename(o.parked, o.folder))
	}
}
