package link

import (
	"context"
	"fmt"
	"reflect"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
)

// Control is how a client finds what the server has. It is the first that a server offers. A contract is a name and a version.
type Control interface {
	// Meet gives the server the shape of the client's interface of a contract, once, and returns that of the server's own. It fails
	// where they do not fit, as far as the server can tell.
	Meet(ctx context.Context, contract string, version int, shape []byte) ([]byte, error)
	// Open returns a reference to an implementation of a contract that was met. It stands for whatever serves at the moment of a call.
	Open(ctx context.Context, contract string, version int, name string) (uint64, error)
	// Serving returns the names of the implementations that can serve a contract now.
	Serving(ctx context.Context, contract string, version int) ([]string, error)
	// Watch tells of them, and again whenever they have changed, until ctx ends or the server stops.
	Watch(ctx context.Context, contract string, version int, tell func(names []string) error) error
	// Implements reports whether an implementation has a method now.
	Implements(ctx context.Context, contract string, version int, name, method string) (bool, error)
}

// ControlReference is the reference to Control.
const ControlReference = 1

// ControlPlan returns how Control is called. The options are those of Options.
func ControlPlan(opts *carry.Options) (*carry.Plan, error) {
	own := *opts
	own.Wrapper = func(t reflect.Type) (carry.Wrapper, error) {
		if t != reflect.TypeFor[Control]() {
			return nil, fmt.Errorf("there is no wrapper for %s", t)
		}
		return contract.NewWrapper(t, reflect.TypeFor[controlWrapper]())
	}
	return carry.Compile(reflect.TypeFor[Control](), &own)
}

// controlWrapper makes a Control of functions.
type controlWrapper struct {
	IValue      any
	WMeet       func(ctx context.Context, contract string, version int, shape []byte) ([]byte, error)
	WOpen       func(ctx context.Context, contract string, version int, name string) (uint64, error)
	WServing    func(ctx context.Context, contract string, version int) ([]string, error)
	WWatch      func(ctx context.Context, contract string, version int, tell func(names []string) error) error
	WImplements func(ctx context.Context, contract string, version int, name, method string) (bool, error)
}

func (w controlWrapper) Meet(ctx context.Context, contract string, version int, shape []byte) ([]byte, error) {
	return w.WMeet(ctx, contract, version, shape)
}

func (w controlWrapper) Open(ctx context.Context, contract string, version int, name string) (uint64, error) {
	return w.WOpen(ctx, contract, version, name)
}

func (w controlWrapper) Serving(ctx context.Context, contract string, version int) ([]string, error) {
	return w.WServing(ctx, contract, version)
}

func (w controlWrapper) Watch(ctx context.Context, contract string, version int, tell func(names []string) error) error {
	return w.WWatch(ctx, contract, version, tell)
}

func (w controlWrapper) Implements(ctx context.Context, contract string, version int, name, method string) (bool, error) {
	return w.WImplements(ctx, contract, version, name, method)
}
