// Package plugin is what a scriptd plugin imports. It needs nothing but the standard library, so that a plugin is
// plain Go: it builds with go build, its tests run with go test, an editor completes it.
//
// A plugin is a Go package with a function Register:
//
//	func Register(r *plugin.Registrar) error {
//		return r.Add(plugin.Spec{Name: "hello", Description: "Greet somebody"}, hello)
//	}
//
//	type Params struct {
//		Name string `json:"name" default:"world" doc:"whom to greet"`
//	}
//
//	func hello(ctx context.Context, p Params) (string, error) {
//		return "hello, " + p.Name, nil
//	}
package plugin

import (
	"context"
	"errors"
)

// Registrar is handed to a package's Register function, which tells it what the package offers. It is valid until
// Register returns, and meant for the goroutine that runs Register.
type Registrar struct {
	host Host
}

// Host is what stands behind a Registrar: the engine that loads a package, or a fake in a plugin's own test.
type Host interface {
	// Add takes a plugin into the registry of the load that is under way.
	Add(spec Spec, handler any) error
	// Config decodes the package's configuration into the value that into points to.
	Config(into any) error
	// OnClose keeps f until the package is retired.
	OnClose(f func(context.Context) error)
}

// HealthHost is a Host that asks packages for their health. It is an interface of its own so that the fakes in plugins'
// tests stay hosts.
type HealthHost interface {
	Host
	// Health keeps f to ask it whether the package can work.
	Health(f func(context.Context) error)
}

// ContractHost is a Host that calls packages through interfaces of its own, and offers them its services.
type ContractHost interface {
	Host
	// Provide takes an implementation of a contract into the registry of the load that is under way.
	Provide(contract, name string, implementation any) error
	// Service puts the host's value of an interface into the variable that into points to.
	Service(into any) error
}

// NewRegistrar returns a Registrar that passes everything on to h. Plugins do not need it, except to test Register.
func NewRegistrar(h Host) *Registrar { return &Registrar{host: h} }

// Add registers a plugin. The handler is a func(context.Context, P) (R, error); P, a struct or map[string]any, holds
// the parameters; R is anything that encodes to JSON. P and R may each be left out.
//
// Add fails for a spec that does not hold (see Spec), for a handler of another shape, and for a name that is taken.
func (r *Registrar) Add(spec Spec, handler any) error { return r.host.Add(spec, handler) }

// Config decodes the config of this package in the configuration file into the struct or map that into points to.
// Struct tags have the meaning they have for parameters: defaults are filled in and the result is validated. A package
// without a config gets the defaults; an error says which field is wrong.
func (r *Registrar) Config(into any) error { return r.host.Config(into) }

// Provide registers an implementation of a contract: of an interface that the host defines. The name is what the host finds it
// by, [a-z0-9][a-z0-9_-]{0,63}; other packages may implement the same contract under other names. A contract of which the host
// offers several versions is written with the one that is implemented, "greeter@2"; without one, it is the newest whose
// methods the implementation has.
//
// Provide fails for a contract that the host does not offer, for a value that does not implement it, and for a name that is
// taken.
func (r *Registrar) Provide(contract, name string, implementation any) error {
	h, ok := r.host.(ContractHost)
	if !ok {
		return errors.New("provide " + contract + ": this host has no contracts")
	}
	return h.Provide(contract, name, implementation)
}

// Service puts a value of the host's into the variable that into points to, which has an interface type:
//
//	var files usersync.Files
//	err := r.Service(&files)
//
// It fails for a type that the host does not offer a value of, and says which it does. The value may be used until the package
// is retired, from several goroutines.
func (r *Registrar) Service(into any) error {
	h, ok := r.host.(ContractHost)
	if !ok {
		return errors.New("this host offers no services")
	}
	return h.Service(into)
}

// OnClose registers f to run when this load of the package is retired: after its last call, before it is dropped.
// Several functions run in reverse order, each with a context that bounds its time.
func (r *Registrar) OnClose(f func(context.Context) error) { r.host.OnClose(f) }

// Health registers f to tell whether this package can do its work. It is asked once before this load goes live, which an
// error prevents: what served before serves on. Readiness checks ask it afterwards, from any goroutine, and several times
// at once. Several functions are asked one after the other, each with a context that bounds its time. A host that is no
// HealthHost does not ask.
func (r *Registrar) Health(f func(context.Context) error) {
	if h, ok := r.host.(HealthHost); ok {
		h.Health(f)
	}
}
