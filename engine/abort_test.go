package engine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// stopAt has a load of this package wait until its context ends, and tell when it does.
func (l *ledger) stopAt(name string) (waiting chan struct{}) {
	waiting = make(chan struct{})
	var once gosync.Once
	l.onLoad = func(ctx context.Context, p runtime.Package) {
		if p.Name != name {
			return
		}
		once.Do(func() {
			close(waiting)
			<-ctx.Done()
		})
	}
	return waiting
}

// A sync that is given up has not been: not in the status, not in the log, and the next one does all of it.
func TestASyncThatIsGivenUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		mood *mood
		stop string
	}{
		{"while the origin is asked", silent, ""},
		{"while files are fetched", halfWay, ""},
		{"while a package is loaded", up, "local/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, store := t.TempDir(), cache.Memory()
			src, origin := moody(t, "local", dir)
			write(t, dir, good("v1", "v1"))
			books := newLedger(t)
			var log bytes.Buffer
			e := books.open(engine.Options{
				Cache: store, Sources: []engine.Source{src},
				Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
			})
			before := e.Sources()[0]
			write(t, dir, good("v2", "v2"))
			origin.mood.Store(tt.mood)
			ctx, cancel := context.WithCancel(t.Context())
			waiting := make(chan struct{})
			if tt.stop != "" {
				waiting = books.stopAt(tt.stop)
			} else {
				origin.before = func(context.Context) { close(waiting) }
			}
			go func() {
				<-waiting
				cancel()
			}()
			results, err := e.Sync(ctx)
			if !errors.Is(err, context.Canceled) || !errors.Is(results[0].Err, context.Canceled) || results[0].Error != "sync local: context canceled" {
				t.Errorf("got %+v, %v", results, err)
			}
			origin.before = nil
			after := e.Sources()[0]
			after.LastSync = before.LastSync
			if after != before {
				t.Errorf("got status %+v, want that of before: %+v", after, before)
			}
			if got := call(t, e, "a"); got != "v1 world" {
				t.Errorf("got %v", got)
			}
			if log.Len() > 0 {
				t.Errorf("logged %s", log.String())
			}
			origin.mood.Store(up)
			if res := sync(t, e)[0]; !res.Changed || res.Err != nil {
				t.Errorf("got %+v", res)
			}
			if got := call(t, e, "b"); got != "v2 world" {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Whoever waits for another sync of the same source need not wait for its end.
func TestASyncThatIsGivenUpBeforeItsTurn(t *testing.T) {
	dir := t.TempDir()
	src, origin := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	e := newLedger(t).open(engine.Options{Sources: []engine.Source{src}})
	origin.mood.Store(silent)
	polls := origin.polls.Load()
	first, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := e.Sync(first)
		ended <- err
	}()
	eventually(t, func() bool { return origin.polls.Load() > polls })
	second, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	results, err := e.Sync(second)
	if !errors.Is(err, context.DeadlineExceeded) || results[0].Error != "sync local: context deadline exceeded" {
		t.Errorf("got %+v, %v", results, err)
	}
	end()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if st := e.Sources()[0]; st.Err != nil {
		t.Errorf("got %+v", st)
	}
}

// What went live stays recorded, though who asked for it is gone by then.
func TestASyncThatIsGivenUpWhenAllIsDone(t *testing.T) {
	dir, store := t.TempDir(), &slowToActivate{Store: cache.Memory()}
	src, _ := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	e := newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{src}})
	ctx, cancel := context.WithCancel(t.Context())
	store.before = cancel
	write(t, dir, goodA("v2"))
	if _, err := e.Sync(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if st := e.Sources()[0]; st.Err != nil || st.Stale {
		t.Errorf("got %+v", st)
	}
	if got := call(t, lost(t, store.Store, src), "a"); got != "v2 world" {
		t.Errorf("got %v after a restart", got)
	}
}

// slowToActivate is a cache that something happens before.
type slowToActivate struct {
	cache.Store
	before func()
}

func (s *slowToActivate) Activate(ctx context.Context, source string, a cache.Active) error {
	if s.before != nil {
		s.before()
	}
	return s.Store.Activate(ctx, source, a)
}

func TestCloseDuringASync(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, _ := moody(t, "local", dir)
	write(t, dir, good("v1", "v1"))
	books := newLedger(t)
	e := books.open(engine.Options{Cache: store, Sources: []engine.Source{src}})
	write(t, dir, good("v2", "v2"))
	waiting := books.stopAt("local/b")
	ended := make(chan error, 1)
	go func() {
		_, err := e.Sync(t.Context())
		ended <- err
	}()
	<-waiting
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, engine.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if left := books.left(); len(left) > 0 {
		t.Errorf("not closed: %q", left)
	}
	if got := call(t, lost(t, store, src), "a"); got != "v1 world" {
		t.Errorf("got %v after a restart", got)
	}
}

// A start that is given up leaves nothing behind, at whatever point it was.
func TestAStartThatIsGivenUp(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	write(t, dir, good("v1", "v1"))
	write(t, other, map[string]string{"c/c.go": greeter("c", "v1")})
	src, origin := moody(t, "local", dir)
	second, _ := moody(t, "other", other)
	warm := cache.Memory()
	newLedger(t).open(engine.Options{Cache: warm, Sources: []engine.Source{src, second}})
	for _, tt := range []struct {
		name, stop string
		mood       *mood
		store      cache.Store
	}{
		{"while the origin is asked, cold", "", silent, cache.Memory()},
		{"while the origin is asked, warm", "", silent, warm},
		{"while files are fetched", "", halfWay, cache.Memory()},
		{"while a package is loaded", "local/b", up, cache.Memory()},
		{"while a package is restored", "local/b", up, warm},
		{"while the other source is restored", "other/c", up, warm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			books := newLedger(t)
			origin.mood.Store(tt.mood)
			ctx, cancel := context.WithCancel(t.Context())
			waiting := make(chan struct{})
			origin.before = nil
			if tt.stop != "" {
				waiting = books.stopAt(tt.stop)
			} else {
				origin.before = func(context.Context) { close(waiting) }
			}
			go func() {
				<-waiting
				cancel()
			}()
			e, err := books.new(ctx, engine.Options{Cache: tt.store, StartTimeout: time.Minute, Sources: []engine.Source{src, second}})
			if e != nil || !errors.Is(err, context.Canceled) || err.Error() != "start engine: context canceled" {
				t.Errorf("got %v, %v", e, err)
			}
			if left := books.left(); len(left) > 0 {
				t.Errorf("not closed: %q", left)
			}
		})
	}
}

// Each plugin whose schema does not hold is reported, and nothing of the package is left.
func TestSchemasThatDoNotHold(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/p.go": `package p

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "good"}, answer),
		r.Add(plugin.Spec{Name: "pattern", Parameters: ` + "`" + `{"properties": {"x": {"pattern": "("}}}` + "`" + `}, answer),
		r.Add(plugin.Spec{Name: "type", Parameters: ` + "`" + `{"type": "thing"}` + "`" + `}, answer),
	)
}

func answer(context.Context, map[string]any) error { return nil }
`})
	src, _ := moody(t, "local", dir)
	books := newLedger(t)
	e := books.open(engine.Options{Sources: []engine.Source{src}})
	var problems runtime.Problems
	if !errors.As(e.Sources()[0].Err, &problems) || len(problems) != 2 || problems[0].Line != 13 || problems[1].Line != 14 ||
		!strings.HasPrefix(problems[0].Message, "plugin pattern: parameter schema: ") {
		t.Errorf("got %v", e.Sources()[0].Err)
	}
	if n := books.loaded(); n != 1 {
		t.Errorf("loaded %d times", n)
	}
	eventually(t, func() bool { return len(books.left()) == 0 })
}

// A package that does not get through its Register is at fault; its source is not.
func TestALoadThatTakesTooLong(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/a.go": greeter("a", "v1"), "p/p.go": `package p

import "github.com/scriptd/scriptd/plugin"

func Register(r *plugin.Registrar) error {
	for {
	}
}
`})
	src, _ := moody(t, "local", dir)
	books := newLedger(t)
	e, err := engine.NewWith(t.Context(), engine.Options{Sources: []engine.Source{src}}, books, 200*time.Millisecond, time.Second, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	st := e.Sources()[0]
	if st.Error != "p: initialisation and Register did not end within 200ms" || st.Ready {
		t.Errorf("got %+v", st)
	}
	if got := call(t, e, "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	loads := books.loaded()
	sync(t, e)
	if n := books.loaded(); n != loads {
		t.Errorf("%d loads of what was tried", n-loads)
	}
}
