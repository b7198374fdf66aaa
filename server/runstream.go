package server

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/plugin"
)

// wantsStream reports whether a client asks by name for server-sent events, and does not like JSON better.
func wantsStream(h http.Header) bool {
	var events, whole float64
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept"), ","), ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		switch media {
		case eventStream:
			events = max(events, q)
		case "application/json":
			whole = max(whole, q)
		}
	}
	return events > 0 && events >= whole
}

// callStream is the answer to a call that is told of while it runs. The stream is opened when there is something to
// tell, so that a call that cannot be made has an ordinary answer.
type callStream struct {
	s    *Server
	w    http.ResponseWriter
	feed *feed
	// stream is nil as long as nothing was answered, or where nothing can be.
	stream *stream
	// plain says that the answer cannot be a stream, left that the client has gone away.
	plain, left bool
}

// streamRun calls a plugin, and tells of its progress and its log while it runs. The last event is its answer, or the
// problem there was.
func (s *Server) streamRun(w http.ResponseWriter, r *http.Request, name string, params map[string]any) {
	c := &callStream{s: s, w: w, feed: newFeed()}
	res, err := c.call(r.Context(), name, params)
	if err != nil {
		err = s.explain(name, err)
	}
	switch {
	case c.left:
	case err != nil && c.stream == nil:
		s.fail(w, r, err)
	case !c.open():
		s.answer(w, r, res)
	default:
		c.finish(r, res, err)
	}
}

// call makes the call, and writes down meanwhile what it says. A client that goes away cancels it.
func (c *callStream) call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var writing sync.WaitGroup
	over := make(chan struct{})
	writing.Go(func() {
		if err := c.follow(over); err != nil {
			c.left = true
			c.s.log.Debug("client left a call", "plugin", name, "error", err)
			cancel()
		}
	})
	defer writing.Wait()
	defer close(over)
	defer c.feed.close()
	return c.s.eng.Call(engine.WithLog(engine.WithProgress(ctx, c.feed.update), c.feed.handler()), name, params)
}

// progressPace is the least time between two events of progress.
const progressPace = 50 * time.Millisecond

// follow writes what the call says until it is over. The error says that the client is gone.
func (c *callStream) follow(over <-chan struct{}) error {
	idle := time.NewTicker(c.s.times.keepAlive)
	defer idle.Stop()
	pace := time.NewTimer(progressPace)
	pace.Stop()
	defer pace.Stop()
	for paced := false; ; {
		quiet := false
		select {
		case <-over:
			return nil
		case <-idle.C:
			quiet = true
		case <-pace.C:
			paced = false
		case <-c.feed.news:
		}
		if !c.open() {
			return nil
		}
		if quiet {
			c.stream.comment("keep-alive")
		}
		progressed, err := c.feed.take(c.stream, !paced)
		if err == nil {
			err = c.stream.flush()
		}
		if err != nil {
			return err
		}
		if progressed {
			paced = true
			pace.Reset(progressPace)
		}
	}
}

// open begins the answer, where it has not begun. It is false where there is no stream to be had.
func (c *callStream) open() bool {
	if c.stream == nil && !c.plain {
		var err error
		if c.stream, err = c.s.openStream(c.w); err != nil {
			c.s.log.Warn("a call is answered when it is over", "error", err)
			c.plain = true
		}
	}
	return !c.plain
}

// finish writes what is left, and how the call has ended.
func (c *callStream) finish(r *http.Request, res plugin.Result, err error) {
	_, failed := c.feed.take(c.stream, true)
	if err == nil {
		err = c.stream.event("", "result", res)
	}
	if err != nil {
		failed = errors.Join(failed, c.stream.event("", "problem", c.s.problemFor(r, err)))
	}
	if failed = errors.Join(failed, c.stream.flush()); failed != nil {
		c.s.log.Debug("client left before the answer", "path", r.URL.Path, "error", failed)
	}
}
