package git_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
	"github.com/scriptd/scriptd/sources/sourcetest/signer"
	"github.com/scriptd/scriptd/sources/trust"
)

// sshArgs has git sign with a key of ssh, gpgArgs with one of GPG.
func sshArgs(k signer.SSH) []string {
	return []string{"-c", "gpg.format=ssh", "-c", "user.signingkey=" + k.Path}
}

func gpgArgs(t *testing.T, k signer.GPG) []string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "gpg.sh")
	script := "#!/bin/sh\nexec gpg '" + strings.Join(k.Args(), "' '") + "' \"$@\"\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{"-c", "gpg.program=" + program, "-c", "user.signingkey=me@example.com"}
}

func TestVerifiedCommits(t *testing.T) {
	dir, repo := newRepo(t)
	url := serve(t, dir, gitserver.Options{}).URL("plugins.git")
	key, other, gpg := signer.NewSSH(t, "ed25519"), signer.NewSSH(t, "ed25519"), signer.NewGPG(t)
	keys := trust.Keys{SSH: sources.Literal(key.Allowed), GPG: sources.Literal(gpg.Public)}
	plain := push(t, repo, gitserver.Change{Message: "Files", Files: files("a", "1")})
	tree := run(t, repo, "rev-parse", plain+"^{tree}")
	commit := func(args []string, message string) string {
		t.Helper()
		return run(t, repo, append(args, "commit-tree", "-S", "-p", plain, "-m", message, tree)...)
	}
	signed := commit(sshArgs(key), "Signed\n\ngpgsig of the text\n\n-----BEGIN SSH SIGNATURE-----\nnone\n")
	raw := run(t, repo, "cat-file", "commit", signed)
	write := func(raw string) string {
		t.Helper()
		return input(t, repo, raw, "hash-object", "-t", "commit", "-w", "--stdin")
	}
	header := raw[strings.Index(raw, "gpgsig ") : strings.Index(raw, "-----END SSH SIGNATURE-----")+len("-----END SSH SIGNATURE-----\n")]
	otherTree := craft(t, repo, "100644 b "+input(t, repo, "x", "hash-object", "-w", "--stdin"))

	for name, tt := range map[string]struct{ commit, want string }{
		"ssh":                        {signed, ""},
		"gpg":                        {commit(gpgArgs(t, gpg), "Signed"), ""},
		"none":                       {plain, "verify the signature: there is no signature"},
		"another key":                {commit(sshArgs(other), "Signed"), "its key is not one that may sign"},
		"stripped":                   {write(strings.Replace(raw, header, "", 1)), "there is no signature"},
		"another message":            {write(strings.Replace(raw, "Signed", "Changed", 1)), "it is not of this content"},
		"another tree":               {write(strings.Replace(raw, tree, otherTree, 1)), "it is not of this content"},
		"of another commit, in text": {write(strings.Replace(raw, header, "", 1) + "\n" + header), "there is no signature"},
		"two":                        {write(strings.Replace(raw, header, header+header, 1)), "it has several signatures"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, repo, "update-ref", "refs/heads/main", tt.commit)
			for _, at := range []string{url, repo.Dir} {
				src := open(t, git.Options{URL: at, Verify: keys})
				rev, err := src.Resolve(t.Context())
				if err != nil || string(rev) != tt.commit {
					t.Fatal(rev, err)
				}
				loaded := sources.NewTree(sources.Selection{}, sources.Limits{})
				err = src.Fetch(t.Context(), rev, loaded)
				if tt.want != "" {
					wantError(t, err, sources.Unverified, "git repository "+at, tt.want)
					if sealed := listTree(t, loaded); len(sealed) != 0 {
						t.Errorf("files of it were read: %v", sealed)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprint(listTree(t, loaded)); got != "[a 1]" {
					t.Errorf("files %s", got)
				}
			}
		})
	}
}

func TestVerifiedTags(t *testing.T) {
	dir, repo := newRepo(t)
	key, other := signer.NewSSH(t, "ed25519"), signer.NewSSH(t, "ed25519")
	opts := git.Options{Verify: trust.Keys{SSH: sources.Literal(key.Allowed)}, VerifyTag: true}
	first := push(t, repo, gitserver.Change{Message: "First", Files: files("a", "1")})
	tag := func(name string, args ...string) { run(t, repo, append(args, "tag", "-s", "-m", "x", name, first)...) }
	tag("v1.0.0", sshArgs(key)...)
	tag("v1.1.0", sshArgs(key)...)
	tag("wrong", sshArgs(other)...)
	run(t, repo, "tag", "-a", "-m", "x", "plain", first)
	run(t, repo, "tag", "light", first)
	run(t, repo, append(sshArgs(key), "tag", "-s", "-m", "x", "nested", "v1.0.0")...)
	_, overSSH := serveSSH(t, dir)
	overSSH.Verify, overSSH.VerifyTag = opts.Verify, true
	overHTTP, local := opts, opts
	overHTTP.URL, local.URL = serve(t, dir, gitserver.Options{}).URL("plugins.git"), repo.Dir
	for over, opts := range map[string]git.Options{"http": overHTTP, "ssh": overSSH, "local": local} {
		for ref, want := range map[string]string{
			"v1.0.0": "", "v1.x": "", "wrong": "its key is not one that may sign", "plain": "there is no signature",
			"light": "the ref is no annotated tag", "main": "the ref is no annotated tag", "nested": "it is not a tag of the commit itself",
		} {
			t.Run(over+"/"+ref, func(t *testing.T) {
				opts.Ref = ref
				src := open(t, opts)
				rev, err := src.Resolve(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if want == "" {
					list(t, src, rev)
					return
				}
				err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
				wantError(t, err, sources.Unverified, "tag of commit "+first, want)
			})
		}
	}
}
