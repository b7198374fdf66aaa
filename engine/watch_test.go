package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// watched is a folder of which the system may refuse to tell.
type watched struct {
	sources.Watcher
	tries atomic.Int64

	mu      gosync.Mutex
	refused error
	end     context.CancelFunc // of the watch that goes on
}

var errLimit = errors.New("no more folders can be watched")

func (w *watched) Watch(ctx context.Context, changed func()) error {
	w.tries.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	err := w.refused
	w.end = cancel
	w.mu.Unlock()
	if err != nil {
		return err
	}
	if err := w.Watcher.Watch(ctx, changed); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused
}

// refuse has the watch end, or be possible again.
func (w *watched) refuse(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = err
	if w.end != nil {
		w.end()
	}
}

// book is a log that may be read while it is written.
type book struct {
	mu   gosync.Mutex
	text strings.Builder
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.text.String(), text)
}

const (
	cannotBeWatched = `level=WARN msg="source cannot be watched: it is polled" source=local`
	watchedAgain    = `level=INFO msg="source is watched again" source=local`
)

// An interval of an hour is cut to two seconds while the source cannot be watched.
func TestASourceThatCannotBeWatchedIsPolled(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "v1")})
	src := folder(t, "local", dir)
	w := &watched{Watcher: src.From.(sources.Watcher), refused: errLimit}
	src.From, src.Interval = w, time.Hour
	log := &book{}
	e := open(t, engine.Options{Sources: []engine.Source{src}, Logger: slog.New(slog.NewTextHandler(log, nil))})
	run(t, e)
	eventually(t, func() bool {
		return log.count(cannotBeWatched+` interval=2s error="no more folders can be watched"`) == 1
	})
	for _, want := range []string{"v2", "v3"} {
		write(t, dir, map[string]string{"hello/hello.go": greeter("hello", want)})
		eventually(t, func() bool { return call(t, e, "hello") == want+" world" })
	}
	if got := log.count(watchedAgain); got != 0 {
		t.Errorf("it is said %d times that it is watched again", got)
	}
}

// It is said once that a source cannot be watched, however often it is tried, and once that it can be again.
func TestWatchingIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "v0")})
	src := folder(t, "local", dir)
	w := &watched{Watcher: src.From.(sources.Watcher)}
	src.From, src.Interval = w, 20*time.Millisecond
	log := &book{}
	e := open(t, engine.Options{Sources: []engine.Source{src}, Logger: slog.New(slog.NewTextHandler(log, nil))})
	run(t, e)
	eventually(t, func() bool { return w.tries.Load() == 1 })
	for i := 1; i <= 2; i++ {
		tries := w.tries.Load()
		w.refuse(errLimit)
		eventually(t, func() bool { return w.tries.Load() >= tries+4 })
		if got := log.count(cannotBeWatched); got != i {
			t.Errorf("it is said %d times that it cannot be watched, want %d", got, i)
		}
		if got := log.count(watchedAgain); got != i-1 {
			t.Errorf("it is said %d times that it is watched again, want %d", got, i-1)
		}
		w.refuse(nil)
		eventually(t, func() bool { return log.count(watchedAgain) == i })
	}
}

// A mounted ConfigMap, or a volume with folders of several: the packages are links to folders that are replaced.
func TestRunFollowsAMountedVolume(t *testing.T) {
	dir := t.TempDir()
	link := func(target, name string) {
		t.Helper()
		next := filepath.Join(dir, "..data_tmp")
		if err := errors.Join(os.Symlink(target, next), os.Rename(next, filepath.Join(dir, name))); err != nil {
			t.Fatal(err)
		}
	}
	publish := func(moment, word string) {
		t.Helper()
		write(t, filepath.Join(dir, moment), map[string]string{
			"hello/hello.go": greeter("hello", word), "flat.go": greeter("flat", word),
		})
		link(moment, "..data")
	}
	publish("..2024_11_29_1", "v1")
	link("..data/hello", "hello")
	link("..data/flat.go", "flat.go")
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})
	run(t, e)
	for _, want := range []string{"v1", "v2", "v3"} {
		if want != "v1" {
			publish("..2024_11_29_"+want, want)
		}
		for _, name := range []string{"hello", "flat"} {
			eventually(t, func() bool { return call(t, e, name) == want+" world" })
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "..2024_11_29_1")); err != nil {
		t.Fatal(err)
	}
	if got := len(e.Plugins()); got != 2 {
		t.Errorf("there are %d plugins, want 2", got)
	}
}
