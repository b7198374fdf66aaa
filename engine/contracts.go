package engine

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Contract is one version of an interface that a host calls and plugins implement. It is made by NewContract.
type Contract = *contract.Contract

// ContractOption changes what a contract demands.
type ContractOption = contract.Option

// NewContract describes a version of a contract, whose interface is T. Plugins implement it by Registrar.Provide. Versions count
// from 1, and an engine may have several of one name at once, each with an interface of its own. What is wrong with T is an
// error of New.
//
// A method whose last result is an error returns what keeps a call from being answered, as ErrTimeout. One without panics with
// it: give methods an error to return. A method should take a context.Context, too: without one, nothing but the policy of the
// package bounds its calls.
func NewContract[T any](name string, version int, options ...ContractOption) Contract {
	return contract.New(reflect.TypeFor[T](), name, version, options...)
}

// Optional says that plugins may lack the methods of these names, each of which has an error as its last result. A call of one
// that is missing fails with ErrNotImplemented; Implements asks first.
func Optional(methods ...string) ContractOption { return contract.Optional(methods...) }

// Upgrade lets plugins that implement the version before, whose interface is Old, serve callers of this one, whose interface is
// New. It is called once for each caller and plugin, and what it returns may be used by several goroutines.
func Upgrade[Old, New any](f func(Old) New) ContractOption { return contract.Upgrade(f) }

// Names says which names implementations may have, beside that they are unique: f returns why a package of a source may not
// provide one of a name, nil where it may. Its error fails the load, with the place of the Provide. It is called from several
// goroutines at once.
func Names(f func(source, name string) error) ContractOption { return contract.Names(f) }

// Service is a value that plugins may use. It is made by NewService.
type Service = runtime.Service

// NewService offers value to plugins, which ask by Registrar.Service for a value of the interface T. It may be called by many
// goroutines at once.
func NewService[T any](value T) Service {
	return Service{Type: reflect.TypeFor[T](), Value: reflect.ValueOf(&value).Elem()}
}

// contracts are those of an engine, with what makes values of them.
type contracts struct {
	all      []Contract
	byType   map[reflect.Type]Contract
	wrappers map[Contract]*contract.Wrapper
}

// newContracts finds out what is wrong with contracts and services.
func newContracts(opts Options, universe *symbols.Universe) (*contracts, error) {
	c := &contracts{all: opts.Contracts, byType: make(map[reflect.Type]Contract), wrappers: make(map[Contract]*contract.Wrapper)}
	seen := make(map[string]bool)
	var errs []error
	for i, one := range opts.Contracts {
		switch {
		case one == nil:
			errs = append(errs, fmt.Errorf("contract %d of %d is nil", i+1, len(opts.Contracts)))
			continue
		case one.Err() != nil:
			errs = append(errs, one.Err())
			continue
		case seen[one.String()]:
			errs = append(errs, fmt.Errorf("contract %s: there are two of that version", one))
		case c.byType[one.Type] != nil:
			errs = append(errs, fmt.Errorf("contract %s: %s is the interface of contract %s, too", one, one.Type, c.byType[one.Type]))
		}
		seen[one.String()], c.byType[one.Type] = true, one
		w, err := wrapperOf(universe, one.Type)
		if err != nil {
			errs = append(errs, fmt.Errorf("contract %s: %w", one, err))
		}
		c.wrappers[one] = w
	}
	for _, one := range opts.Contracts {
		if one == nil {
			continue
		}
		if old, ok := one.Before(); ok {
			if b := c.byType[old]; b == nil || b.Name != one.Name || b.Version != one.Version-1 {
				errs = append(errs, fmt.Errorf("contract %s: upgrade from %s: that is not version %d of it", one, old, one.Version-1))
			}
		}
	}
	for _, s := range opts.Services {
		if s.Type == nil || s.Type.Kind() != reflect.Interface || s.Type.NumMethod() == 0 {
			errs = append(errs, fmt.Errorf("service %v: want a value of an interface type with methods", s.Type))
		} else if s.Value.IsNil() {
			errs = append(errs, fmt.Errorf("service %s is nil", s.Type))
		}
	}
	return c, errors.Join(errs...)
}

// contractChecker is a runtime that not all interfaces suit: what its calls carry has to cross to another process.
type contractChecker interface {
	Check([]*contract.Contract, []runtime.Service) error
}

func wrapperOf(universe *symbols.Universe, t reflect.Type) (*contract.Wrapper, error) {
	generated, ok := universe.Symbol(t.PkgPath(), "_"+t.Name())
	_, known := universe.Symbol(t.PkgPath(), t.Name())
	switch {
	case ok:
	case known:
		return nil, fmt.Errorf("plugins cannot implement %s: scriptd extract %s says why", t, t.PkgPath())
	case t.PkgPath() == "main":
		return nil, fmt.Errorf("plugins cannot import package main: put %s into a package of its own", t.Name())
	case strings.Contains(t.Name(), "["):
		return nil, fmt.Errorf("%s is generic, and symbols are of what is compiled: give it a name, as type Users interface{ Repo[User] }", t)
	default:
		return nil, fmt.Errorf("no symbols of %s: generate them with scriptd extract %s, and add them to Options.Symbols", t, t.PkgPath())
	}
	return contract.NewWrapper(t, generated.Type().Elem())
}

// of returns the contract whose interface is T.
func contractOf[T any](e *Engine) (Contract, error) {
	t := reflect.TypeFor[T]()
	c := e.contracts.byType[t]
	if c == nil {
		return nil, fmt.Errorf("%s is no contract of this engine: add it to Options.Contracts", t)
	}
	return c, nil
}

// serves reports whether an implementation of a version can serve callers of c.
func (c *contracts) serves(version int, one Contract) bool {
	for one.Version > version {
		old, ok := one.Before()
		if !ok {
			return false
		}
		one = c.byType[old]
	}
	return one.Version == version
}
