package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// rangeFunc is a loop over a function: its body is a function, and how that was left is noted in a variable.
func (f *fn) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	seq := f.settle(f.open(f.expr(s.X)))
	yield := sig.Params().At(0).Type().Underlying().(*types.Signature)
	fr := &frame{kind: iteratorFrame, label: label, code: f.fresh("code"), from: s.Pos(), to: s.End()}
	fr.state = f.fresh("s")
	f.emit("var %s, %s int", fr.code, fr.state)
	f.push(fr)
	outer := f.out
	f.out = &block{}
	var params []string
	exprs := []ast.Expr{s.Key, s.Value}
	// A body must not be called while it runs, after it ended the loop, or after the loop.
	f.emit("if %s != 0 { rt.BadYield(%d, %s) }", fr.state, f.site(s.For), fr.state)
	f.emit("%s = 1", fr.state)
	for i := range yield.Params().Len() {
		name := f.fresh("a")
		t := yield.Params().At(i).Type()
		params = append(params, name+" "+f.l.typ(t))
		f.bindRange(s, exprs[i], val{text: name, typ: t})
	}
	f.stmts(s.Body.List)
	f.emit("%s = 0", fr.state)
	f.emit("return true")
	body := f.out
	f.out = outer
	f.pop()
	head := fmt.Sprintf("func(%s) bool", strings.Join(params, ", "))
	name := f.fresh("body")
	f.emit("%s := func() %s { return %s {", name, head, head)
	f.include(body)
	f.emit("} }()")
	f.emit("%s(%s)", seq.text, name)
	f.emit("if %s == 1 { rt.BadYield(%d, 4) }", fr.state, f.site(s.For))
	f.emit("%s = 3", fr.state)
	for _, x := range fr.exits {
		if x.leave == nil {
			continue
		}
		f.emit("if %s == %d {", fr.code, x.code)
		x.leave()
		f.emit("}")
	}
}
