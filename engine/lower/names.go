package lower

import (
	"encoding/hex"
	"fmt"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// symbol returns the text of a compiled symbol, and makes sure that the program has it.
func (l *lowerer) symbol(pkg *types.Package, name string) string {
	alias, ok := l.imports[pkg.Path()]
	if !ok {
		alias = fmt.Sprintf("x%d_%s", len(l.imports), sanitized(path.Base(pkg.Path())))
		alias = strings.Map(func(r rune) rune {
			if r == '.' || r == '-' {
				return '_'
			}
			return r
		}, alias)
		l.imports[pkg.Path()] = alias
		l.symbols[pkg.Path()] = make(map[string]bool)
	}
	if !l.symbols[pkg.Path()][name] {
		l.symbols[pkg.Path()][name] = true
		l.out.Symbols[pkg.Path()] = append(l.out.Symbols[pkg.Path()], name)
	}
	return alias + "." + name
}

// HiddenPrefix begins the names of compiled types that have none of their own that could be written down: what follows is theirs in
// hexadecimal digits.
const HiddenPrefix = "T_"

// SymbolName returns the name of the symbol that one of Output.Symbols stands for.
func SymbolName(name string) string {
	name = strings.TrimPrefix(name, PointerPrefix)
	if digits, ok := strings.CutPrefix(name, HiddenPrefix); ok {
		if hidden, err := hex.DecodeString(digits); err == nil && len(hidden) > 0 {
			return string(hidden)
		}
	}
	return name
}

// replacement returns the text of the stand-in for a compiled function, "" where it has none.
func (l *lowerer) replacement(fn *types.Func) string {
	full := fn.Origin().FullName()
	if l.isPlaced(fn) {
		full += placed
	}
	if l.Replaced == nil || !l.Replaced(full) {
		return ""
	}
	n, ok := l.replaced[full]
	if !ok {
		l.out.Replaced = append(l.out.Replaced, full)
		n = len(l.out.Replaced)
		l.replaced[full] = n
	}
	return fmt.Sprintf("rt.R%d", n)
}

// global returns the name of a package variable of the program.
func (l *lowerer) global(v *types.Var) string {
	if name, ok := l.globals[v]; ok {
		return name
	}
	name := fmt.Sprintf("g%d_%s", l.number(), sanitized(v.Name()))
	l.globals[v] = name
	fmt.Fprintf(&l.decls, "var %s %s\n", name, l.typ(v.Type()))
	return name
}

// typeNumber numbers identical types alike. It is that of the descriptor too.
func (l *lowerer) typeNumber(t types.Type) int {
	if n, ok := l.types.At(t).(int); ok {
		return n
	}
	l.out.Types = append(l.out.Types, types.Unalias(t))
	n := len(l.out.Types)
	l.types.Set(t, n)
	return n
}

// descriptor returns the text of a type's descriptor.
func (l *lowerer) descriptor(t types.Type) string { return fmt.Sprintf("rt.T%d", l.typeNumber(t)) }

// iface returns the number of an interface of compiled code that boxes become.
func (l *lowerer) iface(t types.Type) int {
	if n, ok := l.ifaces.At(t).(int); ok {
		return n
	}
	l.out.Interfaces = append(l.out.Interfaces, t)
	n := len(l.out.Interfaces)
	l.ifaces.Set(t, n)
	l.needMethodsOf(t)
	return n
}

// cases returns the number of a list of types that rt.Case tells apart.
func (l *lowerer) cases(list []types.Type) int {
	l.out.Cases = append(l.out.Cases, list)
	for _, t := range list {
		if t == nil {
			continue
		}
		if types.IsInterface(t) {
			l.needMethodsOf(t)
		}
	}
	return len(l.out.Cases)
}

// site numbers a place.
func (l *lowerer) site(pos token.Position) int {
	if n := len(l.out.Sites); n > 0 && l.out.Sites[n-1] == pos {
		return n - 1
	}
	l.out.Sites = append(l.out.Sites, pos)
	return len(l.out.Sites) - 1
}

// instance is a function of the program with its type arguments.
type instance struct {
	name string
	fn   *types.Func // the origin
	body body
	sub  *subst
	// recovers: it calls recover itself, and takes what is to be recovered as its first parameter.
	recovers bool
}

// function returns the instance of a declared function or method. For a method, the type arguments are those of its
// receiver.
func (l *lowerer) function(fn *types.Func, targs []types.Type) *instance {
	origin := fn.Origin()
	var key strings.Builder
	fmt.Fprintf(&key, "%p", origin)
	for _, t := range targs {
		fmt.Fprintf(&key, " %d", l.typeNumber(t))
	}
	if in := l.funcs[key.String()]; in != nil {
		return in
	}
	b, ok := l.bodies[origin]
	if !ok {
		panic("lower: no body of " + fn.FullName())
	}
	sig := origin.Signature()
	params := sig.TypeParams()
	if sig.Recv() != nil {
		params = sig.RecvTypeParams()
	}
	in := &instance{
		name: fmt.Sprintf("f%d_%s", l.number(), sanitized(fn.Name())),
		fn:   origin, body: b,
		sub:      newSubst(l, params, targs, key.String()),
		recovers: callsRecover(b.pkg.Info, b.decl.Body),
	}
	if depth(targs, 0) > maxInstanceDepth {
		l.refuse(b.pkg.Fset.Position(b.decl.Pos()), "%s is instantiated with ever deeper type arguments (the instances are made before the program runs, and would not end)", fn.Name())
	}
	l.funcs[key.String()] = in
	l.queue = append(l.queue, func() { l.declare(in) })
	return in
}

// maxInstanceDepth bounds how deep type arguments are nested.
const maxInstanceDepth = 60

func depth(ts []types.Type, d int) int {
	deepest := d
	if d > maxInstanceDepth {
		return d
	}
	for _, t := range ts {
		if n, ok := types.Unalias(t).(*types.Named); ok {
			deepest = max(deepest, depth(slices.Collect(n.TypeArgs().Types()), d+1))
		}
		switch t := types.Unalias(t).(type) {
		case *types.Pointer:
			deepest = max(deepest, depth([]types.Type{t.Elem()}, d+1))
		case *types.Slice:
			deepest = max(deepest, depth([]types.Type{t.Elem()}, d+1))
		}
	}
	return deepest
}

func newSubst(l *lowerer, params *types.TypeParamList, args []types.Type, key string) *subst {
	s := &subst{l: l, key: key, list: args, args: make(map[*types.TypeParam]types.Type), cache: make(map[types.Type]types.Type)}
	for i, arg := range args {
		s.args[params.At(i)] = arg
	}
	return s
}
