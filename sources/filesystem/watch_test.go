package filesystem_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestWatchSeesWhatEditorsDo(t *testing.T) {
	tests := []struct {
		name string
		edit func(path string) error
	}{
		{"write in place", func(path string) error {
			return os.WriteFile(path, []byte("new"), 0o644)
		}},
		{"write beside and rename", func(path string) error {
			return errors.Join(os.WriteFile(path+".tmp", []byte("new"), 0o644), os.Rename(path+".tmp", path))
		}},
		{"rename away and write", func(path string) error {
			return errors.Join(os.Rename(path, path+"~"), os.WriteFile(path, []byte("new"), 0o644))
		}},
		{"remove and write", func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte("new"), 0o644))
		}},
		{"write and make executable", func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("new"), 0o644), os.Chmod(path, 0o755))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, sourcetest.Text("pkg/a.go", "old"))
			src := open(t, dir)
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			changed := sourcetest.Watch(t, src)
			for range 2 { // a watch on the file itself would be lost with the first
				if err := tt.edit(filepath.Join(dir, "pkg", "a.go")); err != nil {
					t.Fatal(err)
				}
				rev = sourcetest.AwaitChange(t, src, rev, changed)
				writeFile(t, filepath.Join(dir, "pkg", "a.go"), "old again")
				rev = sourcetest.AwaitChange(t, src, rev, changed)
			}
		})
	}
}

func TestWatchFollowsFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, sourcetest.Text("one/sub/a.go", "1"))
	src := open(t, dir)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changed := sourcetest.Watch(t, src)
	for _, step := range []func(){
		func() { rename(t, filepath.Join(dir, "one"), filepath.Join(dir, "two")) },
		func() { writeFile(t, filepath.Join(dir, "two/sub/a.go"), "2") },
		func() { write(t, dir, sourcetest.Text("one/sub/a.go", "3")) },
		func() { writeFile(t, filepath.Join(dir, "one/sub/a.go"), "4") },
		func() { writeFile(t, filepath.Join(dir, "two/sub/a.go"), "5") },
		func() { removeAll(t, filepath.Join(dir, "one")) },
		func() { write(t, dir, sourcetest.Text("one/sub/a.go", "6")) },
		func() { writeFile(t, filepath.Join(dir, "one/sub/a.go"), "7") },
	} {
		step()
		rev = sourcetest.AwaitChange(t, src, rev, changed)
	}
}

func TestWatchSurvivesTheFolder(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "around", "plugins")
	write(t, dir, sourcetest.Text("pkg/a.go", "1"))
	src := open(t, dir)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changed := sourcetest.Watch(t, src)
	gone := func() {
		t.Helper()
		for {
			<-changed
			if _, err := src.Resolve(t.Context()); err != nil {
				return
			}
		}
	}

	rename(t, dir, dir+".old")
	gone()
	rename(t, dir+".old", dir)
	writeFile(t, filepath.Join(dir, "pkg/a.go"), "2")
	rev = sourcetest.AwaitChange(t, src, rev, changed)

	removeAll(t, dir)
	gone()
	write(t, dir, sourcetest.Text("pkg/a.go", "3"))
	rev = sourcetest.AwaitChange(t, src, rev, changed)

	removeAll(t, filepath.Join(base, "around"))
	gone()
	write(t, dir, sourcetest.Text("pkg/a.go", "4"))
	rev = sourcetest.AwaitChange(t, src, rev, changed)
	writeFile(t, filepath.Join(dir, "pkg/a.go"), "5")
	sourcetest.AwaitChange(t, src, rev, changed)
}

func TestWatchWaitsForTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	src := open(t, dir)
	changed := sourcetest.Watch(t, src)
	write(t, dir, sourcetest.Text("a.go", "1"))
	rev := sourcetest.AwaitChange(t, src, "", changed)
	writeFile(t, filepath.Join(dir, "a.go"), "2")
	sourcetest.AwaitChange(t, src, rev, changed)
}

func TestWatchFollowsALink(t *testing.T) {
	base := t.TempDir()
	write(t, base, sourcetest.Text("v1/a.go", "1", "v2/a.go", "2"))
	write(t, base, sourcetest.Files{"current": {Link: "v1"}})
	src := open(t, filepath.Join(base, "current"))
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changed := sourcetest.Watch(t, src)
	writeFile(t, filepath.Join(base, "v1/a.go"), "1b")
	rev = sourcetest.AwaitChange(t, src, rev, changed)
	write(t, base, sourcetest.Files{"next": {Link: "v2"}})
	rename(t, filepath.Join(base, "next"), filepath.Join(base, "current"))
	rev = sourcetest.AwaitChange(t, src, rev, changed)
	writeFile(t, filepath.Join(base, "v2/a.go"), "2b")
	sourcetest.AwaitChange(t, src, rev, changed)
}

// A mounted ConfigMap: each file links through a folder that is itself a link, and is what changes.
func TestWatchSeesAConfigMapChange(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, sourcetest.Text("..v1/a.go", "1", "..v2/a.go", "2"))
	write(t, dir, sourcetest.Files{"..data": {Link: "..v1"}, "a.go": {Link: "..data/a.go"}})
	src := open(t, dir)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, src, rev, "a.go"); got != "1" {
		t.Errorf("first %q", got)
	}
	changed := sourcetest.Watch(t, src)
	write(t, dir, sourcetest.Files{"..tmp": {Link: "..v2"}})
	rename(t, filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data"))
	rev = sourcetest.AwaitChange(t, src, rev, changed)
	if got := content(t, src, rev, "a.go"); got != "2" {
		t.Errorf("then %q", got)
	}
}

func TestWatchKeepsSilent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plugins")
	write(t, dir, sourcetest.Text("a.go", "1", ".git/index", "x"))
	src := open(t, dir)
	changed := sourcetest.Watch(t, src)
	for range 3 {
		for _, name := range []string{".a.go.swp", "a.go~", ".#a.go", "#a.go#", "4913", ".git/index", ".git/new/object", "../beside/a.go"} {
			write(t, dir, sourcetest.Text(name, "x"))
			writeFile(t, filepath.Join(dir, name), "y")
		}
		removeAll(t, filepath.Join(dir, ".git/new"))
		removeAll(t, filepath.Join(dir, "../beside"))
	}
	// The kernel keeps the order of events: those before have been looked at once this one is reported, and had they
	// been worth a report, there would be one more than this.
	writeFile(t, filepath.Join(dir, "a.go"), "2")
	<-changed
	select {
	case <-changed:
		t.Error("more than one report")
	default:
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func removeAll(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}
