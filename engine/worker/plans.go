package worker

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// plans say how the interfaces of a host are called in another process. They are safe for concurrent use.
type plans struct {
	universe *symbols.Universe
	opts     carry.Options

	mu   sync.Mutex
	made map[reflect.Type]planned
}

type planned struct {
	plan *carry.Plan
	err  error
}

func newPlans(u *symbols.Universe) *plans {
	p := &plans{universe: u, made: make(map[reflect.Type]planned)}
	p.opts = carry.Options{
		Table:      &carry.Table{Symbols: u.Symbols, Packages: u.Paths, Scan: u.Scan},
		Wrapper:    p.wrapper,
		TypeName:   typeName,
		ByValue:    isData,
		Identities: []error{runtime.ErrStopped, runtime.ErrStuck, runtime.ErrCrashed, runtime.ErrNotImplemented},
	}
	return p
}

// isData reports whether a type has no methods that need a permission: a value that a package gives to its host is the host's, with
// all that the host may do. Errors only say what happened.
func isData(t reflect.Type) bool {
	return symbols.GroupOf(t.PkgPath(), t.Name()) == symbols.Free || reflect.PointerTo(t).Implements(reflect.TypeFor[error]())
}

// typeName names the types of plugins as plugins do.
func typeName(v reflect.Value) string {
	if b, ok := reflect.TypeAssert[box.Box](v); ok {
		return fmt.Sprint(b.T)
	}
	return ""
}

func (p *plans) wrapper(t reflect.Type) (carry.Wrapper, error) {
	generated, ok := p.universe.Symbol(t.PkgPath(), "_"+t.Name())
	if !ok {
		return nil, fmt.Errorf("an interface of which there are no symbols cannot be called from another process")
	}
	return contract.NewWrapper(t, generated.Type().Elem())
}

// of returns the plan of an interface.
func (p *plans) of(t reflect.Type) (*carry.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made, ok := p.made[t]
	if !ok {
		made.plan, made.err = carry.Compile(t, &p.opts)
		p.made[t] = made
	}
	return made.plan, made.err
}

// service returns the plan of an interface of which the other side has the value.
func (p *plans) service(t reflect.Type) (*carry.Plan, error) {
	if _, err := p.wrapper(t); err != nil {
		return nil, fmt.Errorf("%s: %w", t, err)
	}
	return p.of(t)
}

// check says which methods of contracts and services cannot be called in another process, and why.
func (p *plans) check(contracts []*contract.Contract, services []runtime.Service) error {
	var errs []error
	for _, c := range contracts {
		if _, err := p.of(c.Type); err != nil {
			errs = append(errs, fmt.Errorf("contract %s: %w", c, err))
		}
	}
	for _, s := range services {
		if _, err := p.service(s.Type); err != nil {
			errs = append(errs, fmt.Errorf("service %s: %w", s.Type, err))
		}
	}
	return errors.Join(errs...)
}

// spoken is an interface of the host, as the other side is told of it.
type spoken struct {
	path, name string // of the type
	print      [sha256.Size]byte
}

func spokenOf(t reflect.Type, plan *carry.Plan) spoken {
	return spoken{t.PkgPath(), t.Name(), plan.Fingerprint()}
}

// find returns the type and the plan of what the host has told of.
func (p *plans) find(s spoken, how func(reflect.Type) (*carry.Plan, error)) (reflect.Type, *carry.Plan, error) {
	v, ok := p.universe.Symbol(s.path, s.name)
	if !ok || v.Kind() != reflect.Pointer || v.CanAddr() || v.Type().Elem().Kind() != reflect.Interface {
		return nil, nil, fmt.Errorf("the process has no interface %s.%s, which its host has", s.path, s.name)
	}
	t := v.Type().Elem()
	plan, err := how(t)
	if err != nil {
		return nil, nil, err
	}
	if plan.Fingerprint() != s.print {
		return nil, nil, fmt.Errorf("the process has another interface %s than its host: the host's binary was replaced while it runs", t)
	}
	return t, plan, nil
}
