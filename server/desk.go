package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/fault"
)

// desk is where the client of a session asks for implementations.
type desk struct {
	*session

	mu  sync.Mutex
	met map[engine.Contract]*carry.Plan // nil for one that is being met
}

func newDesk(s *session) *desk { return &desk{session: s, met: make(map[engine.Contract]*carry.Plan)} }

// Meet implements link.Control.
func (d *desk) Meet(_ context.Context, contract string, version int, shape []byte) ([]byte, error) {
	c, err := contractOf(d.server.eng, contract, version)
	if err != nil {
		return nil, err
	}
	plan, err := d.offers.plan(c)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	_, twice := d.met[c]
	if !twice {
		d.met[c] = nil
	}
	d.mu.Unlock()
	if twice { // what it takes to meet is bounded
		return nil, fmt.Errorf("contract %s was met before in the session", c)
	}
	own := plan.Shape()
	if !bytes.Equal(own, shape) {
		if plan, err = fit(plan, shape); err != nil {
			return nil, fmt.Errorf("contract %s: %w", c, err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.met[c] = plan
	return own, nil
}

// fit returns the plan for a client with another shape.
func fit(plan *carry.Plan, shape []byte) (*carry.Plan, error) {
	fitted, err := plan.From(shape)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fault.ErrMismatch, err)
	}
	lacks, err := plan.Lacks(shape, false)
	if err != nil {
		return nil, err
	}
	if len(lacks) > 0 {
		var names []string
		for _, m := range lacks {
			names = append(names, m.String())
		}
		return nil, fmt.Errorf("%w: the client does not have %s, which plugins may call", fault.ErrMismatch, strings.Join(names, ", "))
	}
	return fitted, nil
}

var errNotMet = errors.New("the contract was not met in this session")

// known returns a contract that was met.
func (d *desk) known(contract string, version int) (engine.Contract, *carry.Plan, error) {
	c, err := contractOf(d.server.eng, contract, version)
	if err != nil {
		return nil, nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.met[c] == nil {
		return nil, nil, errNotMet
	}
	return c, d.met[c], nil
}

// Open implements link.Control.
func (d *desk) Open(_ context.Context, contract string, version int, name string) (uint64, error) {
	c, plan, err := d.known(contract, version)
	if err != nil {
		return 0, err
	}
	v, err := d.server.eng.Value(c, name)
	if err != nil {
		return 0, err
	}
	return d.conn.Session().Offer(plan, v)
}

// Serving implements link.Control.
func (d *desk) Serving(_ context.Context, contract string, version int) ([]string, error) {
	c, _, err := d.known(contract, version)
	if err != nil {
		return nil, err
	}
	names, _ := d.server.eng.Serving(c)
	return names, nil
}

// Watch implements link.Control.
func (d *desk) Watch(ctx context.Context, contract string, version int, tell func([]string) error) error {
	c, _, err := d.known(contract, version)
	if err != nil {
		return err
	}
	var told []string
	for first := true; ; first = false {
		names, changed := d.server.eng.Serving(c)
		if first || !slices.Equal(names, told) {
			if err := tell(names); err != nil {
				return err
			}
			told = names
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-d.stopping:
			return nil
		}
	}
}

// Implements implements link.Control.
func (d *desk) Implements(_ context.Context, contract string, version int, name, method string) (bool, error) {
	c, _, err := d.known(contract, version)
	if err != nil {
		return false, err
	}
	v, err := d.server.eng.Value(c, name)
	return err == nil && engine.Implements(v.Interface(), method), nil
}
