package symbols

import (
	"go/types"
	"reflect"
	"strings"
)

// instance returns the type that a reflected instance of a generic type of package iter is. It is nil for other
// instances: their generic types are source here, with fields of their own, and compiled values are no values of those.
// The caller holds u.mu.
func (u *Universe) instance(t reflect.Type) types.Type {
	name, _, isInstance := strings.Cut(t.Name(), "[")
	if !isInstance || t.PkgPath() != "iter" {
		return nil
	}
	pkg, err := u.load("iter")
	if err != nil {
		return nil
	}
	yield := t.In(0)
	args := make([]types.Type, yield.NumIn())
	for i := range args {
		args[i] = u.typ(yield.In(i))
	}
	typ, err := types.Instantiate(u.context, pkg.Scope().Lookup(name).Type(), args, false)
	if err != nil {
		return nil
	}
	return typ
}
