// Package rt is what lowered programs call where the interpreter has no way to do what Go does, or a wrong one: boxes and
// what is asked of them, deferred calls and panics, select, goroutines, and checks that end in a runtime error.
//
//	p := rt.New(rt.Config{Types: box.NewProgram(universe), …}, out)
//	table, err := p.Table(replaced) // the symbols of the package that lowered text imports as rt
package rt

import (
	"fmt"
	"go/types"
	"io"
	"reflect"
	"sync"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Config is what a program runs with.
type Config struct {
	Universe *symbols.Universe
	// Done is closed when the program is stopped.
	Done <-chan struct{}
	// Stderr is what print and println write to.
	Stderr io.Writer
	// Panicked is told of each panic that the program raises itself, before it happens: the number of the place, and the
	// value.
	Panicked func(site int, v any)
	// Escaped is told of a panic that ended a goroutine of the program.
	Escaped func(v any)
	// Embed returns the content of a variable that holds files, by its number.
	Embed func(int) any
}

// Program is a lowered program at run time. It is safe for concurrent use.
type Program struct {
	Config
	// Types are its descriptors.
	Types *box.Program

	out        *lower.Output
	cases      []*caseList
	goroutines sync.WaitGroup
	implements sync.Map // of [2]any{*box.Type or reflect.Type, types.Type}: bool
	wrappers   sync.Map // of wrapperKey: *wrapper
	replaced   func(name string) any
	wrapping   sync.Map // of reflect.Type: bool, as holdsWrappers says
	standIns   sync.Map // of [2]any{reflect.Type, string}: reflect.Value
}

// New returns the program that was lowered.
func New(cfg Config, out *lower.Output, prog *box.Program) *Program {
	p := &Program{Config: cfg, Types: prog, out: out}
	prog.Meant = Meant
	prog.Wrap = func(b box.Box, i reflect.Type) reflect.Value { return p.wrap(b, p.Universe.TypeOf(i), i) }
	prog.Locals = make(map[*types.Named]box.Local, len(out.Locals))
	for t, local := range out.Locals {
		prog.Locals[t] = box.Local(local)
	}
	for _, t := range out.Types {
		p.Types.Type(t) // in their order: the text knows them by number
	}
	for _, list := range out.Cases {
		p.cases = append(p.cases, &caseList{prog: p, types: list})
	}
	return p
}

// Table returns the symbols of the package rt. Replaced finds the stand-ins for compiled functions.
func (p *Program) Table(replaced func(name string) any) (map[string]reflect.Value, error) {
	p.replaced = replaced
	table := map[string]any{
		"B": newBox, "V": opened, "Any": func(v any) any { return v }, "Unwrap": box.Unwrap,
		"Case": p.which, "Implements": p.Implements, "Equal": p.equal,
		"CallMethod": p.callMethod, "Method": func(t *box.Type, id string, f any) { t.SetMethod(id, f) },
		"PlainMethod": func(t *box.Type, id string, f any) { t.SetPlainMethod(id, f) },
		"Do":          do, "Recover": recovered, "Recovering": recovering, "Arm": arm, "NilReceiver": nilReceiver, "Key": key, "NoPanic": &P{},
		"Go": p.goroutine, "Select": p.choose, "Send": send, "Receive": receive,
		"Panic": p.panic, "Index": p.index, "UIndex": p.uindex, "CheckSlice": p.checkSlice,
		"CheckMakeSlice": p.checkMakeSlice, "CheckMakeChan": p.checkMakeChan, "BadArray": badArray,
		"NegativeShift": p.negativeShift, "NilDereference": p.nilDereference, "NaNKey": nanKey, "BadAssertion": p.badAssertion, "BadYield": p.badYield,
		"Rune": runeAt, "Clear": clearAll, "Min": minFloat, "Max": maxFloat, "Neg": negate, "DivComplex": divideComplex,
		"RealPart": realPart, "ImagPart": imagPart, "ArrayPointer": p.arrayPointer,
		"Pprint": p.print, "Pprintln": p.println, "Words": asInterface,
	}
	values := map[string]reflect.Value{
		"Box": reflect.ValueOf((*box.Box)(nil)), "D": reflect.ValueOf((*D)(nil)), "P": reflect.ValueOf((*P)(nil)),
		"Type": reflect.ValueOf((*box.Type)(nil)),
	}
	if p.Embed != nil {
		table["Embed"] = p.Embed
	}
	for name, v := range table {
		values[name] = reflect.ValueOf(v)
	}
	for i, t := range p.out.Types {
		desc := p.Types.Type(t)
		values[fmt.Sprintf("T%d", i+1)] = reflect.ValueOf(&desc).Elem()
	}
	for i, t := range p.out.Interfaces {
		wrap, assert := p.conversions(t)
		values[fmt.Sprintf("W%d", i+1)] = wrap
		values[fmt.Sprintf("A%d", i+1)] = assert
	}
	eraser := box.Eraser{Symbol: p.Universe.Symbol, FieldName: lower.FieldName, Wrapped: lower.Wrapped}
	for i, t := range p.out.Structs {
		made, err := eraser.Type(t)
		if err != nil {
			return nil, err
		}
		values[fmt.Sprintf("S%d", i+1)] = reflect.Zero(reflect.PointerTo(made))
	}
	for i, name := range p.out.Replaced {
		values[fmt.Sprintf("R%d", i+1)] = reflect.ValueOf(replaced(name))
	}
	return values, nil
}

func newBox(t *box.Type, v any) any { return box.Box{ID: t.ID, T: t, V: v} }

// opened returns what is in a box, and any other value as it is.
func opened(x any) any {
	if b, ok := x.(box.Box); ok {
		return b.V
	}
	return x
}
