package fuzz

import (
	"fmt"
	"slices"
)

type kind int

const (
	integer kind = iota
	float
	text
	boolean
	structure
	list
	array
	table
	pointer
	anything // any
	shaper   // the interface of the program
)

// typ is a type of a program.
type typ struct {
	kind kind
	src  string
	// bits is the size of an integer, unsigned says that it has no sign.
	bits     int
	unsigned bool
	// named types have methods.
	named  bool
	elem   *typ
	key    *typ
	size   int
	fields []field
}

type field struct {
	name string
	typ  *typ
}

var basicTypes = []*typ{
	{kind: integer, src: "int", bits: 64},
	{kind: integer, src: "int8", bits: 8},
	{kind: integer, src: "int16", bits: 16},
	{kind: integer, src: "int32", bits: 32},
	{kind: integer, src: "int64", bits: 64},
	{kind: integer, src: "uint", bits: 64, unsigned: true},
	{kind: integer, src: "uint8", bits: 8, unsigned: true},
	{kind: integer, src: "uint16", bits: 16, unsigned: true},
	{kind: integer, src: "uint32", bits: 32, unsigned: true},
	{kind: integer, src: "uint64", bits: 64, unsigned: true},
	{kind: float, src: "float64"},
	{kind: text, src: "string"},
	{kind: boolean, src: "bool"},
}

var (
	intType    = basicTypes[0]
	stringType = basicTypes[11]
	boolType   = basicTypes[12]
	anyType    = &typ{kind: anything, src: "any"}
)

// types declares the named types of a program, with their methods, and an interface that they implement.
func (g *generator) types() {
	g.basic = basicTypes
	g.line("type shape_%d interface { measure(n int) int }\n", g.seed)
	for range 1 + g.n(2) {
		under := *pick(g, g.basic[:12])
		t := under
		t.src, t.named = g.global("N"), true
		g.line("type %s %s\n", t.src, under.src)
		g.named = append(g.named, &t)
		g.methods(&t)
	}
	for range 1 + g.n(3) {
		t := &typ{kind: structure, src: g.global("S"), named: true}
		g.block("type "+t.src+" struct {", "\n", func() {
			if len(g.structs) > 0 && g.chance(50) {
				embedded := pick(g, g.structs)
				t.fields = append(t.fields, field{embedded.src, embedded})
				g.line("%s", embedded.src)
			}
			for range 1 + g.n(3) {
				f := field{g.name(pick(g, []string{"F", "f"})), g.plain(2)}
				t.fields = append(t.fields, f)
				g.line("%s %s", f.name, f.typ.src)
			}
		})
		g.structs = append(g.structs, t)
		g.methods(t)
	}
}

// methods declares the methods of a type: measure, touch on its pointer, and at times String.
func (g *generator) methods(t *typ) {
	g.block(fmt.Sprintf("func (x %s) measure(n int) int {", t.src), "\n", func() {
		g.line("return n + %d + %s", g.n(100), g.size("x", t))
	})
	g.block(fmt.Sprintf("func (x *%s) touch() {", t.src), "\n", func() {
		g.vars = append(g.vars, variable{name: "(*x)", typ: t})
		g.budget = 2
		g.assignment()
	})
	if g.chance(40) {
		g.block(fmt.Sprintf("func (x %s) String() string {", t.src), "\n", func() {
			g.line("return %q + fmt.Sprint(%s)", t.src[:1]+":", g.size("x", t))
		})
	}
}

// size is an int that tells values of a type from some others.
func (g *generator) size(x string, t *typ) string {
	switch t.kind {
	case integer:
		return "int(" + x + ")"
	case text, list, table:
		return "len(" + x + ")"
	case array:
		return g.size(x+"[0]", t.elem)
	case structure:
		f := t.fields[len(t.fields)-1]
		return g.size(x+"."+f.name, f.typ)
	case float, boolean: // without the methods of the type, which may call this
		under := map[kind]string{float: "float64", boolean: "bool"}[t.kind]
		return "len(fmt.Sprint(" + under + "(" + x + ")))"
	default:
		return "len(fmt.Sprint(" + x + "))"
	}
}

// plain returns a type whose values can be printed.
func (g *generator) plain(depth int) *typ {
	if depth == 0 || g.chance(45) {
		return pick(g, g.basic)
	}
	switch g.n(7) {
	case 0:
		elem := g.plain(depth - 1)
		return &typ{kind: list, src: "[]" + elem.src, elem: elem}
	case 1:
		elem := g.plain(depth - 1)
		size := 1 + g.n(3)
		return &typ{kind: array, src: fmt.Sprintf("[%d]%s", size, elem.src), elem: elem, size: size}
	case 2:
		key, elem := g.ordered(), g.plain(depth-1)
		return &typ{kind: table, src: "map[" + key.src + "]" + elem.src, key: key, elem: elem}
	case 3:
		return anyType
	case 4, 5:
		if len(g.structs) > 0 {
			return pick(g, g.structs)
		}
	}
	if len(g.named) > 0 {
		return pick(g, g.named)
	}
	return pick(g, g.basic)
}

// owned returns one of the program's types, which have methods.
func (g *generator) owned() *typ { return pick(g, slices.Concat(g.named, g.structs)) }

// ordered returns a type whose values can be sorted.
func (g *generator) ordered() *typ {
	if len(g.named) > 0 && g.chance(30) {
		if t := pick(g, g.named); t.kind == integer || t.kind == text {
			return t
		}
	}
	return pick(g, []*typ{intType, stringType, basicTypes[6], basicTypes[3]})
}

// comparable reports whether == is defined for values of a type, and does not panic.
func (t *typ) comparable() bool {
	switch t.kind {
	case list, table, anything, shaper:
		return false
	case array:
		return t.elem.comparable()
	case structure:
		for _, f := range t.fields {
			if !f.typ.comparable() {
				return false
			}
		}
	}
	return true
}

// same reports whether two types are identical.
func (t *typ) same(u *typ) bool { return t.src == u.src }

// highest is the greatest value of an integer type, as a constant.
func (t *typ) highest() string {
	bits := t.bits
	if !t.unsigned {
		bits--
	}
	return "1<<" + fmt.Sprint(bits) + "-1"
}
