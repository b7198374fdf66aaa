package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/scriptd/scriptd/engine/symbols"
)

// Contracts are those of Options. It and what follows is for those who offer implementations to others, as package server does.
func (e *Engine) Contracts() []Contract { return slices.Clone(e.contracts.all) }

// Symbols are the packages that plugins may import, those of Options included.
func (e *Engine) Symbols() *symbols.Universe { return e.universe }

// Value is Get for a contract of Contracts: a value of its interface.
func (e *Engine) Value(c Contract, name string) (reflect.Value, error) {
	p := e.proxy(c, name)
	target, err := e.findImplementation(p.key)
	switch {
	case err != nil && e.current() != nil:
		return reflect.Value{}, fmt.Errorf("%w; implementations of %s: %s", err, c.Name, listed(e.implementationsOf(c.Name)))
	case err != nil:
		return reflect.Value{}, err
	}
	if err := p.reaches(target); err != nil {
		return reflect.Value{}, err
	}
	return p.value(), nil
}

// Serving are the names of the implementations that can serve a contract of Contracts now, sorted, and a channel that is closed when
// that may have changed.
func (e *Engine) Serving(c Contract) ([]string, <-chan struct{}) {
	changed := e.changed()
	return slices.Sorted(maps.Keys(e.serving(c))), changed
}
