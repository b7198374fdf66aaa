package symbols

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// checkSource type-checks a file against a universe.
func checkSource(u *Universe, src string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		return err
	}
	cfg := types.Config{Importer: u, GoVersion: "go1.26"}
	_, err = cfg.Check("p", fset, []*ast.File{file}, nil)
	return err
}

// Packages are built as they are asked for, and used while others are built.
func TestUniverseIsSafeForConcurrentUse(t *testing.T) {
	u := newUniverse(nil)
	paths := slices.DeleteFunc(stdlib.Paths(), func(p string) bool { return p == "structs" })
	var group sync.WaitGroup
	for worker := range 8 {
		r := rand.New(rand.NewPCG(uint64(worker), 1))
		group.Go(func() {
			for range 40 {
				var src strings.Builder
				src.WriteString("package p\n")
				for range 5 {
					fmt.Fprintf(&src, "import _ %q\n", paths[r.IntN(len(paths))])
				}
				src.WriteString(`import ("net/http"; "io"; "context"; "errors")
					func f(ctx context.Context, w io.Writer) error {
						req, err := http.NewRequestWithContext(ctx, http.MethodGet, "x", nil)
						if err != nil { return errors.Join(err) }
						return req.Header.Write(w)
					}`)
				if err := checkSource(u, src.String()); err != nil {
					t.Error(err)
				}
				u.Wrappers(paths[r.IntN(len(paths))])
			}
		})
	}
	group.Wait()
}

func TestCheckAgainstUniverse(t *testing.T) {
	tests := []struct {
		name, src string
		want      string // in the error; empty for none
	}{
		{"iterators range", `import "strings"
			func f() (n int) { for s := range strings.SplitSeq("a,b", ",") { n += len(s) }; return n }`, ""},
		{"aliases are one type", `import ("os"; "io/fs")
			func f(e *os.PathError) *fs.PathError { return e }`, ""},
		{"untyped constants stay untyped", `import "math"
			var f float32 = math.Pi; var i int64 = math.MaxInt64`, ""},
		{"untyped rune", `import ("unicode/utf8"; "fmt")
			var s = fmt.Sprintf("%c", utf8.RuneError)
			var r rune = utf8.RuneError`, ""},
		{"constants that overflow", `import "math"
			var i int = math.MaxUint64`, "overflows"},
		{"typed constants", `import "time"
			var d time.Duration = 5 * time.Second
			var i int = time.Second`, "cannot use time.Second"},
		{"promoted methods", `import ("bufio"; "io")
			var rw bufio.ReadWriter
			var _ io.ByteReader = rw`, ""},
		{"methods of embedded fields that are not exported", `import "go/ast"
			var _ ast.Expr = (*ast.Ident)(nil)
			var _ ast.Stmt = (*ast.Ident)(nil)`, "missing method stmtNode"},
		{"fields that are not exported", `import "bytes"
			var b bytes.Buffer
			var n = b.off`, "cannot refer to unexported field off"},
		{"structs that cannot be compared", `import "bytes"
			var a, b bytes.Buffer
			var same = a == b`, "struct containing []int cannot be compared"},
		{"structs that can be compared", `import "time"
			var a, b time.Time
			var same = a == b`, ""},
		{"generic functions are source", `import "slices"
			var m int = slices.Max([]int{1})`, ""},
		{"what compiled functions return is an iterator of the source", `import ("slices"; "strings"; "iter"; "maps"; "reflect")
			var seq iter.Seq[string] = strings.SplitSeq("b,a", ",")
			var words []string = slices.Sorted(strings.SplitSeq("b,a", ","))
			var _ iter.Seq2[reflect.Value, reflect.Value] = reflect.ValueOf(nil).Seq2()
			var set = maps.Collect(slices.All(words))
			var _ = slices.IndexFunc[[]string]`, ""},
		{"what the sources use is not for plugins", `import "scriptd/host"
			func f() { host.Sort(nil) }`, "could not import scriptd/host"},
		{"what is not exported in a source", `import "cmp"
			var _ = cmp.isNaN(1.0)`, "not exported by package cmp"},
		{"constraints of the source", `import "slices"
			func f(s []any) { slices.Sort(s) }`, "any does not satisfy cmp.Ordered"},
		{"unknown package", `import "example.com/x"
			var _ = x.Y`, "could not import example.com/x"},
		{"variables can be assigned", `import "flag"
			func f() { flag.Usage = func() {} }`, ""},
		{"types are no values", `import "strings"
			var x = strings.Builder`, "is not an expression"},
		{"variadic", `import "fmt"
			var args []any
			var s = fmt.Sprint(args...)`, ""},
		{"channels keep their direction", `import "time"
			func f() { time.After(1) <- time.Time{} }`, "receive-only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := checkSource(Std(), "package p\n"+tt.src)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestSymbol(t *testing.T) {
	u := Std()
	v, ok := u.Symbol("strings", "ToUpper")
	if !ok || v.Interface().(func(string) string)("a") != "A" {
		t.Errorf("strings.ToUpper: %v, %t", v, ok)
	}
	for _, missing := range [][2]string{{"strings", "NoSuchThing"}, {"example.com/x", "X"}} {
		if v, ok := u.Symbol(missing[0], missing[1]); ok {
			t.Errorf("%s: %v", missing, v)
		}
	}
	if !u.Has("strings") || !u.Has(SDK) || u.Has("example.com/x") || u.Has("unsafe") || u.Has("plugin") {
		t.Error("Has disagrees with the tables")
	}
}

// An interpreted value may have to become any interface that a package mentions, however deep.
func TestWrappers(t *testing.T) {
	find := func(path, owner, name string) bool {
		return slices.ContainsFunc(Std().Wrappers(path), func(w Wrapper) bool {
			return w.Path == owner && w.Name == "_"+name && w.Value.Type().Elem().Kind() == reflect.Struct
		})
	}
	for _, tt := range []struct{ path, owner, name string }{
		{"sort", "sort", "Interface"},
		{"net/http", "net/http", "Handler"},
		{"net/http", "io", "ReadCloser"}, // Request.Body
		{"bufio", "io", "Reader"},
		{"context", "context", "Context"},
		{SDK, "context", "Context"},
	} {
		if !find(tt.path, tt.owner, tt.name) {
			t.Errorf("%s: no wrapper for %s.%s", tt.path, tt.owner, tt.name)
		}
	}
	if ws := Std().Wrappers("strconv"); len(ws) > 0 {
		t.Errorf("strconv mentions no interface, got %v", ws)
	}
	if ws := Std().Wrappers("example.com/x"); ws != nil {
		t.Errorf("an unknown package: got %v", ws)
	}
}

// Import paths come from packages, and from other machines: what there is no table of is not kept.
func TestUnknownPathsAreNotKept(t *testing.T) {
	count := func() (n int) {
		std.Range(func(any, any) bool { n++; return true })
		return n
	}
	if _, err := Std().Import("net/url"); err != nil {
		t.Fatal(err)
	}
	before := count()
	for i := range 100 {
		if path := fmt.Sprintf("example.com/unknown/%d", i); Std().Has(path) {
			t.Errorf("there is a table of %s", path)
		}
	}
	if got := count(); got != before || before == 0 {
		t.Errorf("%d tables are kept, were %d", got, before)
	}
}
