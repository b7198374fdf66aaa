package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// DefaultMaxEventStreams is how many clients may follow events at a time where Options say nothing else.
const DefaultMaxEventStreams = 100

// eventKinds are those that a client may ask for.
var eventKinds = []engine.EventKind{
	engine.SourceChecked, engine.SourceFetched, engine.SourceFailed,
	engine.GenerationLive, engine.GenerationFailed, engine.GenerationRetired, engine.GenerationReplaced, engine.GenerationQuarantined,
	engine.CallStarted, engine.CallFinished,
}

// streamEvents tells what happens from now on, until the client leaves, the engine is closed or Serve is asked to stop.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request) {
	filter, err := s.newEventFilter(r.URL.Query())
	if err != nil {
		s.problem(w, r, problem{Status: http.StatusBadRequest, Detail: err.Error()})
		return
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", eventStream)
		return
	}
	if s.following.Add(1) > int64(s.opts.MaxEventStreams) {
		s.following.Add(-1)
		w.Header().Set("Retry-After", "10")
		s.problem(w, r, problem{
			Status: http.StatusTooManyRequests, Detail: fmt.Sprintf("%d clients follow the events: that is as many as may", s.opts.MaxEventStreams),
		})
		return
	}
	defer s.following.Add(-1)
	ctx, leave := context.WithCancel(r.Context())
	defer leave()
	happened := s.eng.Events(ctx) // before the client can know that it is heard
	st, err := s.openStream(w)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.relay(ctx, st, happened, filter); err != nil {
		s.log.Debug("client left the events", "error", err)
	}
}

// relay writes events to a stream until they end, or ctx does. The error says that the client is gone.
func (s *Server) relay(ctx context.Context, st *stream, happened <-chan engine.Event, filter *eventFilter) error {
	st.comment("events follow")
	idle := time.NewTicker(s.times.keepAlive)
	defer idle.Stop()
	for open := true; open; {
		err := st.flush()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-stopping(ctx):
			return nil
		case <-idle.C:
			st.comment("keep-alive")
		case e, ok := <-happened:
			if open = ok; ok {
				open, err = filter.gather(st, e, happened)
			}
			if err != nil {
				return err
			}
		}
	}
	return st.flush()
}

// eventFilter says what a client wants to hear of. Nil is everything.
type eventFilter struct {
	sources, packages, kinds map[string]bool
	// lost are those that got lost before one that the client is told of.
	lost uint64
}

// newEventFilter reads the query of a request. What can never happen is an error.
func (s *Server) newEventFilter(query url.Values) (*eventFilter, error) {
	for _, kind := range query["kind"] {
		if !slices.Contains(eventKinds, engine.EventKind(kind)) {
			return nil, fmt.Errorf("no event is of the kind %q: there are %s", kind, joinKinds(eventKinds))
		}
	}
	for _, name := range query["source"] {
		if !s.hasSource(name) {
			return nil, fmt.Errorf("no source is named %q", name)
		}
	}
	return &eventFilter{sources: set(query["source"]), packages: set(query["package"]), kinds: set(query["kind"])}, nil
}

func joinKinds(kinds []engine.EventKind) string {
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = string(k)
	}
	return strings.Join(texts, ", ")
}

func set(values []string) map[string]bool {
	if len(values) == 0 {
		return nil
	}
	all := make(map[string]bool)
	for _, v := range values {
		all[v] = true
	}
	return all
}

// wants reports whether the client is to be told of an event.
func (f *eventFilter) wants(e engine.Event) bool {
	return (f.sources == nil || f.sources[e.Source]) &&
		(f.packages == nil || f.packages[e.Package]) &&
		(f.kinds == nil || f.kinds[string(e.Kind)])
}

// add adds an event to a stream, where the client wants it.
func (f *eventFilter) add(st *stream, e engine.Event) error {
	f.lost += e.Lost
	if !f.wants(e) {
		return nil
	}
	e.Lost, f.lost = f.lost, 0
	return st.event(strconv.FormatUint(e.Seq, 10), string(e.Kind), e)
}

// gather adds an event, and those that wait behind it as far as there is room. It is false where there are no more to come.
func (f *eventFilter) gather(st *stream, e engine.Event, happened <-chan engine.Event) (ok bool, err error) {
	for ok = true; ok; {
		if err := f.add(st, e); err != nil || st.full() {
			return true, err
		}
		select {
		case e, ok = <-happened:
		default:
			return true, nil
		}
	}
	return false, nil
}
