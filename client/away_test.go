package client_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/plugin"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// wantAway checks that a call has failed because the server is away.
func wantAway(t *testing.T, err error, text string) {
	t.Helper()
	if !errors.Is(err, client.ErrUnavailable) || !plugin.IsRetryable(err) || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %v: %s", err, client.ErrUnavailable, text)
	}
}

// eventually waits until f is nil.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func greets(t *testing.T, g Greeter) error {
	t.Helper()
	_, err := g.Greet(t.Context(), Greeting{Name: "Bob"})
	return err
}

func TestServerRestarts(t *testing.T) {
	h := greeterHost(t, nil)
	s := serve(t, h.Engine, nil)
	c := greeterClient(t, s.url, nil)
	g := get[Greeter](t, c, "english")
	wantGreeting(t, g, "Hello Bob")
	for range 2 {
		s.stop(t)
		eventually(t, func() error {
			if err := greets(t, g); !errors.Is(err, client.ErrUnavailable) {
				return errors.Join(errors.New("it is not away"), err)
			}
			return nil
		})
		wantAway(t, greets(t, g), "scriptd at "+s.url+" cannot be reached: ")
		wantAway(t, greets(t, g), "last seen 20")
		_, err := client.Get[Greeter](t.Context(), c, "english")
		wantAway(t, err, s.url)
		if client.Implements(g, "Greet") {
			t.Error("it implements something while it is away")
		}
		s = serveAt(t, h.Engine, nil, s.addr)
		eventually(t, func() error { return greets(t, g) })
		wantGreeting(t, g, "Hello Bob")
	}
}

func TestServerIsNotThere(t *testing.T) {
	c := greeterClient(t, "http://127.0.0.1:1", nil)
	for range 3 {
		_, err := client.Get[Greeter](t.Context(), c, "english")
		wantAway(t, err, "scriptd at http://127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1: ")
	}
	wantAway(t, c.Healthy(t.Context()), "cannot be reached")
}

// A server that takes connections and says nothing keeps nobody longer than he asks for, or DialTimeout.
func TestServerSaysNothing(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	c := greeterClient(t, "http://"+listener.Addr().String(), func(o *client.Options) { o.DialTimeout = 50 * time.Millisecond })
	_, err = client.Get[Greeter](t.Context(), c, "english")
	wantAway(t, err, "deadline exceeded")
	slow := greeterClient(t, "http://"+listener.Addr().String(), func(o *client.Options) { o.DialTimeout = time.Hour })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = client.Get[Greeter](ctx, slow, "english")
	wantAway(t, err, "deadline exceeded")
}

// visiting is a call that goes on until it is let go.
type visiting struct {
	inside chan struct{}
	let    chan struct{}
	ended  chan error
}

func visit(ctx context.Context, g Greeter) *visiting {
	v := &visiting{make(chan struct{}), make(chan struct{}), make(chan error, 1)}
	go func() {
		v.ended <- g.Visit(ctx, func(string) error {
			close(v.inside)
			<-v.let
			return nil
		})
	}()
	return v
}

func TestConnectionBreaksDuringACall(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, nil)
	proxy := sourcetest.NewProxy(t, s.addr)
	g := get[Greeter](t, greeterClient(t, "http://"+proxy.Addr(), nil), "english")
	v := visit(t.Context(), g)
	<-v.inside
	back := proxy.Down()
	err := <-v.ended
	wantAway(t, err, "broke, and what came of the call is not known")
	if away, ok := errors.AsType[*client.UnavailableError](err); !ok || !away.Broke || away.Seen.IsZero() {
		t.Errorf("got %+v", away)
	}
	close(v.let)
	eventually(t, func() error {
		if err := greets(t, g); !errors.Is(err, client.ErrUnavailable) {
			return errors.New("it is still there")
		}
		return nil
	})
	back()
	eventually(t, func() error { return greets(t, g) })
}

func TestBadNetworks(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, nil)
	for _, tt := range []struct {
		toxic, stream string
		attributes    map[string]int64
		works         bool
	}{
		{"latency", "upstream", map[string]int64{"latency": 20, "jitter": 15}, true},
		{"slicer", "upstream", map[string]int64{"average_size": 3, "size_variation": 2, "delay": 10}, true},
		{"slicer", "downstream", map[string]int64{"average_size": 3, "size_variation": 2, "delay": 10}, true},
		{"limit_data", "downstream", map[string]int64{"bytes": 10}, false},
		{"reset_peer", "downstream", map[string]int64{"timeout": 1}, false},
	} {
		t.Run(tt.toxic+" "+tt.stream, func(t *testing.T) {
			proxy := sourcetest.NewProxy(t, s.addr)
			g := get[Greeter](t, greeterClient(t, "http://"+proxy.Addr(), nil), "english")
			undo := proxy.Poison(tt.toxic, tt.stream, tt.attributes)
			for range 5 {
				if tt.works {
					wantGreeting(t, g, "Hello Bob")
					continue
				}
				wantAway(t, greets(t, g), "")
			}
			undo()
			eventually(t, func() error { return greets(t, g) })
			wantGreeting(t, g, "Hello Bob")
		})
	}
}

// Where a network swallows everything, calls end with their contexts, and the others when the server has been silent for too long.
func TestNetworkSwallowsEverything(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, &server.Options{SessionIdle: 400 * time.Millisecond})
	proxy := sourcetest.NewProxy(t, s.addr)
	c := greeterClient(t, "http://"+proxy.Addr(), func(o *client.Options) {
		o.Silence, o.Patience, o.DialTimeout = 400*time.Millisecond, 10*time.Millisecond, 100*time.Millisecond
	})
	g := get[Greeter](t, c, "english")
	v := visit(t.Context(), g)
	<-v.inside
	undoes := []func(){proxy.Poison("timeout", "upstream", map[string]int64{"timeout": 0})}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := g.Greet(ctx, Greeting{Name: "Bob"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	wantAway(t, <-v.ended, "")
	close(v.let)
	wantAway(t, greets(t, g), "")
	for _, undo := range undoes {
		undo()
	}
	eventually(t, func() error { return greets(t, g) })
}

// A session on which nothing happens stays.
func TestQuietSessionsStay(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, &server.Options{SessionIdle: 400 * time.Millisecond})
	g := get[Greeter](t, greeterClient(t, s.url, func(o *client.Options) { o.Silence = 400 * time.Millisecond }), "english")
	v := visit(t.Context(), g)
	<-v.inside
	time.Sleep(1500 * time.Millisecond)
	close(v.let)
	if err := <-v.ended; err != nil {
		t.Error(err)
	}
}
