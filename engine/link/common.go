package link

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/fault"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Common says what both sides of a connection have in common: the symbols, and the errors of engines. It is made once for all
// connections.
func Common(u *symbols.Universe) *carry.Options {
	own := errorTypes()
	with := func(from func(string) map[string]reflect.Value) func(string) map[string]reflect.Value {
		return func(path string) map[string]reflect.Value {
			switch table := from(path); {
			case own[path] == nil:
				return table
			case table == nil:
				return own[path]
			default:
				table = maps.Clone(table)
				maps.Copy(table, own[path])
				return table
			}
		}
	}
	return &carry.Options{
		Table: &carry.Table{Symbols: with(u.Symbols), Scan: with(u.Scan), Packages: u.Paths},
		Wrapper: func(t reflect.Type) (carry.Wrapper, error) {
			generated, ok := u.Symbol(t.PkgPath(), "_"+t.Name())
			if !ok {
				return nil, fmt.Errorf("an interface of which there are no symbols cannot be called from another machine")
			}
			return contract.NewWrapper(t, generated.Type().Elem())
		},
		Identities: identities(),
		MaxSize:    MaxSize,
	}
}

// identities are the errors that are the same on both sides. Their order is part of the protocol: new ones come last.
func identities() []error {
	return []error{
		fault.ErrNotFound, fault.ErrNoSource, fault.ErrInvalid, fault.ErrTimeout, fault.ErrBusy, fault.ErrStopped, fault.ErrQuarantined,
		fault.ErrNoPackage, fault.ErrNoVersion, fault.ErrClosed, fault.ErrVersion, runtime.ErrCrashed, runtime.ErrNotImplemented,
		runtime.ErrStopped, runtime.ErrStuck, fault.ErrMismatch,
	}
}

// errorTypes are the types of errors of engines that cross as values, by import path and name.
func errorTypes() map[string]map[string]reflect.Value {
	types := make(map[string]map[string]reflect.Value)
	for _, t := range []reflect.Type{
		reflect.TypeFor[runtime.PanicError](), reflect.TypeFor[runtime.CrashError](), reflect.TypeFor[fault.VersionError](),
	} {
		if types[t.PkgPath()] == nil {
			types[t.PkgPath()] = make(map[string]reflect.Value)
		}
		types[t.PkgPath()][t.Name()] = reflect.Zero(reflect.PointerTo(t))
	}
	return types
}
