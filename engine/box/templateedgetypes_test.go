package box_test

import (
	"errors"
	"fmt"
	"strings"
)

type edgeName string

type edgeNames []edgeName

func (n edgeNames) String() string { return fmt.Sprint(len(n), " names") }

type edgeBoth struct{ N int }

func (b edgeBoth) String() string { return "string" }
func (b edgeBoth) Error() string  { return "error" }

type edgeFormat struct{ N int }

func (f edgeFormat) Format(s fmt.State, verb rune) { fmt.Fprintf(s, "<%c%d>", verb, f.N) }

type edgePointer struct{ N int }

func (p *edgePointer) String() string { return fmt.Sprint("pointer ", p.N) }

type edgeNilSafe struct{ N int }

func (n *edgeNilSafe) Count() int {
	if n == nil {
		return -1
	}
	return n.N
}

func (n *edgeNilSafe) Add(m int) *edgeNilSafe { return &edgeNilSafe{n.Count() + m} }

type edgeLeft struct{ Same, OnlyLeft int }

func (edgeLeft) Both() string { return "left" }

type edgeRight struct{ Same, OnlyRight int }

func (edgeRight) Both() string { return "right" }

type edgeAmbiguous struct {
	edgeLeft
	edgeRight
	Own int
}

type edgeAnimal interface{ Sound() string }

type edgeDog struct{ Name edgeName }

func (d edgeDog) Sound() string { return string(d.Name) + " barks" }

type edgeCat struct{ Name edgeName }

func (c *edgeCat) Sound() string { return string(c.Name) + " mews" }

type edgeHouse struct {
	edgeAnimal
	fmt.Stringer
	*strings.Reader
	error
	Rooms int
}

type edgeDeep struct{ edgeDeeper }

type edgeDeeper struct{ *edgeDeepest }

type edgeDeepest struct {
	Down edgeName
	Same int
}

func (d *edgeDeepest) Depth() int          { return 3 }
func (d edgeDeepest) Width(e edgeName) int { return len(d.Down) + len(e) }

type edgeCallback func(edgeName) string

func (c edgeCallback) Twice(n edgeName) string { return string(n) + string(n) }

type edgeLink *edgeDog

type edgeKeys map[edgeName]int

type edgeFloat float32

type edgeComplex complex128

type edgeBool bool

func (b edgeBool) Not() edgeBool { return !b }

type edgeUint uint8

type edgeGrid [2][2]edgeUint

type edgeChain struct{ n int }

func (c edgeChain) Plus(n int) edgeChain               { return edgeChain{c.n + n} }
func (c edgeChain) Value() int                         { return c.n }
func (c edgeChain) Fail(msg string) (edgeChain, error) { return c, errors.New(msg) }
func (c edgeChain) Sum(ns ...edgeUint) (t edgeUint) {
	for _, n := range ns {
		t += n
	}
	return t
}
func (c edgeChain) Pick(first edgeName, rest ...any) string { return fmt.Sprint(first, len(rest)) }
func (c edgeChain) Same(o edgeChain) bool                   { return c == o }
func (c edgeChain) Ptr(p *edgeDog) string                   { return string(p.Name) }
func (c edgeChain) Animal(a edgeAnimal) string              { return a.Sound() }
func (c edgeChain) Text(s fmt.Stringer) string              { return s.String() }
func (c edgeChain) Err(err error) string                    { return err.Error() }
func (c edgeChain) Bool(b edgeBool) bool                    { return bool(b) }
func (c edgeChain) Float(f edgeFloat) float64               { return float64(f) }
func (c edgeChain) Complex(z edgeComplex) float64           { return real(z) }
func (c edgeChain) Names(n edgeNames) int                   { return len(n) }
func (c edgeChain) Strings(s []string) int                  { return len(s) }

type edgeData struct {
	Names     edgeNames
	Both      edgeBoth
	BothP     *edgeBoth
	Format    edgeFormat
	FormatP   *edgeFormat
	Pointer   edgePointer
	PointerP  *edgePointer
	Pointers  []edgePointer
	Safe      *edgeNilSafe
	NilSafe   *edgeNilSafe
	Ambiguous edgeAmbiguous
	Dog       edgeAnimal
	Cat       edgeAnimal
	NilCat    edgeAnimal
	House     edgeHouse
	Deep      edgeDeep
	Shallow   edgeDeep
	Link      edgeLink
	Call      edgeCallback
	Calls     map[string]func(edgeUint, ...edgeName) (edgeName, error)
	Keys      edgeKeys
	Float     edgeFloat
	Complex   edgeComplex
	Bool      edgeBool
	Uint      edgeUint
	Grid      edgeGrid
	GridP     *edgeGrid
	Chain     edgeChain
	AnyP      *any
	Errs      []error
	Animals   map[string]edgeAnimal
	ByAny     map[any]edgeName
	Nested    map[edgeName]map[edgeUint][]edgeName
	Embedded  struct{ edgeLeft }
	Strings   []string
	Runes     []rune
	private   edgeName
}

func newEdgeData() *edgeData {
	d := &edgeData{
		Names: edgeNames{"a", "b"}, BothP: &edgeBoth{1}, FormatP: &edgeFormat{2}, PointerP: &edgePointer{3},
		Pointers: []edgePointer{{4}, {5}}, Safe: &edgeNilSafe{6}, Dog: edgeDog{"rex"}, Cat: &edgeCat{"tom"}, NilCat: (*edgeCat)(nil),
		House: edgeHouse{edgeAnimal: edgeDog{"max"}, Rooms: 2}, Deep: edgeDeep{edgeDeeper{&edgeDeepest{"down", 1}}},
		Link: &edgeDog{"link"}, Keys: edgeKeys{"k": 1, "j": 2}, Float: 1.5, Complex: 2i, Bool: true, Uint: 200,
		Grid: edgeGrid{{1, 2}, {3, 4}}, GridP: &edgeGrid{{5}}, Chain: edgeChain{1}, Errs: []error{edgeBoth{}, nil, errors.New("e")},
		Animals: map[string]edgeAnimal{"dog": edgeDog{"a"}, "cat": &edgeCat{"b"}, "none": nil},
		ByAny:   map[any]edgeName{edgeName("x"): "own", "x": "plain", 1: "one", edgeUint(1): "uint"},
		Nested:  map[edgeName]map[edgeUint][]edgeName{"n": {1: {"deep"}}}, Strings: []string{"s"}, Runes: []rune("hi"), private: "p",
	}
	d.Call = func(n edgeName) string { return "called " + string(n) }
	d.Calls = map[string]func(edgeUint, ...edgeName) (edgeName, error){"f": func(n edgeUint, names ...edgeName) (edgeName, error) {
		if int(n) > len(names) {
			return "", edgeBoth{int(n)}
		}
		return names[n], nil
	}}
	d.AnyP = new(any(edgeDog{"any"}))
	d.Ambiguous.Own, d.Ambiguous.OnlyLeft, d.Ambiguous.OnlyRight = 1, 2, 3
	d.Embedded.Same = 7
	return d
}
