package server

import (
	"fmt"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/link"
)

// offers are what sessions of an engine have in common. They are safe for concurrent use.
type offers struct {
	opts    *carry.Options
	control *carry.Plan

	mu    sync.Mutex
	plans map[engine.Contract]offered
}

type offered struct {
	plan *carry.Plan
	err  error
}

func newOffers(eng *engine.Engine) (*offers, error) {
	o := &offers{opts: link.Common(eng.Symbols()), plans: make(map[engine.Contract]offered)}
	var err error
	o.control, err = link.ControlPlan(o.opts)
	return o, err
}

// plan returns how a contract is called. The error says what of it cannot be.
func (o *offers) plan(c engine.Contract) (*carry.Plan, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	made, ok := o.plans[c]
	if !ok {
		made.plan, made.err = carry.Compile(c.Type, o.opts)
		if made.err != nil {
			made.err = fmt.Errorf("contract %s cannot be called from another machine: %w", c, made.err)
		}
		o.plans[c] = made
	}
	return made.plan, made.err
}

// contractOf returns a contract of an engine.
func contractOf(eng *engine.Engine, name string, version int) (engine.Contract, error) {
	var names, versions []string
	for _, c := range eng.Contracts() {
		if c.Name == name && c.Version == version {
			return c, nil
		}
		if c.Name == name {
			versions = append(versions, fmt.Sprint(c.Version))
		}
		names = append(names, c.String())
	}
	switch {
	case len(versions) > 0:
		return nil, fmt.Errorf("%w: version %d of contract %s is wanted, and the server has %s", engine.ErrVersion, version, name, strings.Join(versions, ", "))
	case len(names) > 0:
		return nil, fmt.Errorf("%w: the server has no contract %s, but %s", engine.ErrNotFound, name, strings.Join(names, ", "))
	default:
		return nil, fmt.Errorf("%w: the server has no contract %s, nor any other", engine.ErrNotFound, name)
	}
}
