package fuzz

import (
	"fmt"
	"strings"
)

// expr returns an expression of a type: one without effects, that does not panic, and that is no constant.
func (g *generator) expr(t *typ, depth int) string {
	if depth > 0 && g.chance(70) {
		if e := g.operation(t, depth-1); e != "" {
			return e
		}
	}
	if names := g.readable(t); len(names) > 0 && g.chance(75) {
		return pick(g, names)
	}
	return g.value(t, depth)
}

// readable are the variables in scope, and fields of them, that have a type.
func (g *generator) readable(t *typ) []string {
	var names []string
	for _, v := range g.vars {
		if v.typ.same(t) {
			names = append(names, v.name)
		}
		if v.typ.kind == structure {
			for _, f := range v.typ.fields {
				if f.typ.same(t) {
					names = append(names, v.name+"."+f.name)
				}
			}
		}
	}
	return names
}

// value returns a value of a type that needs no variables.
func (g *generator) value(t *typ, depth int) string {
	switch t.kind {
	case integer:
		if g.chance(20) {
			return fmt.Sprintf("id(%s(%s))", t.src, t.highest())
		}
		if !t.unsigned && g.chance(30) {
			return fmt.Sprintf("id(%s(-%d))", t.src, g.n(128))
		}
		return fmt.Sprintf("id(%s(%d))", t.src, g.n(128))
	case float:
		return fmt.Sprintf("id(%s(%d.%d))", t.src, g.n(50)-25, g.n(4)*25)
	case text:
		return fmt.Sprintf("id(%s(%q))", t.src, pick(g, []string{"", "a", "bc", "déf", "日本", "x y\n", "0"}))
	case boolean:
		return fmt.Sprintf("id(%s(%t))", t.src, g.chance(50))
	case anything:
		return "any(" + g.expr(g.plain(1), max(depth-1, 0)) + ")"
	case shaper:
		return fmt.Sprintf("%s(%s)", t.src, g.expr(g.owned(), max(depth-1, 0)))
	case pointer:
		return "&" + g.composite(t.elem, depth)
	default:
		return g.composite(t, depth)
	}
}

// composite returns a composite literal.
func (g *generator) composite(t *typ, depth int) string {
	depth = max(depth-1, 0)
	var parts []string
	switch t.kind {
	case structure:
		keyed := g.chance(50)
		for _, f := range t.fields {
			if keyed && g.chance(30) {
				continue
			}
			e := g.expr(f.typ, depth)
			if keyed {
				e = f.name + ": " + e
			}
			parts = append(parts, e)
		}
	case list:
		for range g.n(4) {
			parts = append(parts, g.expr(t.elem, depth))
		}
	case array:
		for range t.size {
			parts = append(parts, g.expr(t.elem, depth))
		}
	case table:
		for i := range g.n(3) {
			key := fmt.Sprint(i)
			if t.key.kind == text {
				key = fmt.Sprintf("%q", "k"+key)
			}
			parts = append(parts, key+": "+g.expr(t.elem, depth))
		}
	}
	return t.src + "{" + strings.Join(parts, ", ") + "}"
}

// operation returns an expression with an operator or a call; empty where it found none.
func (g *generator) operation(t *typ, depth int) string {
	switch t.kind {
	case integer:
		return g.arithmetic(t, depth)
	case float:
		switch g.n(3) {
		case 0:
			return fmt.Sprintf("%s(%s)", t.src, g.expr(g.smallInteger(), depth))
		default:
			return fmt.Sprintf("(%s %s %s)", g.expr(t, depth), pick(g, []string{"+", "-", "*"}), g.expr(t, depth))
		}
	case text:
		switch g.n(4) {
		case 0:
			return fmt.Sprintf("%s(fmt.Sprint(%s))", t.src, g.expr(g.plain(1), depth))
		case 1:
			return fmt.Sprintf("%s(strings.ToUpper(string(%s)))", t.src, g.expr(t, depth))
		default:
			return fmt.Sprintf("(%s + %s)", g.expr(t, depth), g.expr(t, depth))
		}
	case boolean:
		return g.condition(t, depth)
	case list:
		switch g.n(3) {
		case 0:
			return fmt.Sprintf("append(%s[:0:0], %s)", g.operand(t, depth), g.expr(t.elem, depth))
		case 1:
			return fmt.Sprintf("keep(%s, func(x %s) bool { return %s > 1 })", g.expr(t, depth), t.elem.src, g.size("x", t.elem))
		default:
			return fmt.Sprintf("apply([]int{1, 2}, func(i int) %s { return %s })", t.elem.src, g.expr(t.elem, depth))
		}
	case structure:
		return fmt.Sprintf("id(%s)", g.expr(t, depth))
	}
	return ""
}

// operand returns an expression that can be sliced.
func (g *generator) operand(t *typ, depth int) string { return fmt.Sprintf("id(%s)", g.expr(t, depth)) }

func (g *generator) arithmetic(t *typ, depth int) string {
	switch g.n(12) {
	case 0:
		return fmt.Sprintf("(%s / (%s | 1))", g.expr(t, depth), g.expr(t, depth))
	case 1:
		return fmt.Sprintf("(%s %% (%s | 1))", g.expr(t, depth), g.expr(t, depth))
	case 2:
		return fmt.Sprintf("(%s %s (uint(%s) & %d))", g.expr(t, depth), pick(g, []string{"<<", ">>"}), g.expr(g.anyInteger(), depth), 7+g.n(64))
	case 3:
		return fmt.Sprintf("%s(%s)", t.src, g.expr(g.anyInteger(), depth))
	case 4:
		of := g.plain(1)
		return fmt.Sprintf("%s(%s)", t.src, g.size(g.operand(of, depth), of))
	case 5:
		return fmt.Sprintf("%s%s", pick(g, []string{"-", "^", "+"}), g.expr(t, 0))
	case 6:
		return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"min", "max", "largest"}), g.expr(t, depth), g.expr(t, depth))
	case 7:
		other := g.owned()
		return fmt.Sprintf("%s((%s).measure(%d))", t.src, g.expr(other, depth), g.n(9))
	default:
		return fmt.Sprintf("(%s %s %s)", g.expr(t, depth), pick(g, []string{"+", "-", "*", "&", "|", "^", "&^"}), g.expr(t, depth))
	}
}

func (g *generator) condition(t *typ, depth int) string {
	of := g.plain(1)
	switch g.n(5) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.expr(t, depth), pick(g, []string{"&&", "||"}), g.expr(t, depth))
	case 1:
		return "!" + g.expr(t, 0)
	case 2:
		if of.comparable() {
			return fmt.Sprintf("%s(id(%s) == %s)", t.src, g.operand(of, depth), g.operand(of, depth))
		}
	case 3:
		return fmt.Sprintf("%s(any(%s) == any(%s))", t.src, g.expr(pick(g, g.basic), depth), g.expr(pick(g, g.basic), depth))
	}
	ordered := pick(g, g.basic[:12])
	return fmt.Sprintf("%s(%s %s %s)", t.src, g.expr(ordered, depth), pick(g, []string{"<", "<=", ">", ">=", "!="}), g.expr(ordered, depth))
}

func (g *generator) anyInteger() *typ { return pick(g, g.basic[:10]) }

// smallInteger returns an integer type whose values a float64 holds.
func (g *generator) smallInteger() *typ {
	return pick(g, []*typ{basicTypes[1], basicTypes[2], basicTypes[3], basicTypes[6]})
}
