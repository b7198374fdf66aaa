package symbols_test

import (
	"embed"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/symbols"
)

//go:embed testdata/embed
var embedded embed.FS

// An embed.FS that is made is the one that the compiler makes.
func TestEmbedFS(t *testing.T) {
	files := make(map[string][]byte)
	list := func(fsys embed.FS) (all []string) {
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			all = append(all, fs.FormatDirEntry(d)+" "+name)
			info, err := d.Info()
			if err != nil {
				return err
			}
			all = append(all, fs.FormatFileInfo(info))
			if d.IsDir() {
				return nil
			}
			data, err := fsys.ReadFile(name)
			files[name] = data
			all = append(all, string(data))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	want := list(embedded)
	fsys := symbols.EmbedFS(files)
	got := list(fsys)
	if len(got) != len(want) || len(files) != 6 {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	if err := fstest.TestFS(fsys, "testdata/embed/one.txt", "testdata/embed/a/b/empty"); err != nil {
		t.Error(err)
	}
}

func TestEmbedFSWithoutFiles(t *testing.T) {
	entries, err := symbols.EmbedFS(nil).ReadDir(".")
	if err != nil || len(entries) > 0 {
		t.Errorf("got %v, %v", entries, err)
	}
}
