package client

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/link"
)

// line is a connection to the server.
type line struct {
	client  *Client
	conn    *link.Conn
	control link.Control

	mu      sync.Mutex
	calls   int
	retired bool // no call begins
	met     map[*known]*meeting
	gone    bool // nothing is met
	meeting sync.WaitGroup
}

func (c *Client) newLine(conn *link.Conn) (*line, error) {
	v, err := conn.Session().Value(c.control, link.ControlReference)
	if err != nil {
		conn.Close(err)
		return nil, err
	}
	control, _ := reflect.TypeAssert[link.Control](v)
	return &line{client: c, conn: conn, control: control, met: make(map[*known]*meeting)}, nil
}

// begin is false where no call begins any more. A call that has begun is to end.
func (l *line) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.retired || l.conn.Session().Err() != nil {
		return false
	}
	l.calls++
	return true
}

func (l *line) end() {
	l.mu.Lock()
	l.calls--
	last := l.retired && l.calls == 0
	l.mu.Unlock()
	if last {
		l.conn.Farewell()
	}
}

// retire lets no call begin, and tells the server when the last one has ended.
func (l *line) retire() {
	l.mu.Lock()
	l.retired = true
	last := l.calls == 0
	l.mu.Unlock()
	if last {
		l.conn.Farewell()
	}
}

// over reports whether the connection has ended, or is about to.
func (l *line) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.retired || l.conn.Session().Err() != nil
}

// meeting is how the server's interface of a contract and the client's fit.
type meeting struct {
	done chan struct{}
	plan *carry.Plan
	err  error
}

// meet returns how a contract is called. It is found out once for a connection.
func (l *line) meet(ctx context.Context, k *known) (*carry.Plan, error) {
	l.mu.Lock()
	m := l.met[k]
	if m == nil && l.gone {
		l.mu.Unlock()
		return nil, l.conn.Session().Err()
	}
	if m == nil {
		m = &meeting{done: make(chan struct{})}
		l.met[k] = m
		l.meeting.Go(func() {
			defer close(m.done)
			m.plan, m.err = l.fit(k)
		})
	}
	l.mu.Unlock()
	select {
	case <-m.done:
		return m.plan, m.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// settle waits for what has ended with the connection.
func (l *line) settle() {
	l.mu.Lock()
	l.gone = true
	l.mu.Unlock()
	l.meeting.Wait()
}

func (l *line) fit(k *known) (*carry.Plan, error) {
	own := k.plan.Shape()
	theirs, err := l.control.Meet(context.Background(), k.Name, k.Version, own)
	if err != nil || bytes.Equal(own, theirs) {
		return k.plan, err
	}
	plan, err := k.plan.From(theirs)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w: %w", k, ErrMismatch, err)
	}
	lacks, err := k.plan.Lacks(theirs, true)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range lacks {
		if m.Type == k.Type && k.Methods[k.Index(m.Name)].Optional {
			continue
		}
		names = append(names, m.String())
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("contract %s: %w: the server does not have %s, which is not optional here", k, ErrMismatch, strings.Join(names, ", "))
	}
	return plan, nil
}
