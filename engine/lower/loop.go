package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// fresh copies: a variable that nothing captures and whose address nobody takes may be one for the whole loop.
func (f *fn) needsCopies(vars []*types.Var) bool {
	for _, v := range vars {
		if f.top.use.escapes[v] {
			return true
		}
	}
	return false
}

func (f *fn) forStmt(s *ast.ForStmt, label string) {
	fr := f.push(&frame{kind: loopFrame, label: label, next: f.fresh("next"), end: f.fresh("end")})
	vars := f.loopVars(s)
	if s.Init != nil {
		f.emit("{")
		f.stmt(s.Init)
	}
	if len(vars) > 0 && f.needsCopies(vars) && f.perIteration(s.Pos()) {
		f.copyingLoop(s, fr, vars)
	} else {
		f.plainLoop(s, fr)
	}
	if s.Init != nil {
		if fr.usesEnd {
			f.emit("%s:", fr.end)
			fr.usesEnd = false
		}
		f.emit("}")
	}
	f.pop()
	f.endLabel(fr)
}

// perIteration reports whether the language version of the file at hand has loop variables per iteration.
func (f *fn) perIteration(pos token.Pos) bool {
	for file := range f.pkg.SharedLoopVars {
		if file.FileStart <= pos && pos < file.FileEnd {
			return false
		}
	}
	return true
}

// loopVars returns the variables that the init statement of a loop declares.
func (f *fn) loopVars(s *ast.ForStmt) []*types.Var {
	init, ok := s.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE {
		return nil
	}
	var vars []*types.Var
	for _, lhs := range init.Lhs {
		if v, ok := f.pkg.Info.Defs[lhs.(*ast.Ident)].(*types.Var); ok && v.Name() != "_" {
			vars = append(vars, v)
		}
	}
	return vars
}

// plainLoop is a loop whose variables are the same in all iterations.
func (f *fn) plainLoop(s *ast.ForStmt, fr *frame) {
	cond, hoisted := "", &block{}
	if s.Cond != nil {
		cond, hoisted = f.aside(func() string { return f.expr(s.Cond).text })
	}
	var post *block
	if s.Post != nil {
		_, post = f.aside(func() string { f.stmt(s.Post); return "" })
	}
	if len(hoisted.lines) == 0 && cond != "" && post == nil {
		fr.plainContinue = true
		f.emit("for %s {", cond)
		f.loopEnd(s, fr)
		return
	}
	if len(hoisted.lines) == 0 && post != nil && cond != "" {
		if text, ok := f.simplePost(s.Post, post); ok {
			fr.plainContinue = true
			f.emit("for ; %s; %s {", cond, text)
			f.loopEnd(s, fr)
			return
		}
	}
	fr.plainContinue = post == nil
	f.emit("for {")
	f.include(hoisted)
	if cond != "" {
		f.emit("if !%s { break }", parens(cond))
	}
	f.stmts(s.Body.List)
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
	if post != nil {
		f.include(post)
	}
	f.emit("}")
}

// loopEnd translates the body of a loop whose head is written.
func (f *fn) loopEnd(s *ast.ForStmt, fr *frame) {
	f.withBound(s, func() { f.stmts(s.Body.List) })
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
	f.emit("}")
}

// simplePost returns the post statement as text where it is one line.
func (f *fn) simplePost(s ast.Stmt, b *block) (string, bool) {
	lines := b.lines
	if len(lines) > 0 && len(lines[0]) > 2 && lines[0][:2] == "//" {
		lines = lines[1:]
	}
	switch s.(type) {
	case *ast.IncDecStmt, *ast.AssignStmt:
		if len(lines) == 1 {
			return lines[0], true
		}
	}
	return "", false
}

// copyingLoop gives each iteration variables of its own: they start with what those of the one before ended with, to which
// the post statement is applied.
func (f *fn) copyingLoop(s *ast.ForStmt, fr *frame, vars []*types.Var) {
	carried := make([]string, len(vars))
	for i, v := range vars {
		carried[i] = f.temp(f.sub.typ(v.Type()), f.name(v))
	}
	first := ""
	if s.Post != nil {
		first = f.fresh("first")
		f.emit("%s := true", first)
	}
	f.emit("for {")
	for i, v := range vars {
		name := f.fresh(sanitized(v.Name()) + "_")
		f.top.names[v] = name
		f.emit("var %s %s = %s", name, f.l.typ(f.sub.typ(v.Type())), carried[i])
	}
	if s.Post != nil {
		f.emit("if !%s {", first)
		f.stmt(s.Post)
		f.emit("}")
		f.emit("%s = false", first)
	}
	if s.Cond != nil {
		f.emit("if !%s { break }", parens(f.expr(s.Cond).text))
	}
	f.stmts(s.Body.List)
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
	for i, v := range vars {
		f.emit("%s = %s", carried[i], f.name(v))
	}
	f.emit("}")
}

// aside translates into a block of its own.
func (f *fn) aside(translate func() string) (string, *block) {
	outer := f.out
	f.out = &block{}
	text := translate()
	b := f.out
	f.out = outer
	return text, b
}

// include adds the lines of a block.
func (f *fn) include(b *block) { f.out.lines = append(f.out.lines, b.lines...) }
