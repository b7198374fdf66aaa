package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/server"
)

func TestAllAndWatch(t *testing.T) {
	h := greeterHost(t, nil)
	s := serve(t, h.Engine, nil)
	c := greeterClient(t, s.url, nil)
	ctx, cancel := context.WithCancel(t.Context())
	changes, err := client.Watch[Greeter](ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	want := func(name string, gone bool, greeting string) {
		t.Helper()
		change := <-changes
		if change.Name != name || change.Gone != gone || gone != (change.Value == nil) {
			t.Errorf("got %+v, want %s, %t", change, name, gone)
		}
		if greeting != "" {
			wantGreeting(t, change.Value, greeting)
		}
	}
	want("english", false, "Hello Bob")
	h.put(t, "german/german.go", greeterSource("german", "Hallo"))
	want("german", false, "Hallo Bob")
	all, err := client.All[Greeter](t.Context(), c)
	if names := slices.Sorted(maps.Keys(all)); err != nil || !slices.Equal(names, []string{"english", "german"}) {
		t.Fatalf("got %v, %v", names, err)
	}
	wantGreeting(t, all["german"], "Hallo Bob")
	// What changes while the server is away is told when it is back.
	s.stop(t)
	if err := os.RemoveAll(filepath.Join(h.dir, "german")); err != nil {
		t.Fatal(err)
	}
	h.sync(t)
	serveAt(t, h.Engine, nil, s.addr)
	want("german", true, "")
	if err := greets(t, all["german"]); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %v, want %v", err, client.ErrNotFound)
	}
	h.put(t, "german/german.go", greeterSource("german", "Guten Tag"))
	want("german", false, "Guten Tag Bob")
	wantGreeting(t, all["german"], "Guten Tag Bob")
	cancel()
	if change, ok := <-changes; ok {
		t.Errorf("got %+v after the end of the context", change)
	}
}

// The errors of the engine are those of the client.
func TestErrorsOfTheEngine(t *testing.T) {
	h := greeterHost(t, func(o *engine.Options) {
		o.CallTimeout = 50 * time.Millisecond
		o.Sources[0].Policy = engine.Policy{Concurrency: 1, Queue: -1, Quarantine: 2}
	})
	c := greeterClient(t, serve(t, h.Engine, nil).url, nil)
	g := get[Greeter](t, c, "english")
	_, err := g.Greet(t.Context(), Greeting{Name: "panic"})
	panicked, ok := errors.AsType[*client.PanicError](err)
	if !ok || path.Base(panicked.File) != "greeter.go" || panicked.Line == 0 || panicked.Stack == "" {
		t.Errorf("got %v, %+v", err, panicked)
	}
	if _, ok := errors.AsType[*runtime.PanicError](err); !ok {
		t.Error("it is another error than the engine's")
	}
	_, err = g.Greet(t.Context(), Greeting{Name: "wait"})
	if !errors.Is(err, engine.ErrTimeout) {
		t.Errorf("got %v, want %v", err, engine.ErrTimeout)
	}
	eventually(t, func() error { // it is taken out of service beside the calls
		if err := greets(t, g); !errors.Is(err, engine.ErrQuarantined) {
			return fmt.Errorf("got %w, want %w", err, engine.ErrQuarantined)
		}
		return nil
	})
	h.put(t, "greeter/greeter.go", greeterSource("english", "Hi"))
	v := visit(t.Context(), g)
	<-v.inside
	if err := greets(t, g); !errors.Is(err, engine.ErrBusy) {
		t.Errorf("got %v, want %v", err, engine.ErrBusy)
	}
	close(v.let)
	if err := <-v.ended; err != nil {
		t.Error(err)
	}
}

func TestTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(server.New(greeterHost(t, nil).Engine, nil))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	c := greeterClient(t, srv.URL, func(o *client.Options) { o.TLS = &tls.Config{RootCAs: roots} })
	wantGreeting(t, get[Greeter](t, c, "english"), "Hello Bob")
	if err := c.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	stranger := greeterClient(t, srv.URL, nil)
	_, err := client.Get[Greeter](t.Context(), stranger, "english")
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok || !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("got %v, %v", err, unknown)
	}
}
