package server_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/server"
)

// serving is a server that runs under Serve.
type serving struct {
	url  string
	stop context.CancelFunc
	done chan error
}

func serve(t *testing.T, opts *server.Options) *serving {
	t.Helper()
	return serveEngine(t, newEngine(t, map[string]string{"tests/tests.go": pluginSource}), opts)
}

func serveEngine(t *testing.T, eng *engine.Engine, opts *server.Options) *serving {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s := &serving{url: "http://" + listener.Addr().String(), stop: stop, done: make(chan error, 1)}
	go func() { s.done <- server.New(eng, opts).Serve(ctx, listener) }()
	t.Cleanup(stop)
	return s
}

func TestServeAnswersWhatIsUnderWay(t *testing.T) {
	s := serve(t, nil)
	gate := newGate(t)
	inside := sendAside(t, "POST", s.url+"/v1/plugins/gate/run", gate.params())
	<-gate.entered
	s.stop()
	// The call ends after the server was asked to stop, and is answered all the same.
	close(gate.open)
	if got := <-inside; got.status != http.StatusOK {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.url[len("http://"):]); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

func TestServeDoesNotWaitForever(t *testing.T) {
	s := serve(t, &server.Options{ShutdownTimeout: 20 * time.Millisecond})
	gate := newGate(t)
	inside := sendAside(t, "POST", s.url+"/v1/plugins/gate/run", gate.params())
	<-gate.entered
	s.stop()
	wantProblem(t, <-inside, http.StatusServiceUnavailable, "cancel")
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeSaysWhyItCannot(t *testing.T) {
	eng := newEngine(t, nil)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := server.New(eng, nil).Serve(t.Context(), listener); err == nil {
		t.Error("no error from a listener that is closed")
	}
}
