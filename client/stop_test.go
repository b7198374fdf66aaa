package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/server"
)

// A server that stops waits for the calls that have begun, and the ones that begin then go to the next server.
func TestServerStopsAfterItsCalls(t *testing.T) {
	h := greeterHost(t, nil)
	s := serve(t, h.Engine, nil)
	g := get[Greeter](t, greeterClient(t, s.url, nil), "english")
	v := visit(t.Context(), g)
	<-v.inside
	s.cancel()
	eventually(t, func() error {
		if err := greets(t, g); !errors.Is(err, client.ErrUnavailable) {
			return errors.Join(errors.New("it does not stop"), err)
		}
		return nil
	})
	next := serveAt(t, h.Engine, nil, s.addr)
	eventually(t, func() error { return greets(t, g) })
	select {
	case err := <-v.ended:
		t.Fatalf("the call has ended: %v", err)
	case err := <-s.done:
		t.Fatalf("the server has stopped: %v", err)
	default:
	}
	close(v.let)
	if err := <-v.ended; err != nil {
		t.Error(err)
	}
	if err := <-s.done; err != nil {
		t.Error(err)
	}
	next.stop(t)
}

func TestServerDoesNotWaitForever(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, &server.Options{ShutdownTimeout: 20 * time.Millisecond})
	g := get[Greeter](t, greeterClient(t, s.url, nil), "english")
	ended := make(chan error, 1)
	v := visit(t.Context(), g)
	<-v.inside
	go func() {
		_, err := g.Greet(context.Background(), Greeting{Name: "wait"})
		ended <- err
	}()
	s.cancel()
	wantAway(t, <-ended, "")
	wantAway(t, <-v.ended, "")
	close(v.let)
	if err := <-s.done; err != nil {
		t.Error(err)
	}
}

// A call too many is refused, and no other one with it.
func TestOneCallTooMany(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, nil)
	g := get[Greeter](t, greeterClient(t, s.url, nil), "english")
	var all []*visiting
	for range carry.MaxCalls {
		all = append(all, visit(t.Context(), g))
	}
	for _, v := range all {
		<-v.inside
	}
	if err := greets(t, g); !errors.Is(err, client.ErrBusy) {
		t.Errorf("got %v, want %v", err, client.ErrBusy)
	}
	for _, v := range all {
		close(v.let)
		if err := <-v.ended; err != nil {
			t.Fatal(err)
		}
	}
	wantGreeting(t, g, "Hello Bob")
}

func TestCloseEndsCalls(t *testing.T) {
	s := serve(t, greeterHost(t, nil).Engine, nil)
	c := greeterClient(t, s.url, nil)
	g := get[Greeter](t, c, "english")
	v := visit(t.Context(), g)
	<-v.inside
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-v.ended; !errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, client.ErrClosed)
	}
	close(v.let)
	_, err := client.Get[Greeter](t.Context(), c, "english")
	_, watchErr := client.Watch[Greeter](t.Context(), c)
	for _, err := range []error{err, watchErr, greets(t, g), c.Healthy(t.Context())} {
		if !errors.Is(err, client.ErrClosed) {
			t.Errorf("got %v, want %v", err, client.ErrClosed)
		}
	}
}
