package git_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

const password = "hunter2-hunter2"

func TestHTTP(t *testing.T) { sourcetest.Run(t, httpHarness) }

func TestSSH(t *testing.T) { sourcetest.Run(t, sshHarness) }

func TestLocal(t *testing.T) { sourcetest.Run(t, localHarness) }

func localHarness(t *testing.T) sourcetest.Harness {
	t.Helper()
	dir, repo := newRepo(t)
	h := harness(t, repo, git.Options{URL: repo.Dir}, git.Options{URL: "file://" + filepath.Join(dir, "missing.git")})
	h.BrokenKind = sources.NotFound
	h.Break = func() func() {
		rename(t, repo.Dir, repo.Dir+".away")
		return func() { rename(t, repo.Dir+".away", repo.Dir) }
	}
	return h
}

func httpHarness(t *testing.T) sourcetest.Harness {
	t.Helper()
	dir, repo := newRepo(t)
	srv := serve(t, dir, gitserver.Options{Username: "me", Password: password})
	gate := sourcetest.NewGate(t, srv.Addr())
	base := "http://" + gate.Addr() + "/"
	opts := git.Options{URL: base + "plugins.git", Username: "me", Password: sources.Literal(password)}
	missing := opts
	missing.URL = base + "missing.git"
	h := withGate(harness(t, repo, opts, missing), gate)
	h.Server, h.Via = srv.Addr(), func(addr string) sources.Source {
		via := opts
		via.URL = "http://" + addr + "/plugins.git"
		return open(t, via)
	}
	return h
}

func sshHarness(t *testing.T) sourcetest.Harness {
	t.Helper()
	dir, repo := newRepo(t)
	srv, opts := serveSSH(t, dir)
	gate := sourcetest.NewGate(t, srv.Addr())
	base := "ssh://git@" + gate.Addr() + "/"
	opts.URL, opts.KnownHosts = base+"plugins.git", writeTemp(t, "known_hosts", srv.KnownHosts(gate.Addr()))
	missing := opts
	missing.URL = base + "missing.git"
	h := withGate(harness(t, repo, opts, missing), gate)
	h.Server, h.Via = srv.Addr(), func(addr string) sources.Source {
		via := opts
		via.URL, via.KnownHosts = "ssh://git@"+addr+"/plugins.git", writeTemp(t, "known_hosts", srv.KnownHosts(addr))
		return open(t, via)
	}
	return h
}

// serveSSH serves the repositories of a folder, and returns what a source needs to get at plugins.git.
func serveSSH(t *testing.T, dir string) (*gitserver.SSHServer, git.Options) {
	t.Helper()
	key, keyFile := newKey(t)
	host, _ := newKey(t)
	srv, err := gitserver.StartSSH(dir, gitserver.SSHOptions{HostKeys: []gossh.Signer{host}, AuthorizedKey: key.PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return srv, git.Options{
		URL:        srv.URL("plugins.git"),
		SSHKey:     sources.Literal(keyFile),
		KnownHosts: writeTemp(t, "known_hosts", srv.KnownHosts(srv.Addr())),
	}
}

func harness(t *testing.T, repo *gitserver.Repo, opts, missing git.Options) sourcetest.Harness {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	return sourcetest.Harness{
		Open: func() sources.Source { return open(t, opts) },
		Write: func(files sourcetest.Files) {
			change := gitserver.Change{
				Message: "Write", Files: map[string]string{}, Executables: map[string]string{}, Links: map[string]string{},
			}
			for name, f := range files {
				switch {
				case f.Link != "":
					change.Links[name] = f.Link
				case f.Exec:
					change.Executables[name] = f.Content
				default:
					change.Files[name] = f.Content
				}
			}
			if _, err := repo.Apply(ctx, change); err != nil {
				t.Fatal(err)
			}
		},
		Remove: func(paths ...string) {
			if _, err := repo.Apply(ctx, gitserver.Change{Message: "Remove", Remove: paths}); err != nil {
				t.Fatal(err)
			}
		},
		Missing: func() (sources.Source, string) { return open(t, missing), "missing.git" },
		Atomic:  true,
		History: true,
		Modes:   true,
		Links:   true,
		Secrets: []string{password},
	}
}

func withGate(h sourcetest.Harness, gate *sourcetest.Gate) sourcetest.Harness {
	h.Break, h.BrokenKind, h.Cut, h.Stall = gate.Shut, sources.Transient, gate.Cut, gate.Stall
	return h
}

// newRepo makes an empty repository plugins.git in a folder.
func newRepo(t *testing.T) (dir string, repo *gitserver.Repo) {
	t.Helper()
	dir = t.TempDir()
	repo, err := gitserver.Init(t.Context(), dir, "plugins.git")
	if err != nil {
		t.Fatal(err)
	}
	return dir, repo
}

func serve(t *testing.T, dir string, opts gitserver.Options) *gitserver.Server {
	t.Helper()
	srv, err := gitserver.Start(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return srv
}

func push(t *testing.T, repo *gitserver.Repo, change gitserver.Change) string {
	t.Helper()
	commit, err := repo.Apply(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

func files(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// list fetches rev and returns its files, "path content" each.
func list(t *testing.T, src sources.Source, rev sources.Revision) []string {
	t.Helper()
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		t.Fatal(err)
	}
	return listTree(t, tree)
}

func listTree(t *testing.T, tree *sources.Tree) []string {
	t.Helper()
	sealed, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = fs.WalkDir(sealed, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sealed, name)
		got = append(got, name+" "+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func open(t *testing.T, opts git.Options) *git.Source {
	t.Helper()
	src, err := git.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func run(t *testing.T, repo *gitserver.Repo, args ...string) string {
	t.Helper()
	out, err := repo.Git(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// newKey makes a key, also as a file has it.
func newKey(t *testing.T) (signer gossh.Signer, file string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signerOf(t, key)
}

func signerOf(t *testing.T, key any) (signer gossh.Signer, file string) {
	t.Helper()
	block, err := gossh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err = gossh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

func writeTemp(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, kind sources.Kind, words ...string) {
	t.Helper()
	sourcetest.WantError(t, err, kind, words...)
	if err != nil && strings.Contains(err.Error(), password) {
		t.Errorf("the error shows the password: %v", err)
	}
}
