package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	goruntime "runtime"
	gosync "sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

// TestHammer has callers, edits, syncs, Run and Close at the same time, and ends each round at a random moment.
func TestHammer(t *testing.T) {
	before := goruntime.NumGoroutine()
	for range 4 {
		hammer(t)
		noMoreGoroutines(t, before)
	}
}

func hammer(t *testing.T) {
	t.Helper()
	one, two := t.TempDir(), t.TempDir()
	write(t, one, good("v0", "v0"))
	write(t, two, map[string]string{"c/c.go": greeter("c", "v0")})
	first, o := moody(t, "one", one)
	first.Interval = 3 * time.Millisecond
	books := newLedger(t)
	e, err := books.new(t.Context(), engine.Options{Cache: cache.Memory(), Sources: []engine.Source{first, folder(t, "two", two)}})
	if err != nil {
		t.Fatal(err)
	}
	var workers gosync.WaitGroup
	until := func(work func() error) {
		workers.Go(func() {
			for {
				if err := work(); errors.Is(err, engine.ErrClosed) {
					return
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, name := range []string{"a", "b", "c", "a", "b"} {
		until(func() error { return callOnce(t, e, name) })
	}
	until(func() error { return look(e) })
	until(func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.N(20))*time.Millisecond)
		defer cancel()
		if _, err := e.Sync(ctx); !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return nil
	})
	workers.Go(func() {
		if err := e.Run(t.Context()); err != nil && !errors.Is(err, engine.ErrClosed) {
			t.Error(err)
		}
	})
	edits := 0
	until(func() error {
		edits++
		if err := edit(t, one, two, o, edits); err != nil {
			return err
		}
		_, err := e.Describe("a")
		if errors.Is(err, engine.ErrNotFound) {
			return nil
		}
		return err
	})
	time.Sleep(100*time.Millisecond + rand.N(200*time.Millisecond)) // the random moment
	var closers gosync.WaitGroup
	for range 3 {
		closers.Go(func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	closers.Wait()
	workers.Wait()
	if left := books.left(); len(left) > 0 {
		t.Errorf("not closed: %q", left)
	}
	t.Logf("%d edits, %d loads", edits, books.loaded())
}

func callOnce(t *testing.T, e *engine.Engine, name string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	res, err := e.Call(ctx, name, nil)
	var version string
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return nil
	case err != nil:
		return err
	case !res.Success:
		return errors.New(res.Error)
	}
	if _, err := fmt.Sscanf(fmt.Sprint(res.Data), "v%s world", &version); err != nil {
		return fmt.Errorf("%s answers %v", name, res.Data)
	}
	return nil
}

// look asks for all that can be asked for.
func look(e *engine.Engine) error {
	for _, p := range e.Plugins() {
		if p.Revision == "" || p.Digest == "" {
			return fmt.Errorf("plugin without a revision: %+v", p)
		}
	}
	for _, s := range e.Sources() {
		if (s.Err == nil) != (s.Error == "") {
			return fmt.Errorf("status that contradicts itself: %+v", s)
		}
	}
	if err := e.Explain("a"); errors.Is(err, engine.ErrClosed) {
		return err
	}
	return nil
}

// edit changes one thing: a new version, a broken one, a package that goes or comes, a name that is taken, an origin
// that is away.
func edit(t *testing.T, one, two string, o *origin, n int) error {
	t.Helper()
	v := fmt.Sprint("v", n)
	switch rand.N(8) {
	case 0:
		return os.RemoveAll(filepath.Join(one, "b"))
	case 1:
		write(t, one, map[string]string{"b/b.go": greeter("b", v)})
	case 2:
		write(t, one, map[string]string{"a/a.go": syntaxError})
	case 3:
		write(t, two, map[string]string{"b/b.go": greeter("b", v)})
	case 4:
		return os.RemoveAll(filepath.Join(two, "b"))
	case 5:
		o.mood.Store([]*mood{up, down, cutOff, gone}[rand.N(4)])
	case 6:
		write(t, two, map[string]string{"c/c.go": greeter("c", v)})
	default:
		o.mood.Store(up)
		write(t, one, good(v, v))
	}
	return nil
}
