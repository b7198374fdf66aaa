package filesystem_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/sourcetest/signer"
	"github.com/scriptd/scriptd/sources/trust"
)

func TestVerifiedFolders(t *testing.T) {
	dir := t.TempDir()
	key := signer.NewSSH(t, "ed25519")
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(name string) {
		t.Helper()
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	src, err := filesystem.New(filesystem.Options{Path: dir, Verify: trust.Keys{SSH: sources.Literal(key.Allowed)}})
	if err != nil {
		t.Fatal(err)
	}
	poll := func(selection sources.Selection) (fs.FS, error) {
		t.Helper()
		rev, err := src.Resolve(t.Context())
		if err != nil {
			return nil, err
		}
		tree := sources.NewTree(selection, sources.Limits{})
		if err := src.Fetch(t.Context(), rev, tree); err != nil {
			return nil, err
		}
		return tree.Seal()
	}
	refused := func(want string) {
		t.Helper()
		_, err := poll(sources.Selection{})
		if err == nil || sources.KindOf(err) != sources.Unverified || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v (%v), want %q", err, sources.KindOf(err), want)
		}
	}
	accepted := func() {
		t.Helper()
		files, err := poll(sources.Selection{Dir: "pkg"})
		if err != nil {
			t.Fatal(err)
		}
		if data, err := fs.ReadFile(files, "b.go"); err != nil || string(data) != "b" {
			t.Errorf("got %q, %v", data, err)
		}
	}
	sign := func() {
		t.Helper()
		m, err := src.WriteManifest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, sources.ManifestName))
		if err != nil || len(m.Files) == 0 {
			t.Fatal(m, err)
		}
		write(sources.ManifestName+".sig", string(key.Sign(t, data, "file")))
	}
	write("a.go", "a")
	write("pkg/b.go", "b")
	write("pkg.go", "p")
	refused("manifest .scriptd-manifest.json: there is none: write and sign it")
	if _, err := src.WriteManifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused("there is no signature")
	sign()
	accepted()
	write("a.go", "A")
	refused(`file "a.go": it is not what the manifest lists`)
	write("a.go", "a")
	accepted()
	write("pkg/new.go", "n")
	refused(`file "pkg/new.go": the manifest does not list it`)
	remove("pkg/new.go")
	if err := os.Symlink("a.go", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	refused(`file "link": the manifest does not list it`)
	remove("link")
	remove("pkg.go")
	refused(`file "pkg.go": the manifest lists it, and it is not there`)
	sign()
	accepted()
	remove(sources.ManifestName + ".sig")
	refused("there is no signature")
	remove(sources.ManifestName)
	refused("there is none")
}
