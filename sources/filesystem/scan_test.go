package filesystem

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
)

func newFolder(t *testing.T) (dir string, src *Source) {
	t.Helper()
	dir = t.TempDir()
	writeFile(t, filepath.Join(dir, "a"), "one")
	src, err := New(Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	return dir, src
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is known of a file is put to use once its times are old enough to tell a later change, and not before.
func TestWhenFilesAreReadAgain(t *testing.T) {
	tests := []struct {
		name         string
		first, later time.Duration // the age of the file when it is read, and when it is asked for again
		again        bool
	}{
		{"at once", 0, 0, true},
		{"a second later", 0, time.Second, true},
		{"an hour later, after it was read at once", 0, time.Hour, true},
		{"an hour later, after it was read in the next second", time.Second, time.Hour, true},
		{"an hour later, after it was read in the next minute", time.Minute, time.Hour, false},
		{"from a clock that is ahead", -time.Hour, time.Hour, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, src := newFolder(t)
			src.now = func() time.Time { return time.Now().Add(tt.first) }
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			// What is known shows where it is used.
			k := src.known["a"]
			k.sum[0]++
			src.known["a"] = k
			src.now = func() time.Time { return time.Now().Add(tt.later) }
			got, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if again := got == rev; again != tt.again {
				t.Errorf("read again: %t, want %t", again, tt.again)
			}
		})
	}
}

func TestAFileThatChangesAfterTheScan(t *testing.T) {
	dir, src := newFolder(t)
	root, err := src.open()
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	files, err := src.scan(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	take := func() error {
		return src.fail(src.take(t.Context(), root, files, sources.NewTree(sources.Selection{}, sources.Limits{})))
	}
	writeFile(t, filepath.Join(dir, "a"), "two")
	if err = take(); err == nil || sources.KindOf(err) != sources.Transient || err.Error() != "folder "+dir+": it changed while it was read" {
		t.Errorf("got %v", err)
	}
	writeFile(t, filepath.Join(dir, "a"), "one")
	if err := take(); err != nil {
		t.Error(err)
	}
}
