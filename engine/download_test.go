package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// counted counts the fetches of a source.
type counted struct {
	sources.Source
	fetches atomic.Int64
}

func (c *counted) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	c.fetches.Add(1)
	return c.Source.Fetch(ctx, rev, tree)
}

func TestMaxDelete(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"hello/hello.go": greeter("hello", "Hello")}
	for i := range 9 {
		files[fmt.Sprintf("data/%d.txt", i)] = "x"
	}
	write(t, dir, files)
	src := folder(t, "local", dir)
	from := &counted{Source: src.From}
	src.From, src.MaxDelete = from, 0.5
	e := open(t, engine.Options{Sources: []engine.Source{src}})
	remove := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove("data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt")
	if r := sync(t, e)[0]; r.Err != nil || !r.Changed {
		t.Errorf("half of the files are gone: %+v", r)
	}
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hi")})
	remove("data")
	fetches := from.fetches.Load()
	const want = "4 of the 5 files before are gone, more than 50 %: if that is meant, raise max_delete"
	for range 3 {
		r := sync(t, e)[0]
		if r.Err == nil || sources.KindOf(r.Err) != sources.Refused || !strings.Contains(r.Error, want) {
			t.Errorf("got %v, want %q", r.Err, want)
		}
	}
	if n := from.fetches.Load() - fetches; n != 1 {
		t.Errorf("what was refused is fetched %d times", n)
	}
	if st := e.Sources()[0]; !st.Stale || !st.Ready {
		t.Errorf("status %+v, want ready and stale", st)
	}
	if got := call(t, e, "hello"); got != "Hello world" {
		t.Errorf("got %v, want what was there before", got)
	}
	write(t, dir, map[string]string{"data/new.txt": "", "data/5.txt": "", "data/6.txt": "y"})
	if r := sync(t, e)[0]; r.Err != nil || !r.Changed {
		t.Errorf("most files are back: %+v", r)
	}
	if got := call(t, e, "hello"); got != "Hi world" {
		t.Errorf("got %v", got)
	}
}

func TestDigestPin(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello")})
	store := cache.Memory()
	src := folder(t, "local", dir)
	st := open(t, engine.Options{Sources: []engine.Source{src}, Cache: store}).Sources()[0]
	if st.Verified {
		t.Error("it is verified, without a digest")
	}
	src.Digest = st.Digest
	e := open(t, engine.Options{Sources: []engine.Source{src}, Cache: store})
	if st := e.Sources()[0]; !st.Verified || st.Stale || st.Error != "" {
		t.Errorf("status %+v", st)
	}
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hi")})
	r := sync(t, e)[0]
	if r.Err == nil || sources.KindOf(r.Err) != sources.Unverified || !strings.Contains(r.Error, "want "+src.Digest) {
		t.Errorf("got %v", r.Err)
	}
	if got := call(t, e, "hello"); got != "Hello world" {
		t.Errorf("got %v, want what is pinned", got)
	}
	// What the cache has is not served where another digest is accepted.
	src.Digest = "sha256:" + strings.Repeat("0", 64)
	if st := open(t, engine.Options{Sources: []engine.Source{src}, Cache: store}).Sources()[0]; st.Ready || st.Digest != "" || st.ErrorKind != "unverified" {
		t.Errorf("status %+v", st)
	}
}

func TestSelectedFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"hello/hello.go": greeter("hello", "Hello"), "drafts/draft.go": greeter("draft", "Draft"), "old/old.go": greeter("old", "Old"),
		".scriptdignore": "/old/\n",
	})
	src := folder(t, "local", dir)
	src.Exclude = []string{"drafts/"}
	e := open(t, engine.Options{Sources: []engine.Source{src}})
	if plugins := e.Plugins(); len(plugins) != 1 || plugins[0].Name != "hello" {
		t.Errorf("plugins %+v, want hello alone", plugins)
	}
}
