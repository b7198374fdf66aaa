package filesystem_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

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

// await waits until src has these files, with no others beside them, and looks only when it was told of a change.
func await(t *testing.T, src sources.Source, changed <-chan struct{}, want sourcetest.Files) {
	t.Helper()
	awaitIn(t, src, "", changed, want)
}

// awaitIn is await for the files in dir.
func awaitIn(t *testing.T, src sources.Source, dir string, changed <-chan struct{}, want sourcetest.Files) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	var got map[string]string
	for {
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the watch did not tell of the change: there were %v", got)
		}
		var err error
		if got, err = fetch(t, src, dir); err != nil {
			got = map[string]string{"error": err.Error()}
			continue
		}
		same := len(got) == len(want)
		for name, f := range want {
			same = same && got[name] == f.Content
		}
		if same {
			return
		}
	}
}

// fetch returns the files that src has in dir now.
func fetch(t *testing.T, src sources.Source, dir string) (map[string]string, error) {
	t.Helper()
	rev, err := src.Resolve(t.Context())
	if err != nil {
		return nil, err
	}
	tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		return nil, err
	}
	files, err := tree.Seal()
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	return got, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		got[name] = string(data)
		return err
	})
}
