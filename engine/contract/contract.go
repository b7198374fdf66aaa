// Package contract describes the interfaces that a host defines and plugins implement, and makes values of them whose
// methods are functions.
//
//	c := contract.New(reflect.TypeFor[usersync.DataSource](), "datasource", 1)
//	if err := c.Err(); err != nil { … }
//	source := contract.Proxy(wrapper, c, func(method int, args []reflect.Value) []reflect.Value { … })
package contract

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/scriptd/scriptd/plugin"
)

// Contract is one version of an interface that a host calls and plugins implement. It does not change once it is made, and is
// safe for concurrent use.
type Contract struct {
	// Name is the same for all versions: [a-z0-9][a-z0-9_-]{0,63}.
	Name string
	// Version counts from 1.
	Version int
	// Type is the interface.
	Type reflect.Type
	// Methods are those of Type, in its order, which is by name.
	Methods []Method

	upgrade reflect.Value // a func(old) new; not valid for none
	names   func(source, name string) error
	err     error
}

// Method is a method of a contract.
type Method struct {
	Name string
	// Type is that of the method as a function, without a receiver.
	Type reflect.Type
	// Optional: an implementation may lack it.
	Optional bool
	// Context is the number of the first parameter that is a context.Context, -1 where there is none.
	Context int
	// Fails: the last result is an error.
	Fails bool
}

// Option changes how a contract is made.
type Option func(*Contract)

// Optional says that implementations may lack the methods of these names. Their last result is an error, so that a caller can
// be told.
func Optional(methods ...string) Option {
	return func(c *Contract) {
		for _, name := range methods {
			i := slices.IndexFunc(c.Methods, func(m Method) bool { return m.Name == name })
			switch {
			case i < 0:
				c.fail("optional method %s: the interface has no such method", name)
			case !c.Methods[i].Fails:
				c.fail("optional method %s: its last result is no error, so that callers could not be told that it is missing", name)
			default:
				c.Methods[i].Optional = true
			}
		}
	}
}

// Upgrade lets implementations of the version before serve callers of this one: f, a func(Old) New, makes one of the other. It
// is called once for each implementation and caller, and what it returns may be used by several goroutines.
func Upgrade(f any) Option {
	return func(c *Contract) {
		v := reflect.ValueOf(f)
		if v.Kind() != reflect.Func || v.IsNil() || v.Type().NumIn() != 1 || v.Type().NumOut() != 1 || v.Type().Out(0) != c.Type ||
			v.Type().In(0).Kind() != reflect.Interface {
			c.fail("upgrade: want a func of the version before that returns %s, have %T", c.Type, f)
			return
		}
		c.upgrade = v
	}
}

// Names says which names implementations may have: f returns why the packages of a source may not provide one of a name, nil
// where they may. It is called from several goroutines at once.
func Names(f func(source, name string) error) Option {
	return func(c *Contract) { c.names = f }
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// ValidName reports whether contracts and implementations may be called so, which is as plugins are: [a-z0-9][a-z0-9_-]{0,63}.
func ValidName(name string) bool { return plugin.Spec{Name: name}.Validate() == nil }

// New describes version of the contract name, whose interface is t. What is wrong with it is for Err to say.
func New(t reflect.Type, name string, version int, options ...Option) *Contract {
	c := &Contract{Name: name, Version: version, Type: t}
	switch {
	case !ValidName(name):
		c.fail("want a name of lower-case letters, digits, _ and -, at most 64, the first a letter or digit")
	case version < 1:
		c.fail("want a version from 1")
	case t.Kind() != reflect.Interface || t.Name() == "" || t.PkgPath() == "":
		c.fail("%s is no interface type with a name", t)
	case t.NumMethod() == 0:
		c.fail("%s has no methods", t)
	}
	if c.err != nil {
		return c
	}
	for m := range t.Methods() {
		c.add(m)
	}
	for _, option := range options {
		option(c)
	}
	return c
}

func (c *Contract) add(m reflect.Method) {
	if !m.IsExported() {
		c.fail("method %s is not exported: no plugin can implement it", m.Name)
		return
	}
	made := Method{Name: m.Name, Type: m.Type, Context: -1}
	for i := range m.Type.NumIn() {
		if m.Type.In(i) == contextType {
			made.Context = i
			break
		}
	}
	if n := m.Type.NumOut(); n > 0 {
		made.Fails = m.Type.Out(n-1) == errorType
	}
	c.Methods = append(c.Methods, made)
}

func (c *Contract) fail(format string, args ...any) {
	c.err = errors.Join(c.err, fmt.Errorf("contract %s: %w", c, fmt.Errorf(format, args...)))
}

// Accept returns why the packages of a source may not provide an implementation of a name, nil where they may.
func (c *Contract) Accept(source, name string) error {
	if c.names == nil {
		return nil
	}
	return c.names(source, name)
}

// Err is why the contract cannot be used, nil where it can.
func (c *Contract) Err() error { return c.err }

// String returns the name and the version as Provide takes them: greeter@2.
func (c *Contract) String() string { return fmt.Sprintf("%s@%d", c.Name, c.Version) }

// Before returns the interface of the version before, where Upgrade was given.
func (c *Contract) Before() (reflect.Type, bool) {
	if !c.upgrade.IsValid() {
		return nil, false
	}
	return c.upgrade.Type().In(0), true
}

// Upgraded makes a value of this version from one of the version before.
func (c *Contract) Upgraded(old reflect.Value) reflect.Value {
	return c.upgrade.Call([]reflect.Value{old})[0]
}

// Index returns the number of a method, -1 for one that the contract does not have.
func (c *Contract) Index(method string) int {
	return slices.IndexFunc(c.Methods, func(m Method) bool { return m.Name == method })
}
