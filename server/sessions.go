package server

import (
	"context"
	"sync"
)

// serving is a Serve, as the requests that come in by it see it.
type serving struct {
	stopping <-chan struct{} // closed when it is asked to stop
	sessions *sessions
}

type servingKey struct{}

// servingOf returns the Serve that a request came in by. Where there is none, it never stops.
func servingOf(ctx context.Context) serving {
	if in, ok := ctx.Value(servingKey{}).(serving); ok {
		return in
	}
	return serving{sessions: &sessions{}}
}

// sessions counts those of a Serve. The zero value is ready for use.
type sessions struct {
	mu     sync.Mutex
	count  int
	gone   chan struct{} // closed when there are none, and none begins; nil while some may
	closed bool
}

// enter is false where no session begins any more.
func (s *sessions) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone != nil {
		return false
	}
	s.count++
	return true
}

func (s *sessions) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count--
	s.tell()
}

// end lets no session begin, and returns what is closed when there are none.
func (s *sessions) end() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone == nil {
		s.gone = make(chan struct{})
	}
	s.tell()
	return s.gone
}

func (s *sessions) tell() {
	if s.gone != nil && s.count == 0 && !s.closed {
		s.closed = true
		close(s.gone)
	}
}
