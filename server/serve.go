package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers on listener until ctx ends. It then takes no new connections, waits for the requests under way for
// the time that Options.ShutdownTimeout gives them, and for the calls of sessions, ends those that are left, and returns nil. Event
// streams end when ctx does. The listener is closed in any case.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	// Requests outlive ctx, which only asks the server to stop.
	requests, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	in := serving{stopping: ctx.Done(), sessions: &sessions{}}
	h := &http.Server{
		Handler:     s,
		BaseContext: func(net.Listener) context.Context { return context.WithValue(requests, servingKey{}, in) },
		// Bodies have deadlines of their own. ReadTimeout and WriteTimeout would cancel calls that take longer.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	err := shutdown(ctx, h, in, s.opts.ShutdownTimeout)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were still under way at the end of the shutdown timeout, and are cancelled")
		end()
		// What was cancelled answers so.
		if err = shutdown(ctx, h, in, 4*time.Second); err != nil {
			err = h.Close()
		}
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// stopping is closed when the Serve that a request came in by is asked to stop. It is nil where there is no such Serve.
func stopping(ctx context.Context) <-chan struct{} { return servingOf(ctx).stopping }

func shutdown(ctx context.Context, h *http.Server, in serving, limit time.Duration) error {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	gone := in.sessions.end()
	if err := h.Shutdown(grace); err != nil {
		return err
	}
	select {
	case <-gone:
		return nil
	case <-grace.Done():
		return grace.Err()
	}
}
