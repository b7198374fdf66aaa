package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// boxedType is a type whose values get into interfaces.
type boxedType struct {
	typ types.Type
	id  int
}

// dispatcher is a function that calls a method of whatever an interface holds.
type dispatcher struct {
	name string
	id   string // of the method, as types.Func.Id
	fn   *types.Func
	sig  *types.Signature
}

// box makes a type known as one whose values get into interfaces.
func (l *lowerer) box(t types.Type) {
	if l.boxedAt.At(t) != nil {
		return
	}
	b := &boxedType{typ: t, id: l.typeNumber(t)}
	l.boxedAt.Set(t, b)
	l.boxed = append(l.boxed, b)
	l.heat(t, 0)
}

// heat makes known that compiled code may get hold of values of a type, and so of those that they are made of.
func (l *lowerer) heat(t types.Type, depth int) {
	t = types.Unalias(t)
	if l.hot.At(t) != nil || depth > 100 {
		return
	}
	l.hot.Set(t, true)
	if named, ok := t.(*types.Named); ok {
		if named.Obj().Pkg() == nil || !l.own(named.Obj()) {
			return
		}
		if !types.IsInterface(t) {
			l.hot.Set(types.NewPointer(t), true)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		l.heat(u.Elem(), depth+1)
	case *types.Slice:
		l.heat(u.Elem(), depth+1)
	case *types.Array:
		l.heat(u.Elem(), depth+1)
	case *types.Map:
		l.heat(u.Key(), depth+1)
		l.heat(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			l.heat(f.Type(), depth+1)
		}
	case *types.Chan:
		l.heat(u.Elem(), depth+1)
	case *types.Signature: // the host may call it
		for _, tuple := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range tuple.Variables() {
				l.heat(v.Type(), depth+1)
			}
		}
	}
}

// alwaysHot are the names of methods that compiled code looks for in any value.
var alwaysHot = []string{
	"Error", "String", "GoString", "Format", "Unwrap", "Is", "As", "Timeout", "Temporary",
	"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "IsZero",
}

// hotByImport are those that the functions of a package look for besides.
var hotByImport = map[string][]string{
	"encoding/xml":   {"MarshalXML", "UnmarshalXML", "MarshalXMLAttr", "UnmarshalXMLAttr"},
	"encoding":       {"MarshalBinary", "UnmarshalBinary", "AppendText", "AppendBinary"},
	"fmt":            {"Scan"},
	"flag":           {"Set", "IsBoolFlag", "Get"},
	"log/slog":       {"LogValue"},
	"encoding/gob":   {"GobEncode", "GobDecode", "MarshalBinary", "UnmarshalBinary"},
	"context":        {"Deadline", "Done", "Err", "Value"},
	"net":            {"Timeout", "Temporary"},
	"database/sql":   {"Value", "Scan"},
	"io":             {"Close", "WriteString", "ReadFrom", "WriteTo", "ReadByte", "UnreadByte", "WriteByte", "Seek", "ReadAt", "Read", "Write"},
	"io/fs":          {"ReadFile", "ReadDir", "Stat", "Sub", "Glob", "Info", "Type", "Name", "IsDir", "Close", "Read", "ReadLink", "Lstat"},
	"net/http":       {"Flush", "Hijack", "Push", "ReadFrom", "WriteString", "Unwrap", "Close"},
	"sort":           {"Len", "Less", "Swap"},
	"container/heap": {"Len", "Less", "Swap", "Push", "Pop"},
}

// needMethodsOf makes the names of an interface's methods hot.
func (l *lowerer) needMethodsOf(t types.Type) {
	for m := range t.Underlying().(*types.Interface).Methods() {
		l.hotNames[m.Id()] = true
	}
}

// allExported reports whether the program uses a package that calls methods by names from data.
func (l *lowerer) allExported() bool {
	for _, pkg := range l.Packages {
		for _, imported := range pkg.Types.Imports() {
			switch imported.Path() {
			case "text/template", "html/template", "reflect":
				return true
			}
		}
	}
	return false
}

// dispatcherOf returns the name of the function that calls a method of the program's own interfaces.
func (l *lowerer) dispatcherOf(m *types.Func, sig *types.Signature) string {
	sig = types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	key := fmt.Sprintf("%s %d", m.Id(), l.typeNumber(sig))
	d := l.dispatch[key]
	if d == nil {
		d = &dispatcher{name: fmt.Sprintf("d%d_%s", l.number(), sanitized(m.Name())), id: m.Id(), fn: m, sig: sig}
		l.dispatch[key] = d
		l.dispOrder = append(l.dispOrder, d)
	}
	return d.name
}

// method finds a method in the method set of a type.
func (l *lowerer) method(t types.Type, m *types.Func) *types.Selection {
	set := types.NewMethodSet(t)
	return set.Lookup(m.Pkg(), m.Name())
}

// writeDispatcher writes the function of a dispatcher: all types that get into interfaces are known.
func (l *lowerer) writeDispatcher(d *dispatcher, b *strings.Builder) {
	f := l.helper(d.sig)
	var params, args []string
	params = append(params, "x any")
	for i := range d.sig.Params().Len() {
		params = append(params, fmt.Sprintf("a%d %s", i, l.paramType(d.sig, i)))
		args = append(args, f.passOn(d.sig, i))
	}
	fmt.Fprintf(b, "func %s(%s)%s {\n", d.name, strings.Join(params, ", "), l.results(d.sig))
	b.WriteString("if b, ok := x.(rt.Box); ok {\nswitch b.ID {\n")
	for _, t := range l.boxed {
		sel := l.method(t.typ, d.fn)
		if sel == nil || !types.Identical(plainSignature(sel.Obj().(*types.Func)), d.sig) {
			continue
		}
		f.out = &block{}
		recv := val{text: l.unpacked("b.V", t.typ), typ: t.typ, impure: true}
		call := f.callSelected(recv, sel, args)
		fmt.Fprintf(b, "case %d:\n%s%s", t.id, l.checkWrapped(t.typ, sel), joined(f.out))
		if d.sig.Results().Len() == 0 {
			fmt.Fprintf(b, "%s\nreturn\n", call)
		} else {
			fmt.Fprintf(b, "return %s\n", call)
		}
	}
	b.WriteString("}\n}\n")
	l.writeHostCall(d, b)
	b.WriteString("}\n")
}

// writeHostCall calls the method of a compiled value.
func (l *lowerer) writeHostCall(d *dispatcher, b *strings.Builder) {
	args := []string{"x", quote(d.id)}
	for i := range d.sig.Params().Len() {
		args = append(args, fmt.Sprintf("a%d", i))
	}
	call := fmt.Sprintf("rt.CallMethod(%s)", strings.Join(args, ", "))
	n := d.sig.Results().Len()
	if n == 0 {
		b.WriteString(call + "\n")
		return
	}
	fmt.Fprintf(b, "r := %s\n", call)
	var results []string
	for i := range n {
		t := d.sig.Results().At(i).Type()
		fmt.Fprintf(b, "var r%d %s\n", i, l.typ(t))
		if types.IsInterface(t) && !l.hostInterface(t) {
			fmt.Fprintf(b, "r%d = r[%d]\n", i, i)
		} else {
			fmt.Fprintf(b, "if r[%d] != nil { r%d = r[%d].(%s) }\n", i, i, i, l.typ(t))
		}
		results = append(results, fmt.Sprintf("r%d", i))
	}
	fmt.Fprintf(b, "return %s\n", strings.Join(results, ", "))
}

// writeMethods gives the host the methods that it may call.
func (l *lowerer) writeMethods(t types.Type, done map[string]bool, b *strings.Builder) {
	if types.IsInterface(t) {
		return
	}
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		m := sel.Obj().(*types.Func)
		key := fmt.Sprintf("%d %s", l.typeNumber(t), m.Id())
		if done[key] || !l.hotNames[m.Id()] && (!m.Exported() || !l.allExported()) {
			continue
		}
		done[key] = true
		sig := plainSignature(m)
		f := l.helper(sig)
		params := []string{"x any"}
		var args []string
		for i := range sig.Params().Len() {
			params = append(params, fmt.Sprintf("a%d %s", i, l.paramType(sig, i)))
			args = append(args, f.passOn(sig, i))
		}
		recv := val{text: l.unpacked("x", t), typ: t, impure: true}
		call := f.callSelected(recv, sel, args)
		ret := "return "
		if sig.Results().Len() == 0 {
			ret = ""
		}
		fmt.Fprintf(b, "rt.Method(%s, %s, func(%s)%s {\n%s%s%s\n})\n", l.descriptor(t), quote(m.Id()),
			strings.Join(params, ", "), l.results(sig), joined(f.out), ret, call)
	}
}

// helper returns a translator for a function that the author did not write.
func (l *lowerer) helper(sig *types.Signature) *fn {
	return &fn{l: l, sig: sig, helps: true, out: &block{}, top: &topLevel{names: make(map[types.Object]string)}}
}

// passOn returns the argument that is parameter i of a function made by params "a0, a1, …".
func (f *fn) passOn(sig *types.Signature, i int) string {
	if sig.Variadic() && i == sig.Params().Len()-1 {
		return fmt.Sprintf("a%d...", i)
	}
	return fmt.Sprintf("a%d", i)
}

// plainSignature returns the signature of a method without its receiver.
func plainSignature(m *types.Func) *types.Signature {
	sig := m.Signature()
	return types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
}

func joined(b *block) string {
	if len(b.lines) == 0 {
		return ""
	}
	return strings.Join(b.lines, "\n") + "\n"
}

// checkWrapped is a check that a pointer is not nil whose type has a method only because what it points to has.
func (l *lowerer) checkWrapped(t types.Type, sel *types.Selection) string {
	p, ok := t.(*types.Pointer)
	m := sel.Obj().(*types.Func)
	if !ok || len(sel.Index()) != 1 || m.Signature().Recv() == nil {
		return ""
	}
	if _, pointer := m.Signature().Recv().Type().(*types.Pointer); pointer {
		return ""
	}
	named, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok {
		return ""
	}
	name := named.Obj().Name()
	return fmt.Sprintf("if b.V.(%s) == nil { rt.NilReceiver(%s, %s, %s) }\n", l.typ(t), quote(named.Obj().Pkg().Name()), quote(name), quote(m.Name()))
}

// unpacked returns the text of the value of type t that an interface holds. The interpreter cannot assert a type without
// fields.
func (l *lowerer) unpacked(text string, t types.Type) string {
	typ := l.typ(t)
	if typ == "struct{}" {
		return "struct{}{}"
	}
	return fmt.Sprintf("%s.(%s)", text, typ)
}
