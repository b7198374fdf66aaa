package interp

import (
	"go/ast"
	"go/types"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// A call has a goroutine of its own, so that who waits for it can give up what nothing can stop. To hand a call over and back
// takes longer than a short one does: a handler that surely ends soon is called where the caller is.

// addBrief notes the place of a function where a call registers it and it is brief.
func (t *typeTable) addBrief(prog *check.Program, call *ast.CallExpr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	last := call.Args[len(call.Args)-1]
	if fn, ok := prog.Info.Uses[sel.Sel].(*types.Func); ok && sited[fn.FullName()] && prog.Brief(last) {
		t.brief[prog.Fset.Position(last.Pos())] = true
	}
}

// runs reports whether to decode, or to encode, a value of a type may run a method of the program.
func (t *typeTable) runs(typ types.Type, encode bool) bool {
	methods := []string{"UnmarshalJSON", "UnmarshalText"}
	if encode {
		methods = []string{"MarshalJSON", "MarshalText"}
	}
	seen := make(map[types.Type]bool)
	var runs func(types.Type) bool
	runs = func(typ types.Type) bool {
		typ = types.Unalias(typ)
		if seen[typ] {
			return false
		}
		seen[typ] = true
		if named, ok := typ.(*types.Named); ok && t.own[named.Obj().Pkg()] && hasAny(named, methods...) {
			return true
		}
		switch u := typ.Underlying().(type) {
		case *types.Pointer:
			return runs(u.Elem())
		case *types.Slice:
			return runs(u.Elem())
		case *types.Array:
			return runs(u.Elem())
		case *types.Map:
			return runs(u.Key()) || runs(u.Elem())
		case *types.Struct:
			for f := range u.Fields() {
				if runs(f.Type()) {
					return true
				}
			}
		case *types.Interface:
			return encode // who knows what is in it
		}
		return false
	}
	return runs(typ)
}

// brief does a job where its caller is. It is counted as a call already.
func (j *job) brief() (plugin.Result, error) {
	in := j.in
	defer in.calls.end()
	if in.isCut.Load() {
		return plugin.Result{}, runtime.ErrStopped
	}
	in.panics.forgetMine()
	res := j.answer()
	if in.isCut.Load() {
		return plugin.Result{}, runtime.ErrStopped
	}
	return res, nil
}
