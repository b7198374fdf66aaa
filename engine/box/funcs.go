package box

import (
	"maps"
	"sync"
)

// groups make the stand-ins, a package or a subject each.
var groups = []func(*Program) map[string]any{
	(*Program).jsonFuncs, (*Program).xmlFuncs, (*Program).equalFuncs, (*Program).sliceFuncs, (*Program).keyFuncs,
	(*Program).flagFuncs, (*Program).reflectFuncs, (*Program).binaryFuncs, (*Program).gobFuncs, (*Program).fmtFuncs,
	(*Program).logFuncs, (*Program).logPlaceFuncs, (*Program).slogFuncs, (*Program).templateFuncs, (*Program).errorsFuncs,
}

// groupOf says which of the groups makes a stand-in. It is found out once in a process.
var groupOf = sync.OnceValue(func() map[string]int {
	known := make(map[string]int)
	p := NewProgram(nil)
	for i, group := range groups {
		for name := range group(p) {
			known[name] = i
		}
	}
	return known
})

// Replaces reports whether Func has a stand-in of that name.
func Replaces(name string) bool {
	_, ok := groupOf()[name]
	return ok
}

// Func returns the function that stands in for a compiled one which looks for methods, fields or names of types by
// reflection, and would find those of a Box; nil where there is none. The name is the full one of what is replaced, as
// types.Func.FullName gives it: "encoding/json.Marshal", "(*encoding/json.Encoder).Encode". A stand-in for a method takes the
// receiver first. Otherwise the signatures are the same.
func (p *Program) Func(name string) any {
	i, ok := groupOf()[name]
	if !ok {
		return nil
	}
	p.funcsMu.Lock()
	defer p.funcsMu.Unlock()
	if p.funcs == nil {
		p.funcs = make([]map[string]any, len(groups))
	}
	if p.funcs[i] == nil {
		p.funcs[i] = groups[i](p)
	}
	return p.funcs[i][name]
}

// Funcs returns all stand-ins, by the names that Func takes.
func (p *Program) Funcs() map[string]any {
	all := make(map[string]any)
	for _, group := range groups {
		maps.Copy(all, group(p))
	}
	return all
}
