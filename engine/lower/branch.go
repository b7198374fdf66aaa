package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// frameKind is what a statement may have to leave.
type frameKind int

const (
	// loopFrame, switchFrame: break and continue, the interpreter's own where they have no label.
	loopFrame frameKind = iota
	switchFrame
	// deferFrame is the body that a host function runs for the sake of deferred calls.
	deferFrame
	// iteratorFrame is the body of a loop over a function, which is a function.
	iteratorFrame
)

// frame is something around the statement at hand that branches lead out of.
type frame struct {
	kind  frameKind
	label string
	// next is the label at the end of a loop's body, after that its end; both are written where they are used.
	next, end         string
	usesNext, usesEnd bool
	// plainContinue: the interpreter's continue does it.
	plainContinue bool
	// code is the variable of an iteratorFrame that says how its body was left, and exits what the codes mean.
	code string
	// state is the variable of an iteratorFrame that says whether its body may be called.
	state string
	exits []exit
	// from and to are where the body of an iteratorFrame begins and ends.
	from, to token.Pos
}

// exit is a way to leave the body of a loop over a function.
type exit struct {
	code int
	// leave continues, in the function around the loop, what the statement in the body began.
	leave func()
	key   string
}

func (f *fn) push(fr *frame) *frame {
	f.frames = append(f.frames, fr)
	return fr
}

func (f *fn) pop() { f.frames = f.frames[:len(f.frames)-1] }

func (f *fn) labeled(s *ast.LabeledStmt) {
	label := f.label(s.Label)
	if f.hasGoto(s.Label) {
		f.emit("%s:", label)
	}
	switch inner := s.Stmt.(type) {
	case *ast.ForStmt:
		f.mark(inner.Pos())
		f.forStmt(inner, s.Label.Name)
	case *ast.RangeStmt:
		f.mark(inner.Pos())
		f.rangeStmt(inner, s.Label.Name)
	case *ast.SwitchStmt:
		f.mark(inner.Pos())
		f.switchStmt(inner, s.Label.Name)
	case *ast.TypeSwitchStmt:
		f.mark(inner.Pos())
		f.typeSwitch(inner, s.Label.Name)
	case *ast.SelectStmt:
		f.mark(inner.Pos())
		f.selectStmt(inner, s.Label.Name)
	case *ast.BlockStmt:
		fr := f.push(&frame{kind: switchFrame, label: s.Label.Name, end: f.fresh("end")})
		f.stmt(inner)
		f.pop()
		f.endLabel(fr)
	default:
		f.stmt(inner)
	}
}

// label returns the name of a label that goto leads to.
func (f *fn) label(id *ast.Ident) string {
	obj := f.pkg.Info.Defs[id]
	if obj == nil {
		obj = f.pkg.Info.Uses[id]
	}
	return "L" + f.name(obj)
}

// hasGoto reports whether a goto leads to a label. A break or continue with it does not count.
func (f *fn) hasGoto(id *ast.Ident) bool { return f.top.use.gotos[f.pkg.Info.Defs[id]] }

// endLabel writes the label after a statement, where something leads there.
func (f *fn) endLabel(fr *frame) {
	if fr.usesEnd {
		f.emit("%s:", fr.end)
	}
}

func (f *fn) branch(s *ast.BranchStmt) {
	switch s.Tok {
	case token.FALLTHROUGH:
		f.emit("fallthrough")
	case token.GOTO:
		f.gotoStmt(s)
	default:
		label := ""
		if s.Label != nil {
			label = s.Label.Name
		}
		f.leaveTo(len(f.frames)-1, s.Tok, label, true)
	}
}

// gotoStmt leads to a label of the same function. The body of a loop over a function is left first.
func (f *fn) gotoStmt(s *ast.BranchStmt) {
	label := f.label(s.Label)
	obj := f.pkg.Info.Uses[s.Label]
	f.goTo(len(f.frames)-1, label, obj.Pos())
}

func (f *fn) goTo(from int, label string, pos token.Pos) {
	for i := from; i >= 0; i-- {
		fr := f.frames[i]
		if fr.kind != iteratorFrame {
			continue
		}
		if fr.contains(pos) {
			break
		}
		f.exitIterator(fr, "goto "+label, func() { f.goTo(i-1, label, pos) })
		return
	}
	f.emit("goto %s", label)
}

// leaveTo is break or continue out of or in the loop with that label, seen from a frame. Near: no statement around
// the one at hand is between, so that the interpreter's own break does.
func (f *fn) leaveTo(from int, tok token.Token, label string, near bool) {
	for i := from; i >= 0; i-- {
		fr := f.frames[i]
		matches := label == "" && (fr.kind == loopFrame || fr.kind == iteratorFrame || fr.kind == switchFrame && tok == token.BREAK) ||
			label != "" && fr.label == label
		if fr.kind == iteratorFrame {
			f.leaveIterator(fr, i, tok, label, matches)
			return
		}
		if matches {
			f.leaveLoop(fr, tok, near)
			return
		}
		if fr.kind == switchFrame && tok == token.CONTINUE && label == "" {
			continue // the interpreter's continue leaves a switch by itself
		}
		near = false
	}
	panic("lower: " + tok.String() + " leads nowhere")
}

func (f *fn) leaveLoop(fr *frame, tok token.Token, near bool) {
	switch {
	case tok == token.BREAK && near && fr.label == "" || tok == token.BREAK && near && fr.kind == loopFrame:
		f.emit("break")
	case tok == token.BREAK:
		fr.usesEnd = true
		f.emit("goto %s", fr.end)
	case near && fr.plainContinue:
		f.emit("continue")
	default:
		fr.usesNext = true
		f.emit("goto %s", fr.next)
	}
}

// leaveIterator leaves the body of a loop over a function.
func (f *fn) leaveIterator(fr *frame, at int, tok token.Token, label string, matches bool) {
	switch {
	case matches && tok == token.CONTINUE:
		f.emit("%s = 0", fr.state)
		f.emit("return true")
	case matches:
		f.exitIterator(fr, "break", nil)
	default:
		f.exitIterator(fr, tok.String()+" "+label, func() { f.leaveTo(at-1, tok, label, true) })
	}
}

// exitIterator ends the loop, noting how to go on. A nil leave goes on after the loop.
func (f *fn) exitIterator(fr *frame, key string, leave func()) {
	code := 0
	for _, x := range fr.exits {
		if x.key == key {
			code = x.code
		}
	}
	if code == 0 {
		code = len(fr.exits) + 1
		fr.exits = append(fr.exits, exit{code: code, key: key, leave: leave})
	}
	f.emit("%s = %d", fr.code, code)
	f.emit("%s = 2", fr.state)
	f.emit("return false")
}

func (f *fn) returnStmt(s *ast.ReturnStmt) {
	if f.results == nil && len(f.frames) == 0 || f.results == nil && !f.insideFunction() {
		f.plainReturn(s)
		return
	}
	if len(s.Results) > 0 {
		f.setResults(s)
	}
	f.returnFrom(len(f.frames) - 1)
}

// insideFunction reports whether the statement at hand is in a function that the author did not write.
func (f *fn) insideFunction() bool {
	for _, fr := range f.frames {
		if fr.kind == deferFrame || fr.kind == iteratorFrame {
			return true
		}
	}
	return false
}

// returnFrom returns from the author's function, seen from a frame: what is returned stands in variables.
func (f *fn) returnFrom(from int) {
	for i := from; i >= 0; i-- {
		switch fr := f.frames[i]; fr.kind {
		case iteratorFrame:
			f.exitIterator(fr, "return", func() { f.returnFrom(i - 1) })
			return
		case deferFrame:
			f.emit("return")
			return
		}
	}
	if len(f.results) == 0 {
		f.emit("return")
		return
	}
	f.returnResults()
}

// plainReturn returns values that no variables stand for.
func (f *fn) plainReturn(s *ast.ReturnStmt) {
	if len(s.Results) == 0 {
		f.emit("return")
		return
	}
	values := f.returned(s)
	if len(values) > 1 && slices.ContainsFunc(values, isBuiltinCall) {
		for i, v := range values {
			if v.constant == nil {
				values[i] = f.settle(v)
			}
		}
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.text
	}
	f.emit("return %s", strings.Join(texts, ", "))
}

// isBuiltinCall reports whether a value is a call of a predeclared function, whose result the interpreter takes for the
// first one where it is returned.
func isBuiltinCall(v val) bool {
	name, _, _ := strings.Cut(v.text, "(")
	_, ok := types.Universe.Lookup(name).(*types.Builtin)
	return ok
}

// returned translates the results of a return statement.
func (f *fn) returned(s *ast.ReturnStmt) []val {
	results := f.sig.Results()
	if len(s.Results) == 1 && results.Len() > 1 {
		values := f.tuple(s.Results[0])
		for i := range values {
			values[i] = f.assign(values[i], results.At(i).Type())
		}
		return values
	}
	list := make([]func() val, len(s.Results))
	for i, e := range s.Results {
		list[i] = func() val {
			v := f.exprTo(e, results.At(i).Type())
			if v.isNil {
				return f.argument(v, results.At(i).Type())
			}
			return v
		}
	}
	return f.operands(list...)
}

// setResults puts what is returned into the variables for it.
func (f *fn) setResults(s *ast.ReturnStmt) {
	values := f.returned(s)
	if len(values) == 1 {
		f.emit("%s = %s", f.results[0], values[0].text)
		return
	}
	for i, v := range values {
		if v.constant == nil {
			values[i] = f.settle(v)
		}
	}
	for i, v := range values {
		f.emit("%s = %s", f.results[i], v.text)
	}
}

// returnsFromIterator reports whether a body returns from within a loop over a function.
func (f *fn) returnsFromIterator(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			if _, ok := f.typeOf(n.X).Underlying().(*types.Signature); ok {
				ast.Inspect(n.Body, func(n ast.Node) bool {
					if _, ok := n.(*ast.FuncLit); ok {
						return false
					}
					if _, ok := n.(*ast.ReturnStmt); ok {
						found = true
					}
					return !found
				})
			}
		}
		return !found
	})
	return found
}

// contains reports whether a position is in the loop of an iteratorFrame.
func (fr *frame) contains(pos token.Pos) bool { return fr.from <= pos && pos < fr.to }
