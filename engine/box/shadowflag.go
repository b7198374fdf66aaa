package box

import (
	"encoding"
	"flag"
	"go/types"
	"reflect"
)

// flagFuncs stands in for the functions of package flag that set a variable by reflection.
func (p *Program) flagFuncs() map[string]any {
	set := func(in *flag.FlagSet, to encoding.TextUnmarshaler, name string, from encoding.TextMarshaler, usage string) {
		tt, vt := p.dynamicOf(to)
		tf, vf := p.dynamicOf(from)
		if isHost(vt.Type()) && isHost(vf.Type()) {
			in.TextVar(to, name, from, usage)
			return
		}
		pointer, ok := tt.Underlying().(*types.Pointer)
		if !ok {
			panic("variable value type must be a pointer")
		}
		if vf.Kind() == reflect.Pointer {
			tf, vf = pointee(tf), vf.Elem()
		}
		if !types.Identical(pointer.Elem(), tf) {
			panic("default type does not match variable type")
		}
		vt.Elem().Set(vf)
		text := p.method(tt, vt.Type(), "MarshalText", sigMarshal)
		in.Var(flagText{to, text, vt}, name, usage)
	}
	return map[string]any{
		"(*flag.FlagSet).TextVar": set,
		"flag.TextVar": func(to encoding.TextUnmarshaler, name string, from encoding.TextMarshaler, usage string) {
			set(flag.CommandLine, to, name, from, usage)
		},
	}
}

// flagText is the value of a flag that is kept in a value of the program.
type flagText struct {
	to   encoding.TextUnmarshaler
	text method
	v    reflect.Value
}

// Set implements flag.Value.
func (f flagText) Set(s string) error { return f.to.UnmarshalText([]byte(s)) }

// Get implements flag.Getter.
func (f flagText) Get() any { return Unwrap(f.to) }

// String implements flag.Value.
func (f flagText) String() string {
	if f.text == nil {
		return ""
	}
	out := f.text(f.v)
	if errorOf(out[1]) != nil {
		return ""
	}
	return string(out[0].Bytes())
}
