package fuzz

import (
	"fmt"
	"strings"
)

// statements writes some statements, as many as the budget allows.
func (g *generator) statements() {
	for range 1 + g.n(4) {
		g.statement()
	}
}

// inner writes the statements of a block.
func (g *generator) inner() {
	if g.indent > 6 || g.budget <= 0 {
		g.print(g.anyVar())
		return
	}
	g.statements()
}

func (g *generator) statement() {
	g.budget--
	deep := g.indent > 5 || g.budget <= 0
	kinds := []func(){
		g.declaration, g.assignment, g.assignment, g.increment, func() { g.print(g.anyVar()) }, g.methodCall, g.swap, g.containers,
	}
	if !deep {
		kinds = append(kinds, g.ifStatement, g.forStatement, g.rangeStatement, g.switchStatement, g.typeSwitch, g.call, g.closure,
			g.collected, g.deferred, g.panicking, g.channels, g.iterators, g.generics, g.gotoLoop, g.pointers)
	}
	pick(g, kinds)()
	if g.loops > 0 && !deep && g.chance(10) {
		g.jump()
	}
}

// anyVar returns a variable in scope.
func (g *generator) anyVar() variable {
	if len(g.vars) == 0 {
		g.declaration()
	}
	return pick(g, g.vars)
}

// declaration declares a variable.
func (g *generator) declaration() {
	t := g.plain(2)
	v := variable{name: g.name("x"), typ: t}
	switch g.n(3) {
	case 0:
		g.line("var %s %s", v.name, t.src)
	case 1:
		g.line("var %s %s = %s", v.name, t.src, g.expr(t, 2))
	default:
		g.line("%s := %s", v.name, g.expr(t, 3))
	}
	g.line("_ = %s", v.name)
	g.vars = append(g.vars, v)
}

// target returns something that may be assigned to: a variable, or a part of it that is there.
func (g *generator) target() (string, *typ) {
	var of []variable
	for _, v := range g.vars {
		if !v.fixed {
			of = append(of, v)
		}
	}
	if len(of) == 0 {
		return "_", intType
	}
	v := pick(g, of)
	name, t := v.name, v.typ
	for g.chance(60) {
		switch t.kind {
		case structure:
			f := pick(g, t.fields)
			name, t = name+"."+f.name, f.typ
		case array:
			name, t = fmt.Sprintf("%s[%d]", name, g.n(t.size)), t.elem
		default:
			return name, t
		}
	}
	return name, t
}

func (g *generator) assignment() {
	name, t := g.target()
	if t.kind == integer && g.chance(30) && name != "_" {
		g.line("%s %s= %s", name, pick(g, []string{"+", "-", "*", "&", "|", "^", "&^"}), g.expr(t, 2))
		return
	}
	g.line("%s = %s", name, g.expr(t, 3))
}

func (g *generator) increment() {
	name, t := g.target()
	if t.kind != integer && t.kind != float || name == "_" {
		g.assignment()
		return
	}
	g.line("%s%s", name, pick(g, []string{"++", "--"}))
}

// swap assigns several values at once.
func (g *generator) swap() {
	a, b := g.anyVar(), g.anyVar()
	if a.fixed || b.fixed || a.name == b.name {
		g.assignment()
		return
	}
	g.line("%s, %s = %s, %s", a.name, b.name, g.expr(a.typ, 1), g.expr(b.typ, 1))
}

// print prints a value.
func (g *generator) print(v variable) {
	switch {
	case v.typ.kind == float:
		g.line("fmt.Println(%s)", v.name)
	case g.chance(15):
		g.line(`fmt.Printf("%%T %%d\n", %s, len(fmt.Sprint(%s)))`, v.name, v.name)
	default:
		g.line(`fmt.Printf("%s\n", %s)`, pick(g, []string{"%v", "%+v", "%#v", "%T %[1]v"}), v.name)
	}
}

func (g *generator) ifStatement() {
	g.block(fmt.Sprintf("if %s {", g.expr(boolType, 2)), "", g.inner)
	if g.chance(40) {
		g.block("if y := "+g.expr(intType, 2)+"; y > 3 {", " else {", func() { g.line("fmt.Println(y)") })
		g.reopen(func() { g.inner() })
	}
}

// reopen writes the rest of a block that the line before opened.
func (g *generator) reopen(body func()) {
	vars := len(g.vars)
	g.indent++
	body()
	g.indent--
	g.vars = g.vars[:vars]
	g.line("}")
}

// loop writes a loop, with a label where something in it jumps there.
func (g *generator) loop(head string, vars ...variable) {
	label := g.name("L")
	g.loops++
	g.labels = append(g.labels, label)
	before := g.out.String()
	g.out.Reset()
	g.block(head, "", func() {
		g.vars = append(g.vars, vars...)
		for _, v := range vars {
			g.line("_ = %s", v.name)
		}
		g.inner()
	})
	body := g.out.String()
	g.out.Reset()
	g.out.WriteString(before)
	if strings.Contains(body, " "+label+"\n") {
		g.line("%s:", label)
	}
	g.out.WriteString(body)
	g.labels = g.labels[:len(g.labels)-1]
	g.loops--
}

func (g *generator) forStatement() {
	if g.loops > 2 {
		g.assignment()
		return
	}
	i := variable{name: g.name("i"), typ: intType, fixed: true}
	g.loop(fmt.Sprintf("for %s := 0; %[1]s < %d; %[1]s++ {", i.name, 1+g.n(4)), i)
}

func (g *generator) rangeStatement() {
	if g.loops > 2 {
		g.assignment()
		return
	}
	k, v := variable{name: g.name("k"), typ: intType, fixed: true}, variable{name: g.name("v")}
	switch g.n(5) {
	case 0:
		t := pick(g, g.basic[:10])
		k.typ = t
		g.loop(fmt.Sprintf("for %s := range %s(%d) {", k.name, t.src, 1+g.n(4)), k)
	case 1:
		v.typ = basicTypes[3]
		g.loop(fmt.Sprintf("for %s, %s := range string(%s) + \"é!\" {", k.name, v.name, g.value(stringType, 0)), k, v)
	case 2:
		t := g.plain(1)
		v.typ = t
		g.loop(fmt.Sprintf("for %s, %s := range [...]%s{%s, %s} {", k.name, v.name, t.src, g.expr(t, 1), g.expr(t, 1)), k, v)
	case 3:
		elem, key := g.plain(1), g.ordered()
		m := g.name("m")
		g.line("%s := %s", m, g.composite(&typ{kind: table, src: "map[" + key.src + "]" + elem.src, key: key, elem: elem}, 1))
		k.typ, v.typ = key, elem
		g.loop(fmt.Sprintf("for _, %s := range keys(%s) {", k.name, m), k)
	default:
		t := g.plain(1)
		v.typ = t
		g.loop(fmt.Sprintf("for %s, %s := range append([]%s(nil), %s, %s) {", k.name, v.name, t.src, g.expr(t, 1), g.expr(t, 1)), k, v)
	}
}

// jump leaves a loop, goes on with the next turn, or returns.
func (g *generator) jump() {
	g.block(fmt.Sprintf("if %s {", g.expr(boolType, 1)), "", func() {
		switch {
		case len(g.results) > 0 && g.chance(25):
			g.line("return %s", g.returned())
		case g.chance(50):
			g.line("%s %s", pick(g, []string{"break", "continue"}), pick(g, g.labels))
		default:
			g.line("%s", pick(g, []string{"break", "continue"}))
		}
	})
}
