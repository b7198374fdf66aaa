package filesystem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/scriptd/scriptd/sources"
)

// watchers hands out real watchers, and keeps hold of the last one for a test to break it.
type watchers struct {
	mu        sync.Mutex
	last      *watcher
	made      int
	overflows int
	err       error // instead of a watcher
}

// watcher is a real one that a test can have tell of errors.
type watcher struct {
	*fsnotify.Watcher
	more chan error
	dead chan struct{} // closed when it is
}

func (w *watcher) fail(err error) {
	select {
	case w.more <- err:
	case <-w.dead:
	}
}

func (w *watchers) next() (*fsnotify.Watcher, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return nil, w.err
	}
	system, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	w.last = &watcher{system, make(chan error), make(chan struct{})}
	w.made++
	errs := system.Errors
	system.Errors = make(chan error)
	go w.forward(errs, w.last)
	return system, nil
}

// forward tells of the errors of the system, and of those that a test makes.
func (w *watchers) forward(errs <-chan error, to *watcher) {
	defer close(to.Errors)
	defer close(to.dead)
	for {
		select {
		case err, ok := <-errs:
			if !ok {
				return
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				w.mu.Lock()
				w.overflows++
				w.mu.Unlock()
			}
			to.Errors <- err
		case err := <-to.more:
			to.Errors <- err
		}
	}
}

func (w *watchers) current() (last *watcher, made int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.made
}

// watched watches src, and returns where it tells of changes, after the first time, and how it ends. It is told to end
// with the test.
func watched(t *testing.T, src *Source) (changed <-chan struct{}, ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	told, end, done := make(chan struct{}, 100), make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		end <- src.Watch(ctx, func() { told <- struct{}{} })
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	await(t, told)
	return told, end
}

func await(t *testing.T, told <-chan struct{}) {
	t.Helper()
	select {
	case <-told:
	case <-time.After(30 * time.Second):
		t.Fatal("the watch does not tell")
	}
}

// What a watcher has lost, a report makes good: one, and a new watcher sees what comes after, in folders that are new.
func TestWatchOutlivesItsWatcher(t *testing.T) {
	tests := []struct {
		name string
		fail func(w *watcher)
	}{
		{"the queue overflows", func(w *watcher) { w.fail(fsnotify.ErrEventOverflow) }},
		{"another error", func(w *watcher) { w.fail(errors.New("bad luck")) }},
		{"many errors", func(w *watcher) {
			for range 100 {
				w.fail(fsnotify.ErrEventOverflow)
			}
		}},
		{"it dies", func(w *watcher) { _ = w.Close() }},
		{"it forgets a folder", func(w *watcher) {
			for _, path := range w.WatchList() {
				_ = w.Remove(path)
			}
			w.fail(fsnotify.ErrEventOverflow)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, src := newFolder(t)
			w := &watchers{}
			src.newWatcher = w.next
			told, ended := watched(t, src)
			for i := range 2 * maxLosses { // it would end, were these failures in a row
				last, made := w.current()
				tt.fail(last)
				for now := made; now == made; _, now = w.current() {
					await(t, told)
				}
				if _, now := w.current(); now != made+1 {
					t.Errorf("there are %d watchers, want one more than %d", now, made)
				}
				sub := filepath.Join(dir, fmt.Sprint("sub", i))
				if err := os.Mkdir(sub, 0o755); err != nil {
					t.Fatal(err)
				}
				w.covers(t, sub)
				drain(told)
				writeFile(t, filepath.Join(sub, "a"), "x")
				await(t, told)
			}
			select {
			case err := <-ended:
				t.Errorf("the watch ended with %v", err)
			default:
			}
		})
	}
}

// covers waits until a folder is watched.
func (w *watchers) covers(t *testing.T, dir string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		last, _ := w.current()
		if slices.Contains(last.WatchList(), dir) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not watched", dir)
		}
		time.Sleep(time.Millisecond)
	}
}

func drain(told <-chan struct{}) {
	for {
		select {
		case <-told:
		default:
			return
		}
	}
}

func TestWatchEndsWhereItCannotGoOn(t *testing.T) {
	tests := []struct {
		name string
		fail func(w *watchers, told <-chan struct{})
		want string
	}{
		{"there are no watchers", func(w *watchers, _ <-chan struct{}) {
			w.mu.Lock()
			w.err = os.NewSyscallError("inotify_init1", syscall.EMFILE)
			w.mu.Unlock()
			w.last.fail(fsnotify.ErrEventOverflow)
		}, "inotify_init1: too many open files"},
		{"each one dies at once", func(w *watchers, told <-chan struct{}) {
			for range maxLosses {
				last, _ := w.current()
				_ = last.Close()
				<-told
			}
			last, _ := w.current()
			_ = last.Close()
		}, "the system's watcher fails again and again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, src := newFolder(t)
			w := &watchers{}
			src.newWatcher = w.next
			told, ended := watched(t, src)
			tt.fail(w, told)
			select {
			case err := <-ended:
				if err == nil || sources.KindOf(err) != sources.Transient ||
					!strings.HasPrefix(err.Error(), "watch folder "+dir+": ") || !strings.HasSuffix(err.Error(), tt.want) {
					t.Errorf("it ends with %v, want %s", err, tt.want)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("the watch does not end")
			}
		})
	}
	t.Run("there were none to begin with", func(t *testing.T) {
		_, src := newFolder(t)
		src.newWatcher = (&watchers{err: syscall.EMFILE}).next
		err := src.Watch(t.Context(), func() { t.Error("it tells of a change") })
		if err == nil || !strings.HasSuffix(err.Error(), "too many open files") {
			t.Errorf("got %v", err)
		}
	})
}

// The context ends a watch at any time: while it waits, and while it looks for what to watch.
func TestWatchEndsWithItsContext(t *testing.T) {
	_, src := newFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Watch(ctx, func() {}); err != nil {
		t.Errorf("got %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	told := 0
	if err := src.Watch(ctx, func() { told++; cancel() }); err != nil || told != 1 {
		t.Errorf("got %v after %d reports", err, told)
	}
}
