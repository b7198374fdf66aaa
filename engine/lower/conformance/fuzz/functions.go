package fuzz

import (
	"fmt"
	"strings"
)

// globals declares variables of the package, at times in an order in which they are not initialised.
func (g *generator) globals() {
	var later []string
	for range g.n(3) {
		t := g.plain(2)
		v := variable{name: g.global("v"), typ: t}
		later = append(later, fmt.Sprintf("var %s %s = %s\n", v.name, t.src, g.expr(t, 2)))
		g.vars = append(g.vars, v)
	}
	for i := range later {
		g.line("%s", later[len(later)-1-i])
	}
}

// function declares a function of the package, which may be called as a statement.
func (g *generator) function() {
	f := function{name: g.global("f")}
	vars := len(g.vars)
	var params []string
	for range g.n(4) {
		p := variable{name: g.name("a"), typ: g.plain(1)}
		g.vars = append(g.vars, p)
		f.params = append(f.params, p.typ)
		params = append(params, p.name+" "+p.typ.src)
	}
	results, named := g.resultList(&f)
	g.block(fmt.Sprintf("func %s(%s) %s {", f.name, strings.Join(params, ", "), results), "\n", func() {
		g.body(f.results, named, 6)
	})
	g.vars = g.vars[:vars]
	g.funcs = append(g.funcs, f)
}

// resultList chooses the results of a function. Where they are named, the variables are in scope in its body.
func (g *generator) resultList(f *function) (list string, named bool) {
	named = g.chance(50)
	var parts []string
	for range 1 + g.n(2) {
		t := g.plain(1)
		f.results = append(f.results, t)
		if named {
			v := variable{name: g.name("r"), typ: t}
			g.vars = append(g.vars, v)
			parts = append(parts, v.name+" "+t.src)
		} else {
			parts = append(parts, t.src)
		}
	}
	return "(" + strings.Join(parts, ", ") + ")", named
}

// body writes the statements of a function. Named results may be changed by a deferred function, also after a panic.
func (g *generator) body(results []*typ, named bool, budget int) {
	outerResults, outerBudget, outerLoops, outerLabels := g.results, g.budget, g.loops, g.labels
	g.results, g.budget, g.loops, g.labels = results, budget, 0, nil
	if named && g.chance(40) {
		g.block("defer func() {", "()", func() {
			if g.chance(70) {
				g.line(`fmt.Println("recovered", recover())`)
			}
			g.assignment()
		})
	}
	g.statements()
	g.line("return %s", g.returned())
	g.results, g.budget, g.loops, g.labels = outerResults, outerBudget, outerLoops, outerLabels
}

// returned are expressions for the results of the function around.
func (g *generator) returned() string {
	parts := make([]string, len(g.results))
	for i, t := range g.results {
		parts[i] = g.expr(t, 2)
	}
	return strings.Join(parts, ", ")
}

// main writes the function that runs.
func (g *generator) main() {
	g.block(fmt.Sprintf("func p%d() {", g.seed), "\n", func() {
		for range 3 {
			g.declaration()
		}
		g.budget = 25
		for g.budget > 0 {
			g.statement()
		}
		for _, v := range g.vars {
			g.print(v)
		}
	})
}

// call calls one of the functions, and puts what it returns into new variables.
func (g *generator) call() {
	if len(g.funcs) == 0 || g.loops > 1 {
		g.declaration()
		return
	}
	f := pick(g, g.funcs)
	args := make([]string, len(f.params))
	for i, p := range f.params {
		args[i] = g.expr(p, 1)
	}
	expr := fmt.Sprintf("%s(%s)", f.name, strings.Join(args, ", "))
	if g.chance(15) {
		g.line("defer %s", expr)
		return
	}
	g.bind(f.results, expr)
}

// bind declares variables for the results of a call.
func (g *generator) bind(results []*typ, call string) {
	var names []string
	for _, t := range results {
		v := variable{name: g.name("x"), typ: t}
		names = append(names, v.name)
		g.vars = append(g.vars, v)
	}
	g.line("%s := %s", strings.Join(names, ", "), call)
	for _, name := range names {
		g.line("_ = %s", name)
	}
}

// closure makes a function literal over what is in scope, and calls it, at once or later.
func (g *generator) closure() {
	f := function{name: g.name("c")}
	vars := len(g.vars)
	p := variable{name: g.name("a"), typ: g.plain(1)}
	f.params = []*typ{p.typ}
	g.vars = append(g.vars, p)
	results, named := g.resultList(&f)
	g.block(fmt.Sprintf("%s := func(%s %s) %s {", f.name, p.name, p.typ.src, results), "", func() {
		funcs := g.funcs
		g.funcs = nil // those that call one another would take long
		g.body(f.results, named, 3)
		g.funcs = funcs
	})
	g.vars = g.vars[:vars]
	g.bind(f.results, fmt.Sprintf("%s(%s)", f.name, g.expr(p.typ, 1)))
	if g.chance(50) {
		g.bind(f.results, fmt.Sprintf("%s(%s)", f.name, g.expr(p.typ, 1)))
	}
}

// collected makes closures in a loop and calls them after it.
func (g *generator) collected() {
	list, i := g.name("fs"), g.name("i")
	t := g.plain(1)
	g.line("var %s []func() %s", list, t.src)
	g.loops++
	g.block(fmt.Sprintf(pick(g, []string{"for %s := 0; %[1]s < %d; %[1]s++ {", "for %s := range %d {"}), i, 2+g.n(2)), "", func() {
		g.vars = append(g.vars, variable{name: i, typ: intType, fixed: true})
		if g.chance(40) {
			g.declaration()
		}
		g.block(fmt.Sprintf("%s = append(%s, func() %s {", list, list, t.src), ")", func() {
			if g.chance(30) {
				g.line("%s += 10", i)
			}
			g.line("_ = %s", i)
			g.line("return %s", g.expr(t, 2))
		})
	})
	g.loops--
	f := g.name("f")
	g.block(fmt.Sprintf("for _, %s := range %s {", f, list), "", func() {
		g.line("fmt.Println(%s())", f)
	})
}

// deferred defers a call whose arguments are evaluated at once.
func (g *generator) deferred() {
	if g.chance(50) {
		t := g.plain(1)
		g.block(fmt.Sprintf("defer func(x %s) {", t.src), fmt.Sprintf("(%s)", g.expr(t, 1)), func() {
			g.line(`fmt.Println("deferred", x)`)
		})
		return
	}
	t := g.plain(1)
	g.line(`defer fmt.Println("deferred", %s)`, g.expr(t, 1))
}

// panicking does something that may panic, and recovers.
func (g *generator) panicking() {
	g.block("func() {", "()", func() {
		g.line(`defer func() { fmt.Println("recovered:", recover()) }()`)
		switch g.n(6) {
		case 0:
			g.line("fmt.Println(%s / (%s & 1))", g.expr(intType, 1), g.expr(intType, 1))
		case 1:
			g.line("fmt.Println([]int{1, 2, 3}[%s & 3])", g.expr(intType, 1))
		case 2:
			g.line("fmt.Println(any(%s).(%s))", g.expr(g.plain(1), 1), g.plain(1).src)
		case 3:
			g.line("panic(%s)", g.expr(pick(g, []*typ{stringType, intType, boolType, basicTypes[11]}), 1))
		case 4:
			g.line("panic(fmt.Errorf(\"wrapped: %%w\", errors.New(%s)))", g.expr(stringType, 1))
		default:
			t := pick(g, g.structs)
			g.line("var p *%s", t.src)
			g.line("if %s { p = new(%s) }", g.expr(boolType, 1), t.src)
			g.line("fmt.Println(p.%s)", t.fields[0].name)
		}
	})
}
