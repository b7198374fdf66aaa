package rt

import (
	"fmt"
	"go/token"
	"go/types"
	"io"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/symbols"
)

// methods are those of the type that declared makes: their names and forms, and what they are of its erased values.
var methods = []struct {
	name string
	sig  any
	f    any
}{
	{"Error", func() string { return "" }, func(recv any) string { return "error " + strings.Join(recv.([]string), "+") }},
	{"String", func() string { return "" }, func(recv any) string { return strings.Join(recv.([]string), "+") }},
	{"Read", func([]byte) (int, error) { return 0, nil }, func(recv any, p []byte) (int, error) {
		list := recv.([]string)
		if list[0] == "" {
			return 0, io.EOF
		}
		n := copy(p, list[0])
		list[0] = list[0][n:]
		return n, nil
	}},
	{"Len", func() int { return 0 }, func(recv any) int { return len(recv.([]string)) }},
	{"Less", func(_, _ int) bool { return false }, func(recv any, i, j int) bool { return recv.([]string)[i] < recv.([]string)[j] }},
	{"Swap", func(_, _ int) {}, func(recv any, i, j int) { l := recv.([]string); l[i], l[j] = l[j], l[i] }},
}

// declared returns a program with one type, a []string with these methods.
func declared() (*Program, *box.Type) {
	universe := symbols.Std()
	pkg := types.NewPackage("example.com/p", "p")
	named := types.NewNamed(types.NewTypeName(token.Pos(1), pkg, "list", nil), types.NewSlice(types.Typ[types.String]), nil)
	boxes := box.NewProgram(universe)
	p := New(Config{Universe: universe}, &lower.Output{}, boxes)
	t := boxes.Type(named)
	for _, m := range methods {
		sig := universe.TypeOf(reflect.TypeOf(m.sig)).(*types.Signature)
		recv := types.NewVar(0, pkg, "", named)
		named.AddMethod(types.NewFunc(token.Pos(1), pkg, m.name, types.NewSignatureType(recv, nil, nil, sig.Params(), sig.Results(), false)))
		t.SetMethod(m.name, m.f)
	}
	return p, t
}

// as converts a value of the type to an interface of compiled code.
func as[I any](p *Program, x any) I {
	return p.wrap(x, p.Universe.TypeOf(reflect.TypeFor[I]()), reflect.TypeFor[I]()).Interface().(I)
}

// Compiled code sees values of the program through wrappers, and the program gets back what it gave.
func TestWrappers(t *testing.T) {
	p, typ := declared()
	list := []string{"b", "c", "a"}
	x := typ.Box(list)

	sort.Sort(as[sort.Interface](p, x))
	if got := strings.Join(list, ""); got != "abc" {
		t.Errorf("sorted: %s", got)
	}
	stringer := as[fmt.Stringer](p, x)
	if got := stringer.String(); got != "a+b+c" {
		t.Errorf("String: %s", got)
	}
	var text strings.Builder
	reader := as[io.Reader](p, x)
	if _, err := io.Copy(&text, reader); err != nil || text.String() != "a" {
		t.Errorf("copied %q, %v", text.String(), err)
	}
	err, ok := p.asError(x)
	if !ok || fmt.Errorf("no: %w", err).Error() != "no: error +b+c" {
		t.Errorf("error: %v", err)
	}
	for name, v := range map[string]any{"fmt.Stringer": stringer, "io.Reader": reader, "error": err} {
		b, ok := box.Unwrap(v).(box.Box)
		if !ok || b.T != typ || b.V.([]string)[1] != "b" {
			t.Errorf("behind a %s is %#v", name, box.Unwrap(v))
		}
	}
	for _, v := range []any{nil, 1, "a", strings.NewReader("")} {
		if got := box.Unwrap(v); got != v {
			t.Errorf("%v became %v", v, got)
		}
	}
}

// What implements an interface is what its type says.
func TestImplements(t *testing.T) {
	p, typ := declared()
	for _, test := range []struct {
		iface reflect.Type
		x     any
		want  bool
	}{
		{reflect.TypeFor[fmt.Stringer](), typ.Box([]string{}), true},
		{reflect.TypeFor[io.Writer](), typ.Box([]string{}), false},
		{reflect.TypeFor[io.Reader](), strings.NewReader(""), true},
		{reflect.TypeFor[io.Reader](), 1, false},
		{reflect.TypeFor[error](), nil, false},
	} {
		for range 2 { // the second answer is remembered
			if got := p.Implements(p.Types.Type(p.Universe.TypeOf(test.iface)), test.x); got != test.want {
				t.Errorf("%v is a %s: %t", test.x, test.iface, got)
			}
		}
	}
}
