//go:build unix

package worker

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

// recordedTree remembers which files were read.
type recordedTree struct {
	fstest.MapFS
	mu   sync.Mutex
	read map[string]bool
}

func (r *recordedTree) ReadFile(name string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read[name] = true
	return r.MapFS.ReadFile(name)
}

// asChild calls f with a tree as a child sees it that loads the package in dir.
func asChild(t *testing.T, tree fs.FS, dir string, f func(fs.FS)) {
	t.Helper()
	ours, theirs, err := wire.Pair()
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.NewClient(ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() {
		served <- wire.Serve(theirs, func(call *wire.Call) {
			f(&childTree{ctx: t.Context(), call: call, have: decodePrefetched(wire.NewDecoder(call.Payload))})
		}, nil)
	}()
	var p wire.Payload
	prefetch(tree, dir).appendTo(&p)
	call, err := c.Start(methodLoad, &p, treeHandler{tree})
	if err == nil {
		_, err = call.Wait(t.Context())
		call.Release()
	}
	c.Close()
	if err := errors.Join(err, <-served); err != nil {
		t.Error(err)
	}
}

func TestChildTree(t *testing.T) {
	tree := &recordedTree{read: make(map[string]bool), MapFS: fstest.MapFS{
		"go.mod":            {Data: []byte("module m\n")},
		"readme.md":         {Data: []byte("not asked for")},
		"p/p.go":            {Data: []byte("package p\n")},
		"p/large.txt":       {Data: []byte(strings.Repeat("x", maxPrefetchedFile+1))},
		"p/sub/deep/x.go":   {Data: []byte("package deep\n")},
		"other/private.txt": {Data: []byte("not asked for")},
	}}
	asChild(t, tree, "p", func(child fs.FS) {
		if data, err := fs.ReadFile(child, "p/large.txt"); err != nil || len(data) != maxPrefetchedFile+1 {
			t.Errorf("got %d bytes, %v", len(data), err)
		}
		for range 2 {
			if data, err := fs.ReadFile(child, "p/sub/deep/x.go"); err != nil || string(data) != "package deep\n" {
				t.Errorf("got %q, %v", data, err)
			}
		}
		for _, name := range []string{"p/none.go", "none", "p/p.go/x", "none/none"} {
			if _, err := fs.ReadFile(child, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: got %v", name, err)
			}
			if _, err := fs.Stat(child, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("stat %s: got %v", name, err)
			}
		}
		for _, name := range []string{"../x", "/etc/passwd", ""} {
			if _, err := fs.ReadFile(child, name); !errors.Is(err, fs.ErrInvalid) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
	want := []string{"go.mod", "none/none", "p/large.txt", "p/p.go", "p/p.go/x", "p/sub/deep/x.go"} // not what folders are known to lack
	if got := slices.Sorted(maps.Keys(tree.read)); !slices.Equal(got, want) {
		t.Errorf("the files %q were read, want %q", got, want)
	}
	asChild(t, tree, "p", func(child fs.FS) {
		if err := fstest.TestFS(child, slices.Collect(maps.Keys(tree.MapFS))...); err != nil {
			t.Error(err)
		}
	})
}

// Once its load is over a child still has what it has read, and gets nothing else.
func TestChildTreeAfterTheLoad(t *testing.T) {
	var kept fs.FS
	asChild(t, fstest.MapFS{"p.go": {Data: []byte("package p\n")}, "q/q.go": {}}, ".", func(child fs.FS) { kept = child })
	if data, err := fs.ReadFile(kept, "p.go"); err != nil || string(data) != "package p\n" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := fs.ReadFile(kept, "q/q.go"); err == nil {
		t.Error("a file came from a load that is over")
	}
}

func TestPrefetchIsBounded(t *testing.T) {
	tree := fstest.MapFS{}
	for i := range 100 {
		tree["p/f"+string(rune('a'+i%26))+strings.Repeat("x", i)] = &fstest.MapFile{Data: make([]byte, 100<<10)}
	}
	size := 0
	for _, data := range prefetch(tree, "p").files {
		size += len(data)
	}
	if size > maxPrefetched || size < maxPrefetched/2 {
		t.Errorf("%d bytes come with the request", size)
	}
	if p := prefetch(tree, "../p"); len(p.files)+len(p.folders) > 0 {
		t.Errorf("got %v", p)
	}
}
