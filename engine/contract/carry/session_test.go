package carry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// shop is the Shop on the other side.
type shop struct {
	mu     sync.Mutex
	kept   func() int
	opened *opened
}

func (s *shop) Any(v any) (any, error) { return v, nil }

func (s *shop) Ask(ctx context.Context, f func(context.Context, int) (string, error), times int) (string, error) {
	var said []string
	for i := range times {
		text, err := f(ctx, i)
		if err != nil {
			return strings.Join(said, " "), fmt.Errorf("ask %d: %w", i, err)
		}
		said = append(said, text)
	}
	return strings.Join(said, " "), nil
}

func (s *shop) Contexts(name string, first, second context.Context) error { //nolint:revive // as the interface
	switch name {
	case "first":
		<-first.Done()
		return first.Err()
	case "second":
		<-second.Done()
		return second.Err()
	}
	return errors.Join(first.Err(), second.Err())
}

func (s *shop) Copy(to io.Writer, from io.Reader) (int64, error) { return io.Copy(to, from) }

func (s *shop) Each(items []Item, f func(*Item) bool) int {
	for i := range items {
		if !f(&items[i]) {
			return i
		}
	}
	return len(items)
}

func (s *shop) Keep(f func() int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = f
}

func (s *shop) Kept() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept()
}

func (s *shop) Join(sep string, parts ...string) string { return strings.Join(parts, sep) }

// opened is a stream that the shop returns.
type opened struct {
	io.Reader
	closed chan struct{}
}

func (o *opened) Close() error {
	close(o.closed)
	return nil
}

func (s *shop) Open(name string) (io.ReadCloser, error) {
	if name == "" {
		return nil, fs.ErrNotExist
	}
	s.opened = &opened{strings.NewReader(strings.Repeat(name, 200_000)), make(chan struct{})}
	return s.opened, nil
}

func (s *shop) Pay(t Till, sum int) (int, error) {
	if t == nil {
		return -1, nil
	}
	if !t.Open() {
		return 0, ErrSold
	}
	return t.Ring(context.Background(), sum)
}

func (s *shop) Read(p []byte) (int, error) { return copy(p, "read here"), nil }

func (s *shop) Same(t Till) (Till, error) { return t, nil }

func (s *shop) Where(a struct{ Addr net.Addr }) (net.Addr, string) {
	if a.Addr == nil {
		return nil, ""
	}
	return a.Addr, fmt.Sprintf("%T %s", a.Addr, a.Addr)
}

func TestCallbacks(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	got, err := s.Ask(t.Context(), func(_ context.Context, i int) (string, error) { return fmt.Sprint("n", i), nil }, 3)
	if got != "n0 n1 n2" || err != nil {
		t.Errorf("got %q and %v", got, err)
	}
	_, err = s.Ask(t.Context(), func(context.Context, int) (string, error) { return "", ErrSold }, 1)
	if !errors.Is(err, ErrSold) || err.Error() != "ask 0: it is sold" {
		t.Errorf("got %v, want ErrSold", err)
	}
	items := []Item{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	if n := s.Each(items, func(i *Item) bool { return i.Name != "c" }); n != 2 {
		t.Errorf("got %d, want 2", n)
	}
	if s.Join("-", "a", "b") != "a-b" || s.Join("-") != "" {
		t.Error("a variadic call gave something else")
	}
	if n, err := s.Pay(nil, 3); n != -1 || err != nil {
		t.Errorf("a nil interface: %d, %v", n, err)
	}
}

// till is a Till on this side.
type till struct{ open bool }

func (c *till) Ring(_ context.Context, sum int) (int, error) { return 2 * sum, nil }

func (c *till) Open() bool { return c.open }

func TestInterfacesAreCalledBack(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	mine := &till{open: true}
	if n, err := s.Pay(mine, 21); n != 42 || err != nil {
		t.Errorf("got %d and %v, want 42", n, err)
	}
	if _, err := s.Pay(&till{}, 21); !errors.Is(err, ErrSold) {
		t.Errorf("got %v, want ErrSold", err)
	}
	same, err := s.Same(mine)
	if err != nil || same != Till(mine) {
		t.Errorf("got %v and %v, want the same till", same, err)
	}
	addr := &net.TCPAddr{IP: net.IPv4(1, 2, 3, 4), Port: 80}
	if got, text := s.Where(struct{ Addr net.Addr }{addr}); text != "*net.TCPAddr 1.2.3.4:80" || got.String() != "1.2.3.4:80" {
		t.Errorf("got %v and %q", got, text)
	}
}

func TestWhatWasGivenIsOfNoUseAfterTheCall(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	s.Keep(func() int { return 1 })
	defer func() {
		p, _ := recover().(*PanicError)
		if !errors.Is(p, ErrEnded) {
			t.Errorf("got %v, want ErrEnded", p)
		}
	}()
	t.Errorf("it returned %d", s.Kept())
}

func TestPanicsPanicOnTheSideThatCalls(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	for name, call := range map[string]func(){
		"there": func() { _ = s.Fail("panic") },
		"here and back": func() {
			_, _ = s.Ask(t.Context(), func(context.Context, int) (string, error) { panic(fmt.Errorf("broken: %w", ErrSold)) }, 1)
		},
	} {
		func() {
			defer func() {
				p, ok := recover().(*PanicError)
				if !ok || p.Value != "broken: it is sold" || !errors.Is(p, ErrSold) || !strings.Contains(p.Stack, "_test.go") {
					t.Errorf("%s: got %v", name, p)
				}
			}()
			call()
			t.Errorf("%s: it returned", name)
		}()
	}
}

func TestContextsEnd(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	never := context.Background()
	for _, which := range []string{"first", "second"} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		a, b := ctx, never
		if which == "second" {
			a, b = b, a
		}
		if err := s.Contexts(which, a, b); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want that it was cancelled", which, err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
		if a, b = ctx, never; which == "second" {
			a, b = b, a
		}
		if err := s.Contexts(which, a, b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want that the deadline is over", which, err)
		}
		if err := s.Contexts("", ctx, ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want that the deadline was over before", err)
		}
		cancel()
	}
	if err := s.Contexts("", never, never); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if err := s.Contexts("", never, t.Context()); err != nil {
		t.Errorf("got %v, want none", err)
	}
}

func TestStreams(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	data := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	var to bytes.Buffer
	if n, err := s.Copy(&to, bytes.NewReader(data)); n != int64(len(data)) || err != nil || !bytes.Equal(to.Bytes(), data) {
		t.Errorf("copied %d of %d bytes: %v", n, len(data), err)
	}
	if _, err := s.Copy(&to, io.MultiReader(strings.NewReader("x"), failing{ErrSold})); !errors.Is(err, ErrSold) {
		t.Errorf("got %v, want what the reader said", err)
	}
	if _, err := s.Copy(failing{io.ErrClosedPipe}, strings.NewReader("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want what the writer said", err)
	}
	p := make([]byte, 1<<20)
	if n, err := s.Read(p); n != 9 || err != nil || string(p[:n]) != "read here" || p[9] != 0 {
		t.Errorf("read %d: %v", n, err)
	}
	if n, err := s.Read(p[:4]); n != 4 || err != nil {
		t.Errorf("read %d: %v", n, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestStreamsAreReturned(t *testing.T) {
	far := &shop{}
	s := elsewhere[Shop](t, far)
	r, err := s.Open("abc")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != strings.Repeat("abc", 200_000) {
		t.Errorf("read %d bytes: %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	<-far.opened.closed
	if r, err := s.Open(""); r != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v and %v", r, err)
	}
}

func TestWhatIsReturnedIsKeptUntilItIsGarbage(t *testing.T) {
	p := compiled(t, typeOf[Shop]())
	here, there := sessions(t)
	far := &shop{}
	ref, err := there.Offer(p, valueOf[Shop](far))
	if err != nil {
		t.Fatal(err)
	}
	v, err := here.Value(p, ref)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := reflect.TypeAssert[Shop](v)
	if _, err := s.Open("a"); err != nil {
		t.Fatal(err)
	}
	held := func() int {
		there.mu.Lock()
		defer there.mu.Unlock()
		return len(there.refs)
	}
	for held() > 1 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if s.Join("", "a") != "a" {
		t.Error("what is still in use is gone")
	}
	runtime.KeepAlive(v)
}

func TestCallbacksAtTheSameTime(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 20 {
				got, err := s.Ask(t.Context(), func(_ context.Context, n int) (string, error) { return fmt.Sprint(i + n), nil }, 3)
				if want := fmt.Sprint(i, i+1, i+2); err != nil || got != want {
					t.Errorf("got %q and %v, want %q", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestAClosedSessionFailsItsCalls(t *testing.T) {
	p := compiled(t, typeOf[Shop]())
	here, there := sessions(t)
	ref, _ := there.Offer(p, valueOf[Shop](&shop{}))
	v, _ := here.Value(p, ref)
	s, _ := reflect.TypeAssert[Shop](v)
	gone := errors.New("the machine is gone")
	asked, returned := make(chan struct{}), make(chan struct{})
	go func() {
		<-asked
		here.Close(gone)
	}()
	_, err := s.Ask(t.Context(), func(ctx context.Context, _ int) (string, error) {
		close(asked)
		<-ctx.Done() // which ends with the session
		<-returned
		return "", nil
	}, 1)
	close(returned)
	if !errors.Is(err, gone) || !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want why it was closed", err)
	}
	if _, err := s.Any(1); !errors.Is(err, gone) {
		t.Errorf("got %v, want why it was closed", err)
	}
}

func TestCallsAtATimeAreBounded(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	const bound = 1024
	running := make(chan struct{}, bound)
	for range bound {
		wg.Go(func() {
			_, err := s.Ask(ctx, func(ctx context.Context, _ int) (string, error) {
				running <- struct{}{}
				<-ctx.Done()
				return "", ctx.Err()
			}, 1)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	for range bound {
		<-running
	}
	if _, err := s.Any(1); err == nil || !strings.Contains(err.Error(), "more than 1024 calls at the same time") {
		t.Errorf("one more: got %v", err)
	}
	cancel()
	wg.Wait()
	if got, err := s.Any(1); got != 1 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestArgumentsOfRunningCallsAreBounded(t *testing.T) {
	var m measures
	for _, tt := range []struct {
		size int
		fits bool
	}{{2 * maxRunning, true}, {1, false}} { // one alone always is
		if got := m.enter(tt.size); got != tt.fits {
			t.Errorf("%d bytes: got %t, want %t", tt.size, got, tt.fits)
		}
	}
	m.leave(2 * maxRunning)
	if !m.enter(maxRunning) || m.enter(1) {
		t.Error("the bound is another one once they have ended")
	}
}
