package fuzz

import "fmt"

func (g *generator) switchStatement() {
	t := pick(g, []*typ{intType, basicTypes[6], stringType})
	g.line("switch x := %s; {", g.expr(t, 2))
	for i := range 2 + g.n(2) {
		g.line("case x %s %s:", pick(g, []string{"==", "<", ">"}), g.expr(t, 1))
		g.reopenCase(g.inner)
		if i == 0 && g.chance(30) {
			g.line("\tfallthrough")
		}
	}
	g.line("default:")
	g.reopenCase(g.inner)
	g.line("}")
	if !g.chance(40) {
		return
	}
	g.line("switch %s {", g.expr(intType, 1))
	g.line("case %d, %d:", g.n(5), 5+g.n(5))
	g.reopenCase(g.inner)
	g.line("case %s:", g.expr(intType, 1))
	g.reopenCase(g.inner)
	g.line("}")
}

// reopenCase writes the statements of a case.
func (g *generator) reopenCase(body func()) {
	vars := len(g.vars)
	g.indent++
	body()
	g.indent--
	g.vars = g.vars[:vars]
}

// typeSwitch looks into an interface.
func (g *generator) typeSwitch() {
	x := g.name("t")
	g.line("switch %s := any(%s).(type) {", x, g.expr(g.plain(1), 1))
	seen := map[string]bool{"any": true}
	for range 2 + g.n(3) {
		t := g.plain(1)
		if seen[t.src] {
			continue
		}
		seen[t.src] = true
		g.line("case %s:", t.src)
		g.reopenCase(func() {
			g.line("_ = %s", x)
			g.vars = append(g.vars, variable{name: x, typ: t})
			g.inner()
		})
	}
	switch g.n(3) {
	case 0:
		g.line("case interface{ measure(int) int }:")
		g.line("\tfmt.Println(\"measures\", %s.measure(1))", x)
	case 1:
		g.line("case fmt.Stringer:")
		g.line("\tfmt.Println(\"stringer\", %s.String())", x)
	}
	g.line("default:")
	g.line("\tfmt.Printf(\"%%T\\n\", %s)", x)
	g.line("}")
}

// methodCall calls methods: directly, as values and as expressions, through an interface, on pointers.
func (g *generator) methodCall() {
	t := g.owned()
	v := variable{name: g.name("x"), typ: t}
	g.line("%s := %s", v.name, g.expr(t, 1))
	g.vars = append(g.vars, v)
	switch g.n(5) {
	case 0:
		g.line("%s.touch()", v.name)
	case 1:
		f := g.name("m")
		g.line("%s := %s.measure", f, v.name)
		g.line("%s.touch()", v.name)
		g.line("fmt.Println(%s(1), %s.measure(1))", f, v.name)
	case 2:
		g.line("fmt.Println(%s.measure(%s, 2))", t.src, v.name)
		g.line("(*%s).touch(&%s)", t.src, v.name)
	case 3:
		s := g.name("s")
		g.line("var %s shape_%d = %s", s, g.seed, pick(g, []string{"&", ""})+v.name)
		g.line("%s.touch()", v.name)
		g.line("fmt.Println(%s.measure(1))", s)
	default:
		p := g.name("p")
		g.line("%s := &%s", p, v.name)
		g.line("defer %s.touch()", p)
		g.line("fmt.Println(%s.measure(3))", p)
	}
	g.print(v)
}

// containers changes slices and maps, and shares them.
func (g *generator) containers() {
	elem := g.plain(1)
	t := &typ{kind: list, src: "[]" + elem.src, elem: elem}
	a, b := variable{name: g.name("x"), typ: t}, variable{name: g.name("x"), typ: t}
	switch g.n(4) {
	case 0:
		g.line("%s := append(%s, %s, %s)", a.name, g.composite(t, 1), g.expr(elem, 1), g.expr(elem, 1))
		g.line("%s := %s[1:2:2]", b.name, a.name)
		g.line("%s[0] = %s", b.name, g.expr(elem, 1))
		g.line("%s = append(%[1]s, %s)", b.name, g.expr(elem, 1))
		g.vars = append(g.vars, a, b)
		g.print(b)
	case 1:
		g.line("%s := make([]%s, 2, 4)", a.name, elem.src)
		g.line("fmt.Println(copy(%s, %s), cap(%[1]s))", a.name, g.composite(t, 1))
		if g.chance(30) {
			g.line("clear(%s)", a.name)
		}
		g.vars = append(g.vars, a)
	default:
		key := g.ordered()
		m := variable{name: g.name("x"), typ: &typ{kind: table, src: "map[" + key.src + "]" + elem.src, key: key, elem: elem}}
		g.line("%s := %s", m.name, g.composite(m.typ, 1))
		g.line("%s[%s] = %s", m.name, g.expr(key, 1), g.expr(elem, 1))
		if elem.kind == integer {
			g.line("%s[%s] += 3", m.name, g.expr(key, 1))
		}
		g.line("delete(%s, %s)", m.name, g.expr(key, 1))
		v := variable{name: g.name("x"), typ: elem}
		g.line("%s, ok := %s[%s]", v.name+"_"+m.name, m.name, g.expr(key, 1))
		g.line("fmt.Println(%s, ok, len(%s))", v.name+"_"+m.name, m.name)
		g.vars = append(g.vars, m)
	}
	g.print(g.vars[len(g.vars)-1])
}

// pointers changes a value through pointers to it.
func (g *generator) pointers() {
	t := pick(g, g.structs)
	v, p := variable{name: g.name("x"), typ: t}, g.name("p")
	g.line("%s := %s", v.name, g.expr(t, 1))
	g.line("%s := &%s", p, v.name)
	f := pick(g, t.fields)
	g.line("%s.%s = %s", p, f.name, g.expr(f.typ, 1))
	q := g.name("q")
	g.line("%s := &%s.%s", q, p, f.name)
	g.line("*%s = %s", q, g.expr(f.typ, 1))
	g.line("fmt.Println(%s == &%s, *%s)", p, v.name, q)
	g.vars = append(g.vars, v)
	g.print(v)
}

// channels sends values through channels, from goroutines, and selects.
func (g *generator) channels() {
	t := g.plain(1)
	ch := g.name("ch")
	v := variable{name: g.name("x"), typ: t}
	switch g.n(3) {
	case 0:
		g.line("%s := make(chan %s, 2)", ch, t.src)
		g.line("%s <- %s", ch, g.expr(t, 1))
		g.line("close(%s)", ch)
		g.line("%s, open := <-%s", v.name+ch, ch)
		g.line("fmt.Println(%s, open)", v.name+ch)
		g.line("%s := <-%s", v.name, ch)
	case 1:
		g.line("%s := make(chan %s)", ch, t.src)
		g.block(fmt.Sprintf("go func(n int, x %s) {", t.src), fmt.Sprintf("(%d, %s)", 1+g.n(3), g.expr(t, 1)), func() {
			g.line("defer close(%s)", ch)
			g.block("for range n {", "", func() { g.line("%s <- x", ch) })
		})
		g.line("var %s %s", v.name, t.src)
		g.block(fmt.Sprintf("for x := range %s {", ch), "", func() { g.line("%s = x", v.name) })
	default:
		g.line("%s, none := make(chan %s, 1), chan int(nil)", ch, t.src)
		g.line("%s <- %s", ch, g.expr(t, 1))
		g.line("var %s %s", v.name, t.src)
		g.line("select {")
		g.line("case x, ok := <-%s:", ch)
		g.line("\tfmt.Println(ok)")
		g.line("\t%s = x", v.name)
		g.line("case n := <-none:")
		g.line("\tfmt.Println(n)")
		g.line("}")
		g.line("select {")
		g.line("case <-%s:", ch)
		g.line("default:")
		g.line("\tfmt.Println(\"empty\")")
		g.line("}")
	}
	g.line("_ = %s", v.name)
	g.vars = append(g.vars, v)
	g.print(v)
}

// iterators ranges over functions.
func (g *generator) iterators() {
	if g.loops > 2 {
		g.assignment()
		return
	}
	i := variable{name: g.name("i"), typ: intType, fixed: true}
	if g.chance(50) {
		g.loop(fmt.Sprintf("for %s := range upTo(%d) {", i.name, 1+g.n(4)), i)
		return
	}
	t := g.plain(1)
	s := g.name("s")
	v := variable{name: g.name("v"), typ: t}
	g.line("%s := stack[%s]{[]%[2]s{%s, %s}}", s, t.src, g.expr(t, 1), g.expr(t, 1))
	g.loop(fmt.Sprintf("for %s, %s := range %s.all {", i.name, v.name, s), i, v)
}

// generics uses generic types.
func (g *generator) generics() {
	t, u := g.plain(1), g.plain(1)
	if g.chance(50) {
		p := g.name("p")
		g.line("%s := pair[%s, %s]{%s, %s}", p, t.src, u.src, g.expr(t, 1), g.expr(u, 1))
		g.line(`fmt.Printf("%%v %%+v\n", %s, %[1]s.swap())`, p)
		v := variable{name: g.name("x"), typ: u}
		g.line("%s := %s.swap().First", v.name, p)
		g.vars = append(g.vars, v)
		g.print(v)
		return
	}
	s := g.name("s")
	g.line("var %s stack[%s]", s, t.src)
	g.line("%s.push(%s)", s, g.expr(t, 1))
	v := variable{name: g.name("x"), typ: t}
	g.line("%s, ok_%[1]s := %s.pop()", v.name, s)
	g.line("fmt.Println(ok_%s, len(%s.items))", v.name, s)
	g.vars = append(g.vars, v)
	list := &typ{kind: list, src: "[]" + t.src, elem: t}
	g.line("fmt.Println(fold(%s, 1, func(n int, x %s) int { return n*3 + %s }))", g.expr(list, 1), t.src, g.size("x", t))
	g.print(v)
}

// gotoLoop goes back a few times.
func (g *generator) gotoLoop() {
	n, label := g.name("n"), g.name("G")
	g.line("%s := 0", n)
	g.line("%s:", label)
	g.block(fmt.Sprintf("if %s < %d {", n, 1+g.n(3)), "", func() {
		g.vars = append(g.vars, variable{name: n, typ: intType, fixed: true})
		g.line("%s++", n)
		g.assignment()
		g.print(g.anyVar())
		g.line("goto %s", label)
	})
}
