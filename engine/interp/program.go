package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/interp/guard"
	"github.com/scriptd/scriptd/engine/interp/rt"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// sited are the methods of the SDK that are told where they are called.
var sited = map[string]bool{
	"(*" + symbols.SDK + ".Registrar).Add":     true,
	"(*" + symbols.SDK + ".Registrar).Config":  true,
	"(*" + symbols.SDK + ".Registrar).Provide": true,
	"(*" + symbols.SDK + ".Registrar).Service": true,
}

// standIns are the functions that a program is given in place of compiled ones: its own, those that hold it to its permissions,
// and those of its boxes.
type standIns struct {
	boxes *box.Program
	guard *guard.Guard
	own   map[string]any
}

func (s standIns) has(name string) bool {
	return s.own[name] != nil || s.guard.Replaces(name) || box.Replaces(name)
}

// method returns what takes the place of a compiled method that a program finds by reflection, or by a template.
func (s standIns) method(name string) any {
	if f, ok := s.own[name]; ok && !sited[name] {
		return f
	}
	return s.guard.Func(name)
}

func (s standIns) get(name string) any {
	if f, ok := s.own[name]; ok {
		return f
	}
	if f := s.guard.Func(name); f != nil {
		return f
	}
	return s.boxes.Func(name)
}

// lowered translates a checked program whose host calls the function named entry, and looks for methods by these names.
func (r *Runtime) lowered(prog *check.Program, entry string, replaced standIns, methods []string) (*lower.Output, error) {
	in := lower.Input{
		Fset:     prog.Fset,
		Entry:    prog.Main().Types.Scope().Lookup(entry).(*types.Func),
		Source:   r.source,
		Replaced: replaced.has,
		Sited:    func(name string) bool { return sited[name] },
		Methods:  methods,

		Unwrapped: r.universe.Unwrapped,
	}
	for _, p := range prog.Packages {
		pkg := &lower.Package{Types: p.Types, Info: prog.Info, Fset: prog.Fset, InitOrder: p.InitOrder}
		for _, f := range p.Files {
			pkg.Files = append(pkg.Files, f.AST)
			if !f.LoopVarPerIteration() {
				if pkg.SharedLoopVars == nil {
					pkg.SharedLoopVars = make(map[*ast.File]bool)
				}
				pkg.SharedLoopVars[f.AST] = true
			}
		}
		for _, e := range p.Embeds {
			pkg.Embedded = append(pkg.Embedded, e.Var)
		}
		in.Packages = append(in.Packages, pkg)
	}
	out, err := lower.Lower(in)
	if refusals, ok := errors.AsType[lower.Refusals](err); ok {
		problems := make(runtime.Problems, len(refusals))
		for i, refusal := range refusals {
			problems[i] = problemAt(refusal.Pos, refused+refusal.Message)
		}
		return nil, problems
	}
	return out, err
}

// methodNames are those of the methods of contracts.
func methodNames(contracts []*contract.Contract) []string {
	var names []string
	for _, c := range contracts {
		for _, m := range c.Methods {
			names = append(names, m.Name)
		}
	}
	return names
}

// refused is how messages begin that say what the interpreter does not support.
const refused = "not supported by the interpreter: "

// source finds the source part of a compiled package.
func (r *Runtime) source(importPath string) *lower.Package {
	src := r.universe.Source(importPath)
	if src == nil {
		return nil
	}
	return &lower.Package{Types: src.Types, Files: src.Files, Info: src.Info, Fset: src.Fset, InitOrder: src.InitOrder}
}

// tables are the symbols that a lowered program refers to. Overrides are in place of compiled ones, by import path and name.
func (r *Runtime) tables(out *lower.Output, p *rt.Program, replaced standIns, overrides func(importPath string) map[string]any) (interp.Exports, error) {
	table, err := p.Table(replaced.get)
	if err != nil {
		return nil, fmt.Errorf("load symbols: %w", err)
	}
	exports := interp.Exports{"x/rt/rt": table}
	for importPath, names := range out.Symbols {
		// The interpreter patches the standard library when it is given a table of the name fmt/fmt. Imports are named, so
		// that the name of a table may be any.
		table := make(map[string]reflect.Value, len(names))
		for _, name := range names {
			v, ok := r.universe.Symbol(importPath, lower.SymbolName(name))
			if ok && strings.HasPrefix(name, lower.PointerPrefix) {
				v = v.Addr()
			}
			if !ok {
				return nil, fmt.Errorf("load symbols: no %s.%s", importPath, name)
			}
			table[name] = v
		}
		if !r.universe.IsOffered(importPath) { // what a host offers, it shares
			copied(table, replaced.guard)
		}
		if overrides != nil {
			for name, v := range overrides(importPath) {
				override(table, name, v)
			}
		}
		exports["x/"+importPath+"/-"] = table
	}
	return exports, nil
}

// override puts v in the place of a symbol that a table has.
func override(table map[string]reflect.Value, name string, v any) {
	value := reflect.ValueOf(v)
	if v, ok := v.(variable); ok {
		pointer := reflect.ValueOf(v.pointer)
		value = pointer.Elem()
		if _, ok := table[lower.PointerPrefix+name]; ok {
			table[lower.PointerPrefix+name] = pointer
		}
	}
	if _, ok := table[name]; ok {
		table[name] = value
	}
}

// copied puts copies in the place of variables whose content a program could change for others.
func copied(table map[string]reflect.Value, g *guard.Guard) {
	for name, v := range maps.Clone(table) {
		if plain, ok := strings.CutPrefix(name, lower.PointerPrefix); ok {
			if _, both := table[plain]; both {
				continue
			}
			v = v.Elem()
		}
		if !v.CanAddr() {
			continue
		}
		own := g.Copy(v)
		if !own.IsValid() {
			continue
		}
		name = strings.TrimPrefix(name, lower.PointerPrefix)
		if _, ok := table[name]; ok {
			table[name] = own
		}
		if _, ok := table[lower.PointerPrefix+name]; ok {
			table[lower.PointerPrefix+name] = own.Addr()
		}
	}
}

// start initialises a program that the interpreter has compiled. The result is its entry function.
func start(i *interp.Interpreter) (reflect.Value, error) {
	main := i.Symbols("main")["main"]
	entry, ok := main["Entry"]
	if !ok {
		return reflect.Value{}, fmt.Errorf("load: the interpreter does not know the functions of the program; it knows %s",
			strings.Join(slices.Sorted(maps.Keys(main)), ", "))
	}
	if begin, ok := main["Start"]; ok {
		begin.Call(nil)
	}
	return entry, nil
}

// embedded returns what the variables of a program hold that have files.
func embedded(prog *check.Program, out *lower.Output) func(int) any {
	return func(i int) any {
		v := out.Embedded[i]
		for _, p := range prog.Packages {
			for _, e := range p.Embeds {
				if e.Var == v {
					return content(e)
				}
			}
		}
		return nil
	}
}

// content returns the value of one variable with files, in its erased form.
func content(e check.Embed) any {
	switch t := e.Var.Type().Underlying().(type) {
	case *types.Basic:
		for _, data := range e.Files {
			return string(data)
		}
	case *types.Slice:
		_ = t
		for _, data := range e.Files {
			return slices.Clone(data)
		}
	}
	return symbols.EmbedFS(e.Files)
}
