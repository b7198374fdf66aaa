package lower

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Refusals are constructs that cannot be translated faithfully, by their places. There is at least one.
type Refusals []*Refusal

func (r Refusals) Error() string {
	lines := make([]string, len(r))
	for i, refusal := range r {
		lines[i] = refusal.Error()
	}
	return strings.Join(lines, "\n")
}

// reason says why something is refused, and what to do instead.
type reason struct{ why, instead string }

// condition is a refusal that depends on which types of the program get into interfaces, which is known only at the end.
type condition struct {
	pos token.Pos
	pkg *Package
	// iface is the interface: the refusal holds where it may hold a value of a type of the program.
	iface *types.Interface
	// holding: not of any such type, but of one that contains what is not comparable, as keys says.
	holding bool
	// text says what is refused, with one verb for the type.
	text string
	reason
}

// note refuses something without giving up: there may be more to say.
func (l *lowerer) note(pos token.Position, what string, r reason) {
	l.refusals = append(l.refusals, &Refusal{Pos: pos, Message: fmt.Sprintf("%s (%s; %s)", what, r.why, r.instead)})
}

// refused returns what was refused, sorted and without repetitions, or nil. Fatal is what ended the translation, or nil.
func (l *lowerer) refused(fatal *Refusal) error {
	if fatal != nil {
		l.refusals = append(l.refusals, fatal)
	} else {
		l.decide()
		l.decideRecover()
	}
	if len(l.refusals) == 0 {
		return nil
	}
	slices.SortStableFunc(l.refusals, func(a, b *Refusal) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message))
	})
	return Refusals(slices.CompactFunc(l.refusals, func(a, b *Refusal) bool { return *a == *b }))
}

// decideRecover refuses values of functions that call recover where reflect makes functions: one of these may stand between
// a deferred call and recover, and nothing tells.
func (l *lowerer) decideRecover() {
	if _, ok := l.replaced["reflect.MakeFunc"]; !ok && !l.symbols["reflect"]["MakeFunc"] {
		return
	}
	for _, pos := range l.recovers {
		l.note(pos, "a function that calls recover, as a value, in a program that uses reflect.MakeFunc", reason{
			"a function that reflect made may stand between it and the deferred call, which nothing tells", "write the functions out",
		})
	}
}

// decide refuses what depends on the types that got into interfaces.
func (l *lowerer) decide() {
	for _, c := range l.conditions {
		for _, b := range l.boxed {
			if types.Implements(b.typ, c.iface) && (!c.holding || types.Comparable(b.typ) && l.holdsOwn(b.typ)) {
				l.note(c.pkg.Fset.Position(c.pos), fmt.Sprintf(c.text, typeName(b.typ)), c.reason)
				break
			}
		}
	}
}

// typeName returns a type as the author writes it.
func typeName(t types.Type) string { return types.TypeString(t, (*types.Package).Name) }

// refuser looks through a function, in one of its instances, for what cannot be translated faithfully.
type refuser struct {
	*fn
	// called are the names of functions that are called just there.
	called map[*ast.Ident]bool
}

// refuseIn refuses what is in a declaration or in the expression that initialises a variable.
func (f *fn) refuseIn(n ast.Node) {
	if !slices.Contains(f.l.Packages, f.pkg) {
		return // ours
	}
	r := &refuser{fn: f, called: make(map[*ast.Ident]bool)}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			r.symbol(n)
		case *ast.SelectorExpr:
			r.field(n)
		case *ast.CallExpr:
			r.call(n)
		case *ast.CompositeLit:
			r.literal(n)
		}
		return true
	})
}

// symbol refuses symbols of compiled packages.
func (r *refuser) symbol(id *ast.Ident) {
	obj := r.pkg.Info.Uses[id]
	if obj == nil || obj.Pkg() == nil || !isRefusedIn(obj.Pkg().Path()) {
		return
	}
	r.logThroughSlog(id, obj)
	name := obj.Pkg().Path() + "." + obj.Name()
	if fn, ok := obj.(*types.Func); ok {
		name = fn.Origin().FullName()
		if look, ok := lookers()[name]; ok && !r.called[id] {
			r.mayHold(id.Pos(), shortName(name), types.Universe.Lookup("any").Type(), look)
		}
	} else if obj.Parent() != obj.Pkg().Scope() {
		return // a field
	}
	if why, ok := refusedSymbols()[name]; ok {
		r.l.note(r.position(id.Pos()), shortName(name), why)
	}
}

// field refuses fields of compiled structs.
func (r *refuser) field(e *ast.SelectorExpr) {
	sel := r.pkg.Info.Selections[e]
	if sel == nil || sel.Kind() != types.FieldVal || sel.Obj().Pkg() == nil || !isRefusedIn(sel.Obj().Pkg().Path()) {
		return
	}
	owner := r.ownerOf(selection{sel.Kind(), sel.Recv(), sel.Obj(), sel.Index()})
	if p, ok := owner.Underlying().(*types.Pointer); ok {
		owner = p.Elem()
	}
	name := types.TypeString(owner, nil) + "." + sel.Obj().Name()
	if why, ok := refusedSymbols()[name]; ok {
		r.l.note(r.position(e.Sel.Pos()), shortName(name), why)
	}
}

// literal refuses fields of compiled structs that are set, other than to what they are anyway, and kinds of maps.
func (r *refuser) literal(e *ast.CompositeLit) {
	t := r.typeOf(e)
	r.keys(e, t)
	s, ok := t.Underlying().(*types.Struct)
	if named, isNamed := types.Unalias(t).(*types.Named); !ok || !isNamed || named.Obj().Pkg() == nil || !isRefusedIn(named.Obj().Pkg().Path()) {
		return
	}
	for i, elt := range e.Elts {
		field, value := s.Field(i).Name(), elt
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			field, value = kv.Key.(*ast.Ident).Name, kv.Value
		}
		name := types.TypeString(t, nil) + "." + field
		why, ok := refusedSymbols()[name]
		if !ok || isZero(r.pkg.Info.Types[value].Value) {
			continue
		}
		r.l.note(r.position(elt.Pos()), shortName(name), why)
	}
}

// isZero reports whether an expression is the constant false or 0.
func isZero(v constant.Value) bool {
	if v == nil {
		return false
	}
	switch v.Kind() {
	case constant.Bool:
		return !constant.BoolVal(v)
	case constant.Int:
		return constant.Sign(v) == 0
	}
	return false
}

// shortName returns the name of a symbol as it is written where it is imported: (*log/slog.Record).Source is
// slog.Record.Source.
func shortName(full string) string {
	full = strings.NewReplacer("(", "", ")", "", "*", "").Replace(full)
	return full[strings.LastIndex(full, "/")+1:]
}
