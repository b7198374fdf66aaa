package sources_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestTreeRefusesPaths(t *testing.T) {
	tests := []struct {
		name, path, want string
	}{
		{"empty", "", "the path is empty"},
		{"parent", "../x", `an element ".."`},
		{"parent within", "a/../x", `an element ".."`},
		{"parent at the end", "a/..", `an element ".."`},
		{"dot", "./x", `an element "."`},
		{"absolute", "/etc/passwd", "the path is absolute"},
		{"empty element", "a//b", "an empty element"},
		{"trailing slash", "a/", "an empty element"},
		{"backslash", `a\..\b`, "a backslash"},
		{"nul", "a\x00b", "a control character"},
		{"newline", "a\nb", "a control character"},
		{"escape", "a\x1b[2Jb", "a control character"},
		{"c1 control", "a\u0085b", "a control character"},
		{"not utf-8", "a\xffb", "not valid UTF-8"},
		{"surrogate", "a\xed\xa0\x80b", "not valid UTF-8"},
		{"git in other case", ".GIT/config", "take for .git"},
		{"git with a dot", ".git./config", "take for .git"},
		{"git with a space", "a/.git /config", "take for .git"},
		{"git short name", "GIT~1/config", "take for .git"},
		{"git other short name", "git~27", "take for .git"},
		{"git stream", ".git::$INDEX_ALLOCATION/config", "take for .git"},
		{"git with an invisible character", ".g\u200cit/config", "take for .git"},
		{"long", strings.Repeat("x", 1025), "the path has 1025 bytes, the limit is 1024"},
		{"deep", strings.Repeat("d/", 32) + "f", "the path has 33 elements, the limit is 32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			err := tree.Add(tt.path, 0o644, strings.NewReader("x"))
			sourcetest.WantError(t, err, sources.Refused, tt.want)
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			_, err = tree.Seal()
			sourcetest.WantError(t, err, sources.Refused, tt.want)

			tree = sources.NewTree(sources.Selection{}, sources.Limits{})
			sourcetest.WantError(t, tree.Link(tt.path, "x"), sources.Refused)
		})
	}
}

func TestTreeTakesUnusualPaths(t *testing.T) {
	names := []string{
		"..a", "a..b/...", ".gitignore", "git~", "git~x", "gi7eba~1", "a b", " ", "日本/語.go", "😀", "a:b", "-rf", "~",
		"con", strings.Repeat("x", 1024), strings.Repeat("d/", 31) + "f",
	}
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	add(t, tree, names...)
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(files, names...); err != nil {
		t.Error(err)
	}
}

func TestTreeRefusesConflicts(t *testing.T) {
	tests := []struct {
		name          string
		first, second string
		want          string
	}{
		{"the same twice", "a/b", "a/b", "it is there twice"},
		{"other case", "a/Readme", "a/README", `differs from "a/Readme" only in case`},
		{"other case of a folder", "Dir/a", "dir/b", `the folder "dir" differs from "Dir" only in case`},
		{"a file and a folder in other case", "Dir", "dir/b", `the folder "dir" differs from "Dir" only in case`},
		{"unicode case", "straße", "STRASSE", "only in case"},
		{"unicode composition", "caf\u00e9", "cafe\u0301", "only in case"},
		{"a file, then a folder", "a", "a/b", `"a" is a file and a folder`},
		{"a folder, then a file", "a/b/c", "a/b", "it is a file and a folder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{}, sources.Limits{})
			add(t, tree, tt.first)
			sourcetest.WantError(t, tree.Add(tt.second, 0o644, strings.NewReader("")), sources.Refused, tt.want)

			tree = sources.NewTree(sources.Selection{}, sources.Limits{})
			if err := tree.Link(tt.first, "x"); err != nil {
				t.Fatal(err)
			}
			sourcetest.WantError(t, tree.Link(tt.second, "x"), sources.Refused, tt.want)
		})
	}
}

func TestTreeRefusesWhatIsNoFile(t *testing.T) {
	for _, mode := range []fs.FileMode{fs.ModeDir, fs.ModeSymlink, fs.ModeNamedPipe, fs.ModeSocket, fs.ModeDevice} {
		tree := sources.NewTree(sources.Selection{}, sources.Limits{})
		sourcetest.WantError(t, tree.Add("a", mode|0o644, strings.NewReader("")), sources.Refused, `file "a": it is not a regular file`)
	}
}

func TestTreeLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits sources.Limits
		files  []string
		want   string // empty: all are taken
	}{
		{"as many files as allowed", sources.Limits{Files: 2}, []string{"a", "b"}, ""},
		{"a file too many", sources.Limits{Files: 2}, []string{"a", "b", "c"}, `file "c": the tree has more than 2 files`},
		{"a file as large as allowed", sources.Limits{FileBytes: 12}, []string{"a"}, ""},
		{"a file too large", sources.Limits{FileBytes: 11}, []string{"a"}, `file "a": it has more than 11 bytes`},
		{"a tree as large as allowed", sources.Limits{Bytes: 24}, []string{"a", "b"}, ""},
		{"a tree too large", sources.Limits{Bytes: 23}, []string{"a", "b"}, `file "b": the tree has more than 23 bytes`},
		{"a path as long as allowed", sources.Limits{PathBytes: 3}, []string{"a/b"}, ""},
		{"a path too long", sources.Limits{PathBytes: 3}, []string{"abcd"}, `file "abcd": the path has 4 bytes, the limit is 3`},
		{"as deep as allowed", sources.Limits{Depth: 2}, []string{"a/b"}, ""},
		{"too deep", sources.Limits{Depth: 2}, []string{"a/b/c"}, "the path has 3 elements, the limit is 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for way, add := range map[string]func(tree *sources.Tree, name string) error{
				"read": func(tree *sources.Tree, name string) error {
					return tree.Add(name, 0o644, strings.NewReader("twelve bytes"))
				},
				"in memory": func(tree *sources.Tree, name string) error {
					return tree.AddBytes(name, 0o644, []byte("twelve bytes"))
				},
			} {
				tree := sources.NewTree(sources.Selection{}, tt.limits)
				var err error
				for _, name := range tt.files {
					if err = add(tree, name); err != nil {
						break
					}
				}
				if tt.want != "" {
					sourcetest.WantError(t, err, sources.Refused, tt.want)
				} else if err != nil {
					t.Errorf("%s: %v", way, err)
				}
			}
		})
	}
}

// endless counts how much of it was read.
type endless struct {
	mu   sync.Mutex
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.read += len(p)
	return len(p), nil
}

func TestTreeStopsReadingAtTheLimit(t *testing.T) {
	t.Run("one file", func(t *testing.T) {
		tree := sources.NewTree(sources.Selection{}, sources.Limits{FileBytes: 1000})
		body := &endless{}
		sourcetest.WantError(t, tree.Add("a", 0o644, body), sources.Refused, "it has more than 1000 bytes")
		if body.read > 1<<16 {
			t.Errorf("%d bytes were read", body.read)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		tree := sources.NewTree(sources.Selection{}, sources.Limits{Bytes: 1 << 20, FileBytes: 1 << 40})
		body := &endless{}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				sourcetest.WantError(t, tree.Add(string(rune('a'+i)), 0o644, body), sources.Refused, "more than 1048576 bytes")
			})
		}
		wg.Wait()
		// Each reader may be one read over; a read is as large as what it has so far.
		if body.read > 64<<20 {
			t.Errorf("%d bytes were read", body.read)
		}
	})
}

func TestTreeKeepsNoSlack(t *testing.T) {
	const files, size = 64, 100 << 10
	content := bytes.Repeat([]byte("x"), size)
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range files {
		if err := tree.Add(fmt.Sprint(i), 0o644, io.LimitReader(bytes.NewReader(content), size)); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > files*size*3/2 {
		t.Errorf("%d bytes are held for %d bytes of content", grown, files*size)
	}
	runtime.KeepAlive(tree)
}

func FuzzTree(f *testing.F) {
	f.Add("a/b", "a/c", "../x", "plugins")
	f.Add("plugins/a", "plugins/A", "b", "")
	f.Add("a", "a/b", "a/../a/b", ".")
	f.Fuzz(func(t *testing.T, first, second, target, dir string) {
		tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
		_ = tree.Add(first, 0o644, strings.NewReader("1"))
		_ = tree.Link(second, target)
		files, err := tree.Seal()
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		var names []string
		_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				t.Error(err)
			} else if !d.IsDir() {
				names = append(names, name)
			}
			return nil
		})
		if err := fstest.TestFS(files, names...); err != nil {
			t.Error(err)
		}
	})
}
