package sourcetest

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/scriptd/scriptd/sources"
)

func watchCases() []testCase {
	watches := func(h Harness) bool { return h.Watches }
	return []testCase{
		{name: "a watch tells of changes", needs: watches, run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			rev := t.resolve(src)
			changed := Watch(t.T, src)
			for _, change := range []func(){
				func() { t.Write(Text("a.go", "b")) },
				func() { t.Write(Text("new/folder/b.go", "b")) },
				func() { t.Write(Text("new/folder/b.go", "c")) },
				func() { t.Write(Text("new/folder/below/c.go", "c")) },
				func() { t.Write(Text("new/folder/below/c.go", "d")) },
				func() { t.Remove("new/folder/b.go") },
				func() { t.Remove("new/folder/below/c.go") },
				func() { t.Write(Text("new/folder/below/c.go", "e")) },
			} {
				change()
				rev = AwaitChange(t.T, src, rev, changed)
			}
		}},
		{name: "a watch tells what happened before it began", needs: watches, run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			rev := t.resolve(src)
			t.Write(Text("a.go", "b"))
			ctx, cancel := context.WithCancel(t.Context())
			told := make(chan struct{}, 1)
			ended := make(chan error, 1)
			go func() { ended <- src.(sources.Watcher).Watch(ctx, func() { notify(told) }) }()
			AwaitChange(t.T, src, rev, told)
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("the watch ended with %v", err)
			}
		}},
		{name: "a watch tells of the last of many changes", needs: watches, run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			changed := Watch(t.T, src)
			for i := range 100 {
				t.Write(Text(fmt.Sprintf("dir%d/file%d.go", i%10, i), "x", "a.go", fmt.Sprint(i)))
			}
			last := t.resolve(t.Open())
			eventually(t.T, "the watch tells of the last change", func() bool {
				select {
				case <-changed:
				default:
					return false
				}
				rev, err := src.Resolve(t.Context())
				return err == nil && rev == last
			})
		}},
		{name: "a watch follows files and folders in each other's place", needs: watches, run: func(t *trial) {
			t.Write(Text("a", "file", "b/c/d", "below"))
			src := t.Open()
			rev := t.resolve(src)
			changed := Watch(t.T, src)
			for _, change := range []func(){
				func() { t.Remove("a") },
				func() { t.Write(Text("a/b/c", "below")) },
				func() { t.Write(Text("a/b/c", "changed")) },
				func() { t.Remove("b/c/d") },
				func() { t.Write(Text("b", "file")) },
				func() { t.Write(Text("b", "changed")) },
			} {
				change()
				rev = AwaitChange(t.T, src, rev, changed)
			}
		}},
		{name: "a watch outlives its origin", run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			rev := t.resolve(src)
			changed := Watch(t.T, src)
			for i := range 2 {
				restore := t.Break()
				restore()
				t.Write(Text("a.go", fmt.Sprint(i)))
				rev = AwaitChange(t.T, src, rev, changed)
			}
		}, needs: func(h Harness) bool { return h.Watches && h.Break != nil }},
		{name: "several watch one source, and leave nothing behind", needs: watches, run: func(t *trial) {
			t.Write(Text("a.go", "a"))
			src := t.Open()
			rev := t.resolve(src)
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 3)
			var told []chan struct{}
			for range cap(ended) {
				c := make(chan struct{}, 1)
				told = append(told, c)
				go func() { ended <- src.(sources.Watcher).Watch(ctx, func() { notify(c) }) }()
				<-c
			}
			t.Write(Text("a.go", "b"))
			for _, c := range told {
				AwaitChange(t.T, src, rev, c)
			}
			cancel()
			for range cap(ended) {
				if err := <-ended; err != nil {
					t.Errorf("the watch ended with %v", err)
				}
			}
			eventually(t.T, "goroutines end", func() bool { return runtime.NumGoroutine() <= before })
		}},
	}
}

// Watch watches src until the test ends, and returns the channel on which it is told of changes. It returns when the
// watch has begun.
func Watch(t *testing.T, src sources.Source) <-chan struct{} {
	t.Helper()
	w, ok := src.(sources.Watcher)
	if !ok {
		t.Fatalf("%T is no Watcher", src)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	changed := make(chan struct{}, 1)
	began := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		first := true
		ended <- w.Watch(ctx, func() {
			if first {
				close(began)
				first = false
				return
			}
			notify(changed)
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the watch ended with %v", err)
		}
	})
	select {
	case <-began:
	case err := <-ended:
		ended <- err
		t.Fatal("the watch did not begin")
	}
	return changed
}

func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// AwaitChange waits until a watch has told of the change that makes src resolve to another revision than rev, which it
// returns.
func AwaitChange(t *testing.T, src sources.Source, rev sources.Revision, changed <-chan struct{}) sources.Revision {
	t.Helper()
	var now sources.Revision
	eventually(t, "the watch tells of the change", func() bool {
		select {
		case <-changed:
		default:
			return false
		}
		var err error
		now, err = src.Resolve(t.Context())
		return err == nil && now != rev
	})
	return now
}
