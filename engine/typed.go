package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/fault"
	"github.com/scriptd/scriptd/engine/runtime"
)

// ErrNotImplemented: the plugin does not have an optional method of its contract.
var ErrNotImplemented = runtime.ErrNotImplemented

// ErrVersion: the plugin implements a version of the contract that cannot serve callers of the one that is wanted.
var ErrVersion = fault.ErrVersion

// VersionError says which version of a contract an implementation has, and which one was wanted. It matches ErrVersion.
type VersionError = fault.VersionError

// PanicError is the error of a method that panicked, with the place in the plugin's source.
type PanicError = runtime.PanicError

// Get returns the implementation name of the contract whose interface is T. It is a value for as long as the engine lives: each
// call goes to the version that serves then, whatever was reloaded in between, and fails with ErrNotFound while none does. It
// may be used by many goroutines at once.
//
// Get fails with ErrNotFound where there is no such implementation now, and with ErrVersion where it is one of a version that
// cannot serve T.
func Get[T any](e *Engine, name string) (T, error) {
	var none T
	c, err := contractOf[T](e)
	if err != nil {
		return none, err
	}
	v, err := e.Value(c, name)
	if err != nil {
		return none, err
	}
	return v.Interface().(T), nil
}

// All returns the implementations of the contract whose interface is T, by name, those of older versions that can serve it
// included. Each is what Get returns. It is empty where T is no contract of the engine.
func All[T any](e *Engine) map[string]T {
	all := make(map[string]T)
	c, err := contractOf[T](e)
	if err != nil {
		return all
	}
	for name := range e.serving(c) {
		p := e.proxy(c, name)
		all[name] = p.value().Interface().(T)
	}
	return all
}

// Change is an implementation that has come or gone.
type Change[T any] struct {
	Name string
	// Value is what Get returns. Of one that is gone it is nil.
	Value T
	Gone  bool
}

// Watch tells of the implementations of the contract whose interface is T: first of those that are there, by name, then of each
// that comes or goes, until ctx ends or the engine is closed; the channel is closed then. A reload that keeps an implementation
// is no change: its value goes on. A reader that is slow is told where things stand, not what happened in between. The channel
// is closed at once where T is no contract of the engine.
func Watch[T any](ctx context.Context, e *Engine) <-chan Change[T] {
	changes := make(chan Change[T])
	c, err := contractOf[T](e)
	if err != nil {
		close(changes)
		return changes
	}
	ctx, cancel := e.untilClosed(ctx)
	go func() {
		defer cancel()
		defer close(changes)
		known := make(map[string]bool)
		for {
			changed := e.changed()
			for _, change := range differences[T](e, c, known) {
				select {
				case changes <- change:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return changes
}

// differences are the changes since known, which is brought up to date.
func differences[T any](e *Engine, c Contract, known map[string]bool) []Change[T] {
	now := e.serving(c)
	var list []Change[T]
	for name := range known {
		if !now[name] {
			list = append(list, Change[T]{Name: name, Gone: true})
			delete(known, name)
		}
	}
	for name := range now {
		if !known[name] {
			p := e.proxy(c, name)
			list = append(list, Change[T]{Name: name, Value: p.value().Interface().(T)})
			known[name] = true
		}
	}
	slices.SortFunc(list, func(a, b Change[T]) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Implements reports whether a value that Get returned has a method now: it is false for an optional one that the plugin lacks,
// and while nothing serves.
func Implements(value any, method string) bool {
	p, ok := contract.Meaning(value).(*proxy)
	return ok && p.implements(method)
}

// Implementation is what a package provides for a contract.
type Implementation struct {
	Contract string `json:"contract"`
	Version  int    `json:"version"`
	Name     string `json:"name"`
	// Missing are the optional methods that it lacks.
	Missing []string `json:"missing,omitempty"`
	Source  string   `json:"source"`
	// Package is the path in the source.
	Package  string `json:"package"`
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
}

// Implementations lists what serves for contracts now, sorted by contract and name.
func (e *Engine) Implementations() []Implementation {
	list := []Implementation{}
	for _, target := range e.current() {
		if target.impl != nil && target.out == nil {
			list = append(list, Implementation{
				Contract: target.impl.Contract.Name, Version: target.impl.Contract.Version, Name: target.impl.Name,
				Missing: target.impl.Missing, Source: target.gen.source, Package: target.gen.path,
				Revision: target.revision, Digest: target.digest,
			})
		}
	}
	slices.SortFunc(list, func(a, b Implementation) int {
		return cmp.Or(cmp.Compare(a.Contract, b.Contract), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// serving are the names of the implementations that can serve a contract now.
func (e *Engine) serving(c Contract) map[string]bool {
	names := make(map[string]bool)
	for _, target := range e.current() {
		if target.impl != nil && target.out == nil && target.impl.Contract.Name == c.Name && e.contracts.serves(target.impl.Contract.Version, c) {
			names[target.impl.Name] = true
		}
	}
	return names
}

// implementationsOf are the names of what serves for any version of a contract.
func (e *Engine) implementationsOf(contract string) []string {
	var names []string
	for _, i := range e.Implementations() {
		if i.Contract == contract {
			names = append(names, fmt.Sprintf("%s (version %d)", i.Name, i.Version))
		}
	}
	return names
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
