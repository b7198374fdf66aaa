// Package fuzz makes small random Go programs, for the comparison of what runs them with compiled Go.
//
//	src := fuzz.Batch([]uint64{1, 2, 3})
//
// The programs are valid by construction, end, and print the same in every run: nothing in them depends on the order of
// maps, on addresses, on time, or on an order of evaluation that the language leaves open.
package fuzz

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Batch returns a package main that runs the programs of some seeds, one after the other. What each prints follows on a
// line that Marker makes.
func Batch(seeds []uint64) []byte {
	var b strings.Builder
	b.WriteString(head)
	for _, seed := range seeds {
		b.WriteString(program(seed))
	}
	b.WriteString("func main() {\n")
	for _, seed := range seeds {
		fmt.Fprintf(&b, "\tfmt.Println(%q)\n\tguard(p%d)\n", Marker(seed), seed)
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

// Marker is the line before the output of a seed's program.
func Marker(seed uint64) string { return fmt.Sprintf("== %d", seed) }

// program returns the declarations of a seed's program. All their names end in the seed; what runs is the function p.
func program(seed uint64) string {
	g := &generator{seed: seed, rand: rand.New(rand.NewPCG(seed, 0))}
	g.types()
	g.globals()
	for range 1 + g.n(3) {
		g.function()
	}
	g.main()
	return g.out.String()
}

// generator makes one program.
type generator struct {
	seed uint64
	rand *rand.Rand
	out  strings.Builder
	// indent is the depth of blocks, names counts names.
	indent, names int
	// basic, named and structs are the types to choose from, plain all of them whose values can be printed and compared.
	basic, named, structs []*typ
	// vars are those in scope, the innermost last.
	vars  []variable
	funcs []function
	// loops counts the loops around, labels are theirs; results are those of the function around.
	loops   int
	labels  []string
	results []*typ
	// budget bounds the statements of a function.
	budget int
}

// variable is one in scope.
type variable struct {
	name string
	typ  *typ
	// fixed variables are not assigned to: those that a loop counts with.
	fixed bool
}

// function is one that may be called as a statement.
type function struct {
	name    string
	params  []*typ
	results []*typ
}

func (g *generator) n(n int) int { return g.rand.IntN(n) }

// chance is true p times in a hundred.
func (g *generator) chance(p int) bool { return g.n(100) < p }

// pick chooses one of some things.
func pick[T any](g *generator, of []T) T { return of[g.n(len(of))] }

// name makes a new name.
func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// global makes a new name that no other program of a batch has.
func (g *generator) global(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d_%d", prefix, g.names, g.seed)
}

// line writes a line.
func (g *generator) line(format string, args ...any) {
	g.out.WriteString(strings.Repeat("\t", g.indent))
	fmt.Fprintf(&g.out, format, args...)
	g.out.WriteByte('\n')
}

// block writes what body writes as a block after a head that ends in an opening brace; tail follows on the closing one.
func (g *generator) block(head, tail string, body func()) {
	g.line("%s", head)
	vars := len(g.vars)
	g.indent++
	body()
	g.indent--
	g.vars = g.vars[:vars]
	g.line("}%s", tail)
}
