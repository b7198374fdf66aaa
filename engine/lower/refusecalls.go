package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sync"
)

// look is how a compiled function looks at its arguments of type any.
type look struct {
	// deep: also at what a value leads to.
	deep bool
	reason
}

var (
	encoding = look{true, reason{
		"the function would see what the interpreter makes of the program's own types", "use encoding/json or encoding/xml",
	}}
	columns = look{false, reason{
		"the driver would see what the interpreter makes of the program's own types", "use values of predeclared types, and convert them",
	}}
	remote = look{true, reason{
		"the package would see what the interpreter makes of the program's own types", "serve encoding/json over net/http",
	}}
	source = look{false, reason{
		"the function would see what the interpreter makes of the program's own types", "give it a string or a []byte",
	}}
)

// lookers are compiled functions that find out by reflection what they are given as any, and that have no stand-in.
var lookers = sync.OnceValue(func() map[string]look {
	return map[string]look{
		"encoding/asn1.Marshal":             encoding,
		"encoding/asn1.MarshalWithParams":   encoding,
		"encoding/asn1.Unmarshal":           encoding,
		"encoding/asn1.UnmarshalWithParams": encoding,
		"encoding/gob.Register":             encoding,
		"encoding/gob.RegisterName":         encoding,

		"(*database/sql.Conn).ExecContext":     columns,
		"(*database/sql.Conn).QueryContext":    columns,
		"(*database/sql.Conn).QueryRowContext": columns,
		"(*database/sql.DB).Exec":              columns,
		"(*database/sql.DB).ExecContext":       columns,
		"(*database/sql.DB).Query":             columns,
		"(*database/sql.DB).QueryContext":      columns,
		"(*database/sql.DB).QueryRow":          columns,
		"(*database/sql.DB).QueryRowContext":   columns,
		"(*database/sql.Row).Scan":             columns,
		"(*database/sql.Rows).Scan":            columns,
		"(*database/sql.Stmt).Exec":            columns,
		"(*database/sql.Stmt).ExecContext":     columns,
		"(*database/sql.Stmt).Query":           columns,
		"(*database/sql.Stmt).QueryContext":    columns,
		"(*database/sql.Stmt).QueryRow":        columns,
		"(*database/sql.Stmt).QueryRowContext": columns,
		"(*database/sql.Tx).Exec":              columns,
		"(*database/sql.Tx).ExecContext":       columns,
		"(*database/sql.Tx).Query":             columns,
		"(*database/sql.Tx).QueryContext":      columns,
		"(*database/sql.Tx).QueryRow":          columns,
		"(*database/sql.Tx).QueryRowContext":   columns,
		"database/sql.Named":                   columns,

		"net/rpc.Register":               remote,
		"net/rpc.RegisterName":           remote,
		"(*net/rpc.Server).Register":     remote,
		"(*net/rpc.Server).RegisterName": remote,
		"(*net/rpc.Client).Call":         remote,
		"(*net/rpc.Client).Go":           remote,

		"go/parser.ParseFile":     source,
		"go/parser.ParseExprFrom": source,
	}
})

// call refuses arguments of compiled functions that look at them by reflection.
func (r *refuser) call(e *ast.CallExpr) {
	if tv := r.pkg.Info.Types[e.Fun]; tv.IsType() {
		return
	}
	r.keys(e, r.typeOf(e))
	id := identOf(e.Fun)
	if id == nil {
		return
	}
	fn, ok := r.pkg.Info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil || !isRefusedIn(fn.Pkg().Path()) {
		return
	}
	r.logDepth(e, fn)
	name := fn.Origin().FullName()
	look, ok := lookers()[name]
	if !ok {
		return
	}
	r.called[id] = true
	sig := fn.Signature()
	if tuple, ok := r.typeOf(e.Args[0]).(*types.Tuple); ok {
		for i := range tuple.Len() {
			r.argument(e.Args[0].Pos(), name, sig, i, tuple.At(i).Type(), look)
		}
		return
	}
	for i, arg := range e.Args {
		if r.pkg.Info.Types[arg].IsNil() {
			continue
		}
		t := r.typeOf(arg)
		if e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			t = t.Underlying().(*types.Slice).Elem()
		}
		r.argument(arg.Pos(), name, sig, i, t, look)
	}
}

// argument refuses an argument that is, or may be, of a type of the program.
func (r *refuser) argument(pos token.Pos, name string, sig *types.Signature, i int, t types.Type, look look) {
	param := paramAt(sig, i)
	if u, ok := param.Underlying().(*types.Interface); !ok || u.NumMethods() > 0 {
		return
	}
	name = shortName(name)
	switch {
	case types.IsInterface(t):
		r.mayHold(pos, name, t, look)
	case r.l.isBoxed(t):
		r.l.note(r.position(pos), fmt.Sprintf("%s of a %s", name, typeName(t)), look.reason)
	case look.deep:
		r.leadsTo(pos, name, t, look, make(map[types.Type]bool))
	}
}

// mayHold refuses a value of an interface type if that turns out to hold values of the program's types.
func (r *refuser) mayHold(pos token.Pos, name string, t types.Type, look look) {
	r.l.conditions = append(r.l.conditions, condition{
		pos: pos, pkg: r.pkg, iface: t.Underlying().(*types.Interface),
		text: fmt.Sprintf("%s of a value that may be a %%s", name), reason: look.reason,
	})
}

// leadsTo is mayHold for all interfaces that a value of type t leads to.
func (r *refuser) leadsTo(pos token.Pos, name string, t types.Type, look look, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	if types.IsInterface(t) {
		r.mayHold(pos, name, t, look)
		return
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Signature:
		return // compiled code's own, and functions, into which nothing looks
	}
	for _, part := range parts(t.Underlying()) {
		r.leadsTo(pos, name, part, look, seen)
	}
}

// keys refuses a map whose keys are interfaces of compiled code, if these turn out to hold values of the program's types: in
// such an interface they are held by what is not comparable.
func (r *refuser) keys(e ast.Expr, t types.Type) {
	if t == nil {
		return
	}
	m, ok := t.Underlying().(*types.Map)
	if !ok {
		return
	}
	reason := reason{
		"values of the program's own types are not comparable as such keys",
		"use a key of type any, or what String returns",
	}
	if i, ok := m.Key().Underlying().(*types.Interface); ok && !r.l.hostInterface(m.Key()) {
		r.l.conditions = append(r.l.conditions, condition{
			pos: e.Pos(), pkg: r.pkg, iface: i, holding: true,
			text: "a map with keys that may be %s, which has interfaces in it that hold the program's own types,", reason: reason,
		})
	}
	for _, iface := range r.l.held(m.Key(), nil) {
		r.l.conditions = append(r.l.conditions, condition{
			pos: e.Pos(), pkg: r.pkg, iface: iface.Underlying().(*types.Interface),
			text:   fmt.Sprintf("a map with keys of %s, which may be %%s,", typeName(iface)),
			reason: reason,
		})
	}
}

// holdsOwn reports whether interfaces of compiled code that values of a type contain may hold values of the program's types.
func (l *lowerer) holdsOwn(t types.Type) bool {
	for _, iface := range l.held(t, nil) {
		for _, b := range l.boxed {
			if types.Implements(b.typ, iface.Underlying().(*types.Interface)) {
				return true
			}
		}
	}
	return false
}

// held returns the interfaces of compiled code with methods, other than error, that values of a type contain.
func (l *lowerer) held(t types.Type, list []types.Type) []types.Type {
	if l.hostInterface(t) && !isError(t) {
		return append(list, t)
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if l.isHostStruct(t) {
			return list
		}
		for f := range u.Fields() {
			list = l.held(f.Type(), list)
		}
	case *types.Array:
		return l.held(u.Elem(), list)
	}
	return list
}
