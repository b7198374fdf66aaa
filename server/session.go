package server

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/link"
)

var (
	errStopping  = errors.New("the server has stopped")
	errCancelled = errors.New("the server has stopped, and did not wait for the call any longer")
)

// session is what a client has of the server over one connection.
type session struct {
	server   *Server
	offers   *offers
	conn     *link.Conn
	stopping <-chan struct{}
}

// run returns, with the reason, when the connection has ended, or ctx, or the calls of a server that stops.
func (s *session) run(ctx context.Context) error {
	var d link.Control = newDesk(s)
	if _, err := s.conn.Session().Offer(s.offers.control, reflect.ValueOf(&d).Elem()); err != nil {
		s.conn.Close(err)
		return err
	}
	var running sync.WaitGroup
	running.Go(func() { s.conn.Run(nil) })
	select {
	case <-s.stopping:
		running.Go(s.conn.Farewell)
		s.conn.Close(s.drain(ctx))
	case <-ctx.Done():
		s.conn.Close(errCancelled)
	case <-s.conn.Closed():
	}
	running.Wait()
	s.settle()
	return s.conn.Session().Err()
}

// drain waits for the calls of the client, which says when it begins none any more.
func (s *session) drain(ctx context.Context) error {
	left := s.conn.Left()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-left:
			left = nil
		case <-tick.C:
		case <-ctx.Done():
			return errCancelled
		case <-s.conn.Closed():
			return nil
		}
		if left == nil && s.conn.Session().Busy() == 0 {
			return errStopping
		}
	}
}

// settle waits until the calls, whose contexts have ended, have ended too, as far as they heed that.
func (s *session) settle() {
	for until := time.Now().Add(3 * time.Second); s.conn.Session().Busy() > 0 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}
