package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

// disk is a file system that can be full: nothing more can be renamed to where its paths begin so.
type disk struct {
	afero.Fs
	full atomic.Pointer[string]
}

func newDisk() *disk {
	d := &disk{Fs: afero.NewMemMapFs()}
	d.fill("nothing")
	return d
}

func (d *disk) fill(prefix string) { d.full.Store(&prefix) }

func (d *disk) Rename(from, to string) error {
	if strings.HasPrefix(to, *d.full.Load()) {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.ENOSPC}
	}
	return d.Fs.Rename(from, to)
}

// lost is what serves when an engine starts with this cache while the origin is away.
func lost(t *testing.T, store cache.Store, src engine.Source) *engine.Engine {
	t.Helper()
	src.From = away{}
	return newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{src}})
}

func TestAFullDiskKeepsTreesFromGoingLive(t *testing.T) {
	for _, prefix := range []string{"blobs", "trees"} {
		t.Run(prefix, func(t *testing.T) {
			dir, d := t.TempDir(), newDisk()
			store := cache.New(d)
			src, _ := moody(t, "local", dir)
			write(t, dir, goodA("v1"))
			e := newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{src}})

			d.fill(prefix)
			write(t, dir, goodA("v2"))
			for range 2 {
				res, st := sync(t, e)[0], e.Sources()[0]
				if res.Changed || !strings.HasPrefix(res.Error, "keep revision ") || !strings.HasSuffix(res.Error, "no space left on device") {
					t.Errorf("got %+v", res)
				}
				if !st.Ready || !st.Stale || st.Error != res.Error {
					t.Errorf("got %+v, want ready and stale", st)
				}
			}
			if got := call(t, e, "a"); got != "v1 world" {
				t.Errorf("got %v: what is live is in the cache", got)
			}
			cold := newLedger(t).open(engine.Options{Cache: cache.New(d), Sources: []engine.Source{{Name: "other", From: src.From}}})
			if st := cold.Sources()[0]; st.Ready || st.Stale || !strings.HasPrefix(st.Error, "keep revision ") {
				t.Errorf("got %+v, want the reason why nothing serves", st)
			}

			d.fill("nothing")
			if res := sync(t, e)[0]; !res.Changed || res.Err != nil {
				t.Errorf("got %+v, want the new tree", res)
			}
			if got := call(t, lost(t, store, src), "a"); got != "v2 world" {
				t.Errorf("got %v after a restart", got)
			}
		})
	}
}

// What is live and could not be recorded is recorded later, though nothing changes any more.
func TestWhatServesIsRecordedInTheEnd(t *testing.T) {
	dir, d := t.TempDir(), newDisk()
	store := cache.New(d)
	src, _ := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	books := newLedger(t)
	e := books.open(engine.Options{Cache: store, Sources: []engine.Source{src}})

	d.fill("active")
	write(t, dir, goodA("v2"))
	for i := range 2 {
		res, st := sync(t, e)[0], e.Sources()[0]
		if res.Changed != (i == 0) || !strings.HasPrefix(res.Error, "record what serves: ") || !strings.HasSuffix(res.Error, "no space left on device") {
			t.Errorf("got %+v", res)
		}
		if !st.Ready || st.Stale || st.Error != res.Error {
			t.Errorf("got %+v, want ready and fresh", st)
		}
	}
	if got := call(t, e, "a"); got != "v2 world" {
		t.Errorf("got %v, want what the origin has", got)
	}
	if got := call(t, lost(t, store, src), "a"); got != "v1 world" {
		t.Errorf("got %v after a restart", got)
	}

	// A tree that is not worth a record leaves the one that is.
	write(t, dir, map[string]string{"a/a.go": syntaxError})
	sync(t, e)
	d.fill("nothing")
	loads := books.loaded()
	if res := sync(t, e)[0]; !strings.HasPrefix(res.Error, "a/a.go:3:16: ") {
		t.Errorf("got %+v", res)
	}
	if got := call(t, lost(t, store, src), "a"); got != "v2 world" {
		t.Errorf("got %v after a restart", got)
	}
	if n := books.loaded(); n != loads {
		t.Errorf("%d loads to record what was loaded", n-loads)
	}
}

func TestRunRecordsWhatServesInTheEnd(t *testing.T) {
	dir, d := t.TempDir(), newDisk()
	store := cache.New(d)
	src, _ := moody(t, "local", dir)
	src.Interval = 10 * time.Millisecond
	write(t, dir, goodA("v1"))
	d.fill("active")
	e := newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{src}})
	run(t, e)
	d.fill("nothing")
	eventually(t, func() bool { return e.Sources()[0].Err == nil })
	if got := call(t, lost(t, store, src), "a"); got != "v1 world" {
		t.Errorf("got %v after a restart", got)
	}
}

func TestACorruptCache(t *testing.T) {
	for _, tt := range []struct{ name, pattern, content string }{
		{"a blob that was changed", "blobs/*/*", "package a\n"},
		{"a listing that was changed", "trees/*", "x"},
		{"a record that is no JSON", "active/*", "{"},
		{"a blob that is gone", "blobs/*/*", ""},
		{"a listing that is gone", "trees/*", ""},
		{"a record that is gone", "active/*", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, at := t.TempDir(), t.TempDir()
			src, _ := moody(t, "local", dir)
			write(t, dir, goodA("v1"))
			opts := engine.Options{Cache: diskCache(t, at), Sources: []engine.Source{src}}
			newLedger(t).open(opts)

			paths, err := filepath.Glob(filepath.Join(at, tt.pattern))
			if err != nil || len(paths) == 0 {
				t.Fatal(paths, err)
			}
			for _, path := range paths {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if tt.content == "" {
					continue
				}
				if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			// Nothing that is not what was fetched is ever run.
			e := lost(t, opts.Cache, src)
			if st := e.Sources()[0]; len(e.Plugins()) > 0 || st.Ready || st.Stale || st.Error != "ask origin: connection refused" {
				t.Errorf("got %+v, %+v", e.Plugins(), st)
			}
			// The origin mends it.
			e = newLedger(t).open(opts)
			if st := e.Sources()[0]; !st.Ready || st.Stale || st.Err != nil {
				t.Errorf("got %+v", st)
			}
			if got := call(t, lost(t, opts.Cache, src), "a"); got != "v1 world" {
				t.Errorf("got %v after a restart", got)
			}
		})
	}
}

// A load of a revision that was tried before takes its files from the cache, or from the origin where that lost them.
func TestACacheThatIsEmptiedWhileAnEngineRuns(t *testing.T) {
	dir, at := t.TempDir(), t.TempDir()
	src, origin := moody(t, "local", dir)
	version := "one"
	src.Packages = []engine.Package{{Path: "a", Config: func() (map[string]any, error) { return map[string]any{"version": version}, nil }}}
	write(t, dir, goodA("v1"))
	opts := engine.Options{Cache: diskCache(t, at), Sources: []engine.Source{src}}
	e := newLedger(t).open(opts)

	origin.mood.Store(cutOff)
	version = "two"
	if res := sync(t, e)[0]; res.Err != nil {
		t.Errorf("got %+v: the files are in the cache", res)
	}
	for _, sub := range []string{"active", "blobs", "trees"} {
		if err := os.RemoveAll(filepath.Join(at, sub)); err != nil {
			t.Fatal(err)
		}
	}
	version = "three"
	if res := sync(t, e)[0]; res.Error != "ask origin: connection reset by peer" {
		t.Errorf("got %+v", res)
	}
	origin.mood.Store(up)
	if res := sync(t, e)[0]; res.Err != nil {
		t.Errorf("got %+v", res)
	}
	if got := call(t, lost(t, opts.Cache, src), "a"); got != "v1 world" {
		t.Errorf("got %v after a restart", got)
	}
}
