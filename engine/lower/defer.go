package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// deferForm is how the deferred calls of a function are made.
type deferForm int

const (
	noDefer deferForm = iota
	// nativeDefer leaves them to the interpreter: they are all of a few methods that nothing can go wrong with.
	nativeDefer
	// hostDefer runs the body within a host function, which makes them. The interpreter makes them while it holds the
	// lock of the frame, so that a literal of that frame would wait for itself, and evaluates their arguments too late.
	hostDefer
)

// nativeDefers are the methods whose deferred calls the interpreter gets right.
var nativeDefers = []string{"(*sync.Mutex).Unlock", "(*sync.RWMutex).Unlock", "(*sync.RWMutex).RUnlock", "(*sync.WaitGroup).Done"}

func (f *fn) deferForm(b *ast.BlockStmt) deferForm {
	form := noDefer
	var walk func(n ast.Node, nested bool)
	walk = func(n ast.Node, nested bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ForStmt, *ast.RangeStmt:
				if !nested {
					walk(n, true)
					return false
				}
			case *ast.LabeledStmt:
				nested = true // a goto may come back
			case *ast.DeferStmt:
				if nested || !f.isNativeDefer(n) {
					form = hostDefer
				} else if form == noDefer {
					form = nativeDefer
				}
			}
			return true
		})
	}
	walk(b, false)
	return form
}

func (f *fn) isNativeDefer(s *ast.DeferStmt) bool {
	sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr)
	if !ok || len(s.Call.Args) > 0 {
		return false
	}
	m, ok := f.pkg.Info.Uses[sel.Sel].(*types.Func)
	return ok && slices.Contains(nativeDefers, m.FullName())
}

func (f *fn) deferStmt(s *ast.DeferStmt) {
	if f.deferred == "" {
		f.emit("defer %s", f.later(s.Call, ""))
		return
	}
	p := f.fresh("p")
	text := f.delayed(s.Call, p)
	if f.onlyOnce() {
		// Made where it is passed, the literal sees the frame itself.
		f.emit("%s.Push(func(%s *rt.P) {\n%s\n})", f.deferred, p, text)
		return
	}
	f.emit("%s.Push(func() func(%s *rt.P) { return func(%s *rt.P) {\n%s\n} }())", f.deferred, p, p, text)
}

func (f *fn) goStmt(s *ast.GoStmt) {
	f.emit("rt.Go(func() func() { return func() {\n%s\n} }())", f.delayed(s.Call, ""))
}

// onlyOnce reports whether a statement is executed once at most in a frame.
func (f *fn) onlyOnce() bool {
	return len(f.top.use.gotos) == 0 && !slices.ContainsFunc(f.frames, func(fr *frame) bool { return fr.kind == loopFrame })
}

// delayed translates a call that happens later: what is called and its arguments are evaluated now. The result is the
// body of a function that makes the call. Where p is not empty it is a parameter of that function: what the call may
// recover.
func (f *fn) delayed(call *ast.CallExpr, p string) string {
	fun := ast.Unparen(call.Fun)
	in := f.inner(types.NewSignatureType(nil, nil, nil, nil, nil, false))
	if lit, ok := fun.(*ast.FuncLit); ok && len(call.Args) == 0 && f.pkg.Info.TypeOf(lit).(*types.Signature).Results().Len() == 0 {
		if callsRecover(f.pkg.Info, lit.Body) {
			in.recovering = p
			if p == "" {
				in.recovering = f.l.notRecovering()
			}
		}
		in.body(f.pkg.Info.TypeOf(lit).(*types.Signature), lit.Body)
	} else {
		text := f.later(call, p)
		if p != "" && !strings.Contains(text, p) {
			in.emit("rt.Arm(%s)", p)
		}
		in.emit("%s", text)
	}
	return in.out.text()
}

// later evaluates the parts of a call into variables, and returns the text of the call.
func (f *fn) later(call *ast.CallExpr, p string) string {
	fun := ast.Unparen(call.Fun)
	if id := identOf(fun); id != nil {
		if b, ok := f.object(id).(*types.Builtin); ok && b.Name() == "recover" {
			if p == "" {
				return ""
			}
			// It recovers what the function could, if that did not panic itself.
			return fmt.Sprintf("if !%s.Active() { rt.Recover(%s) }", p, f.recovering)
		}
	}
	if f.pkg.Info.Types[fun].IsType() {
		f.discard(f.settle(f.expr(call)))
		return ""
	}
	if lit, ok := fun.(*ast.FuncLit); ok && callsRecover(f.pkg.Info, lit.Body) {
		return f.laterLiteral(lit, call, p)
	}
	f.delaying = true
	v := f.call(call)
	f.delaying = false
	if p != "" {
		return strings.Replace(v.text, f.l.notRecovering(), p, 1)
	}
	return v.text
}

// laterLiteral is later for a literal that recovers: it is given what.
func (f *fn) laterLiteral(lit *ast.FuncLit, call *ast.CallExpr, p string) string {
	sig := f.pkg.Info.TypeOf(lit).(*types.Signature)
	in := f.inner(f.sub.typ(sig).(*types.Signature))
	in.recovering = in.fresh("p")
	params := append([]string{in.recovering + " *rt.P"}, in.params(sig)...)
	in.body(sig, lit.Body)
	name := f.fresh("t")
	f.emit("%s := %s", name, in.closure(params))
	f.delaying = true
	args := f.arguments(in.sig, call, func() val { return val{text: name, simple: true, isNil: true} })
	f.delaying = false
	if p == "" {
		p = f.l.notRecovering()
	}
	return fmt.Sprintf("%s(%s)", name, joinArgs(p, args[1:]))
}
