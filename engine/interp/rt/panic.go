package rt

import (
	"fmt"
	"go/types"
	"reflect"
	"runtime"

	"github.com/scriptd/scriptd/engine/box"
)

// runtimeError is an error of the Go runtime that cannot be had from the runtime itself.
type runtimeError string

var _ runtime.Error = runtimeError("")

func (e runtimeError) Error() string { return "runtime error: " + string(e) }

// RuntimeError implements runtime.Error.
func (runtimeError) RuntimeError() {}

// assertionError is a failed type assertion.
type assertionError string

var _ runtime.Error = assertionError("")

func (e assertionError) Error() string { return string(e) }

// RuntimeError implements runtime.Error.
func (assertionError) RuntimeError() {}

// raise panics, having told of the place.
func (p *Program) raise(site int, v any) {
	if p.Panicked != nil {
		p.Panicked(site, v)
	}
	panic(v)
}

// failing runs what panics, and raises that at a place of the program.
func (p *Program) failing(site int, f func()) {
	defer func() {
		if v := recover(); v != nil {
			p.raise(site, v)
		}
	}()
	f()
}

func (p *Program) panic(site int, v any) {
	if v == nil {
		v = new(runtime.PanicNilError)
	}
	p.raise(site, v)
}

func (p *Program) index(site, i, n int) {
	p.failing(site, func() { _ = make([]struct{}, n)[i] })
}

func (p *Program) uindex(site int, i uint64, n int) {
	p.failing(site, func() { _ = make([]struct{}, n)[i] })
}

func (p *Program) checkMakeSlice(site int, sizes ...int) {
	if sizes[0] < 0 || sizes[0] > 1<<46 {
		p.raise(site, runtimeError("makeslice: len out of range"))
	}
	if len(sizes) > 1 && (sizes[1] < sizes[0] || sizes[1] > 1<<46) {
		p.raise(site, runtimeError("makeslice: cap out of range"))
	}
}

func (p *Program) checkMakeChan(site, size int) {
	if size < 0 || size > 1<<46 {
		p.raise(site, plainError("makechan: size out of range"))
	}
}

// plainError is an error of the runtime that does not call itself one.
type plainError string

var _ runtime.Error = plainError("")

func (e plainError) Error() string { return string(e) }

// RuntimeError implements runtime.Error.
func (plainError) RuntimeError() {}

func badArray(have, want int) {
	panic(runtimeError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", have, want)))
}

func (p *Program) negativeShift(site int) { p.raise(site, runtimeError("negative shift amount")) }

func nilDereference() {
	var null *int
	_ = *null //nolint:govet // the runtime's own error is wanted
}

func (p *Program) nilDereference(site int) { p.failing(site, nilDereference) }

// badAssertion panics as x.(T) does for an x of the interface type static that holds something else.
func (p *Program) badAssertion(site int, x any, static, to *box.Type) {
	p.raise(site, assertionError(p.assertionText(x, static, to)))
}

func (p *Program) assertionText(x any, static, to *box.Type) string {
	if x == nil {
		if types.IsInterface(to.Type) {
			return fmt.Sprintf("interface conversion: interface is nil, not %s", to)
		}
		return fmt.Sprintf("interface conversion: %s is nil, not %s", interfaceName(static), to)
	}
	have := p.Types.Type(p.Types.TypeOf(x))
	if iface, ok := to.Type.Underlying().(*types.Interface); ok {
		m, _ := types.MissingMethod(have.Type, iface, true)
		name := ""
		if m != nil {
			name = m.Name()
		}
		return fmt.Sprintf("interface conversion: %s is not %s: missing method %s", have, to, name)
	}
	return fmt.Sprintf("interface conversion: %s is %s, not %s%s", interfaceName(static), have, to, difference(have, to))
}

// difference tells types apart that look alike.
func difference(a, b *box.Type) string {
	if a.String() != b.String() {
		return ""
	}
	x, ok := a.Type.(*types.Named)
	y, both := b.Type.(*types.Named)
	if ok && both && x.Obj().Pkg() != y.Obj().Pkg() {
		return " (types from different packages)"
	}
	return " (types from different scopes)"
}

func interfaceName(t *box.Type) string {
	if i, ok := t.Type.(*types.Interface); ok && i.NumMethods() == 0 {
		return "interface {}"
	}
	return t.String()
}

// nilReceiver panics as a call of a method through an interface that holds a nil pointer, where the method wants what it points
// to.
func nilReceiver(pkg, typ, method string) {
	panic(plainError(fmt.Sprintf("value method %s.%s.%s called using nil *%s pointer", pkg, typ, method, typ)))
}

// key returns a key of a map whose keys are interfaces, and panics where its type is none for keys.
func key(x any) any {
	if b, ok := x.(box.Box); ok && !types.Comparable(b.T.Type) {
		panic(runtimeError("hash of unhashable type " + b.T.String()))
	}
	return x
}

// badYield is a call of the body of a loop over a function when it must not be called.
func (p *Program) badYield(site, state int) {
	text := map[int]string{
		1: "range function continued iteration after loop body panic",
		2: "range function continued iteration after function for loop body returned false",
		3: "range function continued iteration after whole loop exit",
		4: "range function recovered a loop body panic and did not resume panicking",
	}[state]
	p.raise(site, runtimeError(text))
}

// Meant returns what a program means by a panic that the interpreter raises in terms of its own.
func Meant(v any) any {
	switch e := v.(type) {
	case *reflect.ValueError:
		if e.Kind == reflect.Invalid { // others come from the program's own use of package reflect
			return nilError()
		}
	case string:
		if text, ok := meant[e]; ok {
			if text == "" {
				return nilError()
			}
			return runtimeError(text)
		}
	}
	return v
}

func nilError() (v any) {
	defer func() { v = recover() }()
	nilDereference()
	return nil
}

// meant are messages of reflect that stand for runtime errors; an empty one for the dereference of nil.
var meant = map[string]string{
	"reflect: Call using zero Value argument":               "",
	"reflect.Value.Call: call of nil function":              "",
	"reflect: Method on nil interface value":                "",
	"reflect: call of Call on zero Value":                   "",
	"reflect: slice index out of range":                     "index out of range",
	"reflect: array index out of range":                     "index out of range",
	"reflect: string index out of range":                    "index out of range",
	"reflect.Value.Slice: slice index out of bounds":        "slice bounds out of range",
	"reflect.Value.Slice: string slice index out of bounds": "slice bounds out of range",
	"reflect.Value.Slice3: slice index out of bounds":       "slice bounds out of range",
	"reflect.MakeSlice: negative len":                       "makeslice: len out of range",
	"reflect.MakeSlice: negative cap":                       "makeslice: cap out of range",
	"reflect.MakeSlice: len > cap":                          "makeslice: cap out of range",
}
