package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// dispatcher is a function that calls a method of whatever an interface holds.
type dispatcher struct {
	name string
	id   string // of the method, as types.Func.Id
	fn   *types.Func
	sig  *types.Signature
	// cases are the clauses for the first seen of the boxed types.
	cases strings.Builder
	seen  int
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

// extend writes the clauses for the types that have got into interfaces since.
func (l *lowerer) extend(d *dispatcher) {
	f := l.helper(d.sig)
	args := f.passAll(d.sig)
	for ; d.seen < len(l.boxed); d.seen++ {
		t := l.boxed[d.seen]
		sel := l.methods.MethodSet(t.typ).Lookup(d.fn.Pkg(), d.fn.Name())
		if sel == nil || !types.Identical(plainSignature(sel.Obj().(*types.Func)), d.sig) {
			continue
		}
		f.out = &block{}
		recv := val{text: l.unpacked("b.V", t.typ), typ: t.typ, impure: true}
		call := f.callSelected(recv, sel, args)
		fmt.Fprintf(&d.cases, "case %d:\n%s%s", t.id, l.checkWrapped(t.typ, sel), joined(f.out))
		if d.sig.Results().Len() == 0 {
			fmt.Fprintf(&d.cases, "%s\nreturn\n", call)
		} else {
			fmt.Fprintf(&d.cases, "return %s\n", call)
		}
	}
}

// writeDispatcher writes the function of a dispatcher, once all types that get into interfaces are known.
func (l *lowerer) writeDispatcher(d *dispatcher, b *strings.Builder) {
	params := append([]string{"x any"}, l.numberedParams(d.sig)...)
	fmt.Fprintf(b, "func %s(%s)%s {\n", d.name, strings.Join(params, ", "), l.results(d.sig))
	if d.cases.Len() > 0 {
		fmt.Fprintf(b, "if b, ok := x.(rt.Box); ok {\nswitch b.ID {\n%s}\n}\n", d.cases.String())
	}
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

// hotType is a type whose methods compiled code may look for.
type hotType struct {
	typ types.Type
	// names is how many names of methods were known when it was looked at, and given tells of each of its methods whether the
	// host has it.
	names int
	given []bool
}

// writeMethods gives the host the methods that it may call.
func (l *lowerer) writeMethods(h *hotType) {
	if types.IsInterface(h.typ) || h.names == len(l.hotNames) {
		return
	}
	h.names = len(l.hotNames)
	set := l.methods.MethodSet(h.typ)
	if h.given == nil {
		h.given = make([]bool, set.Len())
	}
	for i := range set.Len() {
		m := set.At(i).Obj().(*types.Func)
		if !h.given[i] && (l.hotNames[m.Id()] || l.allHot && m.Exported()) {
			h.given[i] = true
			l.writeMethod(h.typ, set.At(i), m)
		}
	}
}

func (l *lowerer) writeMethod(t types.Type, sel *types.Selection, m *types.Func) {
	sig := plainSignature(m)
	f := l.helper(sig)
	params := append([]string{"x any"}, l.numberedParams(sig)...)
	recv := val{text: l.unpacked("x", t), typ: t, impure: true}
	call := f.callSelected(recv, sel, f.passAll(sig))
	ret := "return "
	if sig.Results().Len() == 0 {
		ret = ""
	}
	fmt.Fprintf(&l.given, "rt.Method(%s, %s, func(%s)%s {\n%s%s%s\n})\n", l.descriptor(t), quote(m.Id()),
		strings.Join(params, ", "), l.results(sig), joined(f.out), ret, call)
	l.writePlainMethod(t, sel, m)
}

// writePlainMethod gives the host the function of a method that it calls by itself, which saves a call in between. It takes a
// receiver of its own type.
func (l *lowerer) writePlainMethod(t types.Type, sel *types.Selection, m *types.Func) {
	if !slices.Contains(l.Methods, m.Name()) || len(sel.Index()) != 1 || l.bodyOf(m) == nil || !types.Identical(m.Signature().Recv().Type(), t) || m != m.Origin() {
		return
	}
	if in := l.function(m, nil); !in.recovers {
		fmt.Fprintf(&l.given, "rt.PlainMethod(%s, %s, rt.Any(%s))\n", l.descriptor(t), quote(m.Id()), in.name)
	}
}

// numberedParams returns parameters a0, a1, …
func (l *lowerer) numberedParams(sig *types.Signature) []string {
	params := make([]string, sig.Params().Len())
	for i := range params {
		params[i] = fmt.Sprintf("a%d %s", i, l.paramType(sig, i))
	}
	return params
}

// passAll returns the arguments that are the parameters of numberedParams.
func (f *fn) passAll(sig *types.Signature) []string {
	args := make([]string, sig.Params().Len())
	for i := range args {
		args[i] = f.passOn(sig, i)
	}
	return args
}
