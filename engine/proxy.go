package engine

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/scriptd/scriptd/engine/contract"
)

// proxy stands for an implementation: whatever serves it at the moment of a call.
type proxy struct {
	engine   *Engine
	contract Contract
	key      string // of the implementation

	upgrading sync.Once
	upgraded  reflect.Value // of the version before
}

// proxy returns one for the implementation name of a contract.
func (e *Engine) proxy(c Contract, name string) *proxy {
	return &proxy{engine: e, contract: c, key: c.Name + "/" + name}
}

// value is the proxy as a value of the contract's interface.
func (p *proxy) value() reflect.Value {
	return p.engine.contracts.wrappers[p.contract].Make(p, p.call).Addr() // a pointer can be compared
}

func (p *proxy) call(method int, args []reflect.Value) []reflect.Value {
	m := &p.contract.Methods[method]
	for {
		out, err := p.engine.invoke(p, method, args)
		if errors.Is(err, errOlder) {
			out, err = p.callUpgraded(m, args)
			if err == nil && p.overtaken(m, out) {
				continue
			}
		}
		if err != nil {
			return m.Failed(err)
		}
		return out
	}
}

// callUpgraded calls the host's upgrade of an implementation of an older version.
func (p *proxy) callUpgraded(m *contract.Method, args []reflect.Value) ([]reflect.Value, error) {
	if err := p.upgrade(); err != nil {
		return nil, err
	}
	called := p.upgraded.MethodByName(m.Name)
	if m.Type.IsVariadic() {
		return called.CallSlice(args), nil
	}
	return called.Call(args), nil
}

// overtaken reports whether a call was not made because, on the way through upgrades, an implementation of a newer version took the
// place of the one that they are for.
func (p *proxy) overtaken(m *contract.Method, out []reflect.Value) bool {
	if !m.Fails {
		return false
	}
	err, _ := reflect.TypeAssert[error](out[len(out)-1])
	v, ok := errors.AsType[*VersionError](err)
	return ok && v.Implementation == p.key && v.Has > v.Wants && v.Has <= p.contract.Version
}

// errOlder is the error of a call that finds an implementation of an older version.
var errOlder = errors.New("an older version of the contract")

// reaches reports why callers of the proxy cannot be served by an implementation.
func (p *proxy) reaches(target *entry) error {
	version := target.impl.Contract.Version
	if p.engine.contracts.serves(version, p.contract) {
		return nil
	}
	return &VersionError{Implementation: p.key, Has: version, Wants: p.contract.Version}
}

// older returns a proxy of the version before.
func (p *proxy) older() *proxy {
	old, _ := p.contract.Before()
	return &proxy{engine: p.engine, contract: p.engine.contracts.byType[old], key: p.key}
}

// upgrade makes the value that serves while the implementation is one of an older version. A host's function may panic.
func (p *proxy) upgrade() error {
	p.upgrading.Do(func() { p.upgraded = p.contract.Upgraded(p.older().value()) })
	if !p.upgraded.IsValid() || p.upgraded.IsNil() {
		return fmt.Errorf("call %s: the upgrade to version %d of the contract returned nothing", p.key, p.contract.Version)
	}
	return nil
}

func (p *proxy) implements(method string) bool {
	i := p.contract.Index(method)
	target, err := p.engine.findImplementation(p.key)
	switch {
	case i < 0 || err != nil || p.reaches(target) != nil:
		return false
	case target.impl.Contract == p.contract:
		return !slices.Contains(target.impl.Missing, method)
	}
	older := p.older()
	return older.contract.Index(method) < 0 || older.implements(method)
}
