package link

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/fault"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/plugin"
)

var common = sync.OnceValue(func() *carry.Options { return Common(symbols.Std()) })

// desk is a Control for tests.
type desk struct{ err error }

func (d *desk) Meet(_ context.Context, _ string, _ int, shape []byte) ([]byte, error) {
	return shape, d.err
}

func (d *desk) Open(_ context.Context, contract string, version int, name string) (uint64, error) {
	return uint64(len(contract) + version + len(name)), d.err
}

func (d *desk) Serving(context.Context, string, int) ([]string, error) {
	return []string{"a", "b"}, d.err
}

func (d *desk) Watch(ctx context.Context, _ string, _ int, tell func([]string) error) error {
	if err := tell([]string{"a"}); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func (d *desk) Implements(context.Context, string, int, string, string) (bool, error) {
	return true, d.err
}

// run runs an end until the test ends.
func run(t testing.TB, c *Conn) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		c.Run(nil)
		close(done)
	}()
	t.Cleanup(func() {
		c.Close(nil)
		<-done
	})
}

// offering returns an end that offers d.
func offering(t testing.TB, rwc io.ReadWriteCloser, d *desk) *Conn {
	t.Helper()
	c := New(rwc, nil, Options{})
	var control Control = d
	if n, err := c.Session().Offer(plan(t), reflect.ValueOf(&control).Elem()); n != ControlReference || err != nil {
		t.Fatal(n, err)
	}
	return c
}

func plan(t testing.TB) *carry.Plan {
	t.Helper()
	p, err := ControlPlan(common())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ends(t testing.TB, d *desk) (Control, *Conn, *Conn) {
	t.Helper()
	a, b := net.Pipe()
	here, there := New(a, nil, Options{}), offering(t, b, d)
	run(t, here)
	run(t, there)
	v, err := here.Session().Value(plan(t), ControlReference)
	if err != nil {
		t.Fatal(err)
	}
	return v.Interface().(Control), here, there //nolint:forcetypeassert // it is what the plan is for
}

func TestErrorsCross(t *testing.T) {
	d := &desk{}
	control, _, _ := ends(t, d)
	for _, want := range []error{
		fault.ErrNotFound, fault.ErrNoSource, fault.ErrInvalid, fault.ErrTimeout, fault.ErrBusy, fault.ErrStopped, fault.ErrQuarantined,
		fault.ErrNoPackage, fault.ErrNoVersion, fault.ErrClosed, fault.ErrVersion, fault.ErrMismatch, runtime.ErrCrashed,
		runtime.ErrNotImplemented, runtime.ErrStopped, runtime.ErrStuck, context.Canceled, context.DeadlineExceeded,
	} {
		d.err = fmt.Errorf("call x: %w", want)
		if _, err := control.Open(t.Context(), "c", 1, "n"); !errors.Is(err, want) || err.Error() != d.err.Error() || plugin.IsRetryable(err) {
			t.Errorf("got %v, want %v", err, d.err)
		}
	}
	panicked := &runtime.PanicError{Problem: runtime.Problem{File: "a.go", Line: 3, Column: 4, Message: "oh no"}, Stack: "f\n\ta.go:3:4"}
	crashed := &runtime.CrashError{Package: "a/b", Reason: "signal: killed", File: "a.go", Line: 1}
	version := &fault.VersionError{Implementation: "a/b", Has: 1, Wants: 2}
	for _, tt := range []struct {
		err            error
		retry, version bool
	}{{panicked, false, false}, {crashed, true, false}, {version, false, true}} {
		d.err = tt.err
		_, err := control.Open(t.Context(), "c", 1, "n")
		if !reflect.DeepEqual(err, tt.err) {
			t.Errorf("got %#v, want %#v", err, tt.err)
		}
		if plugin.IsRetryable(err) != tt.retry || errors.Is(err, fault.ErrVersion) != tt.version {
			t.Errorf("%v has another meaning on the other side", err)
		}
	}
}

func TestFarewell(t *testing.T) {
	_, here, there := ends(t, &desk{})
	there.Farewell()
	<-here.Left()
	select {
	case <-there.Left():
		t.Error("it has left, too")
	default:
	}
}

func TestControl(t *testing.T) {
	control, here, there := ends(t, &desk{})
	shape, err := control.Meet(t.Context(), "c", 1, []byte("shape"))
	names, err2 := control.Serving(t.Context(), "c", 1)
	has, err3 := control.Implements(t.Context(), "c", 1, "n", "M")
	if err := errors.Join(err, err2, err3); err != nil || string(shape) != "shape" || len(names) != 2 || !has {
		t.Errorf("got %q, %v, %t, %v", shape, names, has, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = control.Watch(ctx, "c", 1, func(names []string) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	big := bytes.Repeat([]byte("x"), 5<<20)
	if got, err := control.Meet(t.Context(), "c", 1, big); err != nil || !bytes.Equal(got, big) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if _, err := control.Meet(t.Context(), "c", 1, make([]byte, MaxSize+1)); !errors.Is(err, carry.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, carry.ErrTooLarge)
	}
	why := errors.New("enough")
	there.Close(why)
	<-here.Closed()
	if _, err := control.Serving(t.Context(), "c", 1); !errors.Is(err, carry.ErrClosed) {
		t.Errorf("got %v, want %v", err, carry.ErrClosed)
	}
	if err := there.Session().Err(); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
}

// An answer that is too large is an error of its call.
func TestErrorsOfAnySize(t *testing.T) {
	control, _, _ := ends(t, &desk{errors.New(strings.Repeat("x", maxFrame))})
	if _, err := control.Open(t.Context(), "c", 1, "n"); !errors.Is(err, carry.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, carry.ErrTooLarge)
	}
}

// A connection is given up where the other side does not read, and where it says nothing.
func TestDeadConnections(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts Options
		want error
	}{
		{"silent", Options{Silence: 30 * time.Millisecond, Stuck: time.Hour}, ErrSilent},
		{"stuck", Options{Silence: time.Hour, Stuck: 30 * time.Millisecond}, ErrStuck},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := net.Pipe()
			t.Cleanup(func() { b.Close() })
			if tt.want == ErrSilent { //nolint:errorlint // the one above
				go func() { _, _ = io.Copy(io.Discard, b) }()
			}
			c := New(a, nil, tt.opts)
			run(t, c)
			go c.Farewell()
			<-c.Closed()
			if err := c.Session().Err(); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// wire is a connection that brings some bytes, and takes all.
type wire struct {
	io.Reader
	mu  sync.Mutex
	out bytes.Buffer
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

func (*wire) Close() error { return nil }

func frame(content ...byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), content...)
}

// FuzzFrames has a server's end take anything.
func FuzzFrames(f *testing.F) {
	for _, seed := range [][]byte{
		{}, {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, frame(0), frame(0, 0), frame(0, 1), frame(0, 2), frame(9, 1), {0, 0, 1, 0, 1},
	} {
		f.Add(seed)
	}
	for method := range 5 { // as a client asks
		w := &wire{Reader: bytes.NewReader(nil)}
		c := New(w, nil, Options{})
		r := c.Session().Remote(ControlReference)
		m := plan(f).Methods()[method]
		args := make([]reflect.Value, reflect.TypeFor[Control]().Method(method).Type.NumIn())
		for i := range args {
			args[i] = reflect.Zero(reflect.TypeFor[Control]().Method(method).Type.In(i))
			if i == 0 {
				ctx, cancel := context.WithCancel(f.Context())
				cancel()
				args[i] = reflect.ValueOf(&ctx).Elem()
			}
		}
		c.session.SetPatience(1)
		_, _ = r.Call(m, args)
		f.Add(append(append([]byte(nil), w.out.Bytes()...), frame(0, 1)...))
		c.Close(nil)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := offering(t, &wire{Reader: bytes.NewReader(b)}, &desk{})
		c.Run(nil)
		if err := c.Session().Err(); err == nil {
			t.Error("it goes on")
		}
		for until := time.Now().Add(10 * time.Second); c.Session().Busy() > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("%d calls go on", c.Session().Busy())
			}
		}
	})
}

// A frame that only says that it is large takes no memory.
func TestMemoryGrowsWithWhatComes(t *testing.T) {
	head := binary.BigEndian.AppendUint32(nil, maxFrame)
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	const frames = 10
	for range frames {
		c := New(&wire{Reader: bytes.NewReader(append(head, 1, 2, 3))}, nil, Options{})
		if err := c.receive(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	goruntime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / frames; n > 2<<20 {
		t.Errorf("%d bytes", n)
	}
}
