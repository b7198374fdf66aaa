package engine_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

// Run removes trees that nothing needs, and none that a package can go back to.
func TestRunTidiesTheCache(t *testing.T) {
	dir := t.TempDir()
	store := cache.Memory()
	src, _ := moody(t, "local", dir)
	const versions = 14
	e := newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{src}, Retention: &cache.Retention{Keep: 1}})
	for i := range versions {
		write(t, dir, goodA(fmt.Sprintf("v%d", i)))
		sync(t, e)
	}
	run(t, e)
	history, err := e.History("local/a")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		trees, err := store.Trees(t.Context())
		return err == nil && len(trees) == len(history) && len(history) < versions
	})
	for _, v := range history {
		if _, err := e.Rollback(t.Context(), "local/a", string(v.Digest)); err != nil {
			t.Errorf("%s: %v", v.Digest, err)
		}
	}
}

// A tree that is damaged is fetched again, and the log says so; the versions of packages, and what they are held at, stay.
func TestADamagedTreeDoesNotLoseTheHistory(t *testing.T) {
	dir, at := t.TempDir(), t.TempDir()
	src, _ := moody(t, "local", dir)
	opts := engine.Options{Cache: diskCache(t, at), Sources: []engine.Source{src}}
	e := newLedger(t).open(opts)
	for _, v := range []string{"v1", "v2"} {
		write(t, dir, goodA(v))
		sync(t, e)
	}
	if _, err := e.Rollback(t.Context(), "local/a", ""); err != nil {
		t.Fatal(err)
	}
	before, err := e.History("local/a")
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	active, err := opts.Cache.Active(t.Context(), "local")
	if err != nil {
		t.Fatal(err)
	}
	listing := filepath.Join(at, "trees", strings.TrimPrefix(string(active.Digest), "sha256:"))
	if err := os.WriteFile(listing, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log lockedBuffer
	opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
	e = newLedger(t).open(opts)
	if got := call(t, e, "a"); got != "v1 world" {
		t.Errorf("got %v, want the version that it is held at", got)
	}
	after, err := e.History("local/a")
	if err != nil || len(after) != 2 {
		t.Errorf("got history %+v, %v, want both versions", after, err)
	}
	for _, want := range []string{"the cached tree cannot be used", "SHA-256 differs", "set aside as corrupt/trees-"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, log.String())
		}
	}
}

func TestRefetch(t *testing.T) {
	dir, at := t.TempDir(), t.TempDir()
	src, origin := moody(t, "local", dir)
	store := diskCache(t, at)
	write(t, dir, goodA("v1"))
	newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{src}})
	list := []engine.Source{src, {Name: "unknown", From: src.From}}
	if got, err := engine.Refetch(t.Context(), store, list); err != nil || len(got) != 0 {
		t.Errorf("got %+v, %v of a sound cache", got, err)
	}
	lose := func() {
		if err := os.RemoveAll(filepath.Join(at, "blobs")); err != nil {
			t.Fatal(err)
		}
	}
	lose()
	origin.mood.Store(cutOff)
	if got, err := engine.Refetch(t.Context(), store, list); err != nil || len(got) != 1 || got[0].Err == nil || got[0].Error != got[0].Err.Error() {
		t.Errorf("got %+v, %v without the origin", got, err)
	}
	origin.mood.Store(up)
	if got, err := engine.Refetch(t.Context(), store, list); err != nil || len(got) != 1 || got[0].Err != nil || got[0].Source != "local" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := call(t, lost(t, store, src), "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	lose()
	write(t, dir, goodA("v2"))
	if got, err := engine.Refetch(t.Context(), store, list); err != nil || len(got) != 1 || got[0].Err == nil {
		t.Errorf("got %+v, %v of an origin that has another tree now", got, err)
	}
}

// lockedBuffer is what a log is written to by several goroutines.
type lockedBuffer struct {
	mu  gosync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
