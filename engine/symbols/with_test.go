package symbols_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/traefik/yaegi/interp"
	yaegi "github.com/traefik/yaegi/stdlib"

	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/table"
)

const hostPath = "github.com/scriptd/scriptd/engine/symbols/testdata/usersync"

func hostUniverse(t *testing.T) *symbols.Universe {
	t.Helper()
	u, err := symbols.With(table.Symbols)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func check(imp types.Importer, src string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n"+src, 0)
	if err != nil {
		return err
	}
	cfg := types.Config{Importer: imp, GoVersion: "go1.26"}
	_, err = cfg.Check("p", fset, []*ast.File{file}, nil)
	return err
}

// What plugins write about a host's packages is as right, or as wrong, as the compiler finds it.
func TestHostPackagesAreChecked(t *testing.T) {
	tests := []struct {
		name, src string
		want      string // in the error; empty for none
	}{
		{"undefined", `var _ = usersync.Nothing`, "undefined: usersync.Nothing"},
		{"generic functions are left out", `var _ = usersync.Map([]int{1}, func(int) int { return 0 })`, "undefined: usersync.Map"},
		{"not exported", `var _ usersync.client`, "undefined: usersync.client"},
		{"fields that are not exported", `var _ = usersync.User{}.note`, "usersync.User{}.note undefined"},
		{"missing field", `var _ = usersync.User{}.Nothing`, "has no field or method Nothing"},
		{"wrong type", `var _ string = usersync.NewUser("x").ID`, "cannot use usersync.NewUser(\"x\").ID"},
		{"missing method", `import "context"
			type CSV struct{}
			func (*CSV) FetchUsers(context.Context, usersync.Query) ([]usersync.User, error) { return nil, nil }
			var _ usersync.DataSource = &CSV{}`, "*CSV does not implement usersync.DataSource (missing method TestConnection)"},
		{"wrong signature", `type v struct{}
			func (v) Visit(u usersync.User) bool { return false }
			var _ usersync.Visitor = v{}`, "have Visit(usersync.User) bool\n\t\twant Visit(*usersync.User) bool"},
		{"pointer receivers", `var _ interface{ Rename(string) } = usersync.User{}`, "method Rename has pointer receiver"},
		{"embedded interfaces", `import "io"
			var s usersync.Stream
			var _ io.Reader = s`, ""},
		{"sealed", `type own struct{}
			func (own) Open() string { return "" }
			func (own) sealed() {}
			var _ usersync.Sealed = own{}`, "does not implement usersync.Sealed (unexported method sealed)"},
		{"typed constants", `var _ int = usersync.High`, "cannot use usersync.High"},
		{"untyped constants", `var _ float32 = usersync.Whole; var _ int8 = usersync.Negative; var _ byte = usersync.Separator; var _ complex64 = usersync.Wave`, ""},
		{"constants that overflow", `var _ int = usersync.Huge`, "overflows"},
		{"typed small constants", `var _ uint8 = usersync.Limit + 1`, "overflows"},
		{"aliases", `import "context"
			var _ func(context.Context) = func(usersync.Context) {}`, ""},
		{"sentinels", `import "errors"
			var _ = errors.Is(nil, usersync.ErrNotFound)`, ""},
		{"variadic", `var users []usersync.User
			var _ = usersync.Apply(nil, users...)`, ""},
		{"types of the standard library are the same", `import "time"
			var _ time.Time = usersync.Base{}.Created
			var _ time.Duration = usersync.Timeout`, ""},
		{"literals without keys", `var _ = usersync.Query{"d"}`, "too few values"},
		{"promoted through what is not exported", `var _ string = usersync.NewUser("").From`, ""},
	}
	u := hostUniverse(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := "import \"" + hostPath + "\"\n" + tt.src
			err := check(u, src)
			if err == nil != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// The types of the checker are those of the compiled values.
func TestHostTypesAreTheCompiledOnes(t *testing.T) {
	u := hostUniverse(t)
	pkg, err := u.Import(hostPath)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]reflect.Type{
		"User": reflect.TypeFor[usersync.User](), "DataSource": reflect.TypeFor[usersync.DataSource](), "Level": reflect.TypeFor[usersync.Level](),
	} {
		if got := u.TypeOf(want); got != pkg.Scope().Lookup(name).Type() {
			t.Errorf("%s: the type of its values is %s", name, got)
		}
	}
	structure := pkg.Scope().Lookup("User").Type().Underlying().(*types.Struct)
	for i := range structure.NumFields() {
		want, ok := reflect.TypeFor[usersync.User]().FieldByName(structure.Field(i).Name())
		if !ok || structure.Tag(i) != string(want.Tag) {
			t.Errorf("field %s has the tag %q, want %q", structure.Field(i).Name(), structure.Tag(i), want.Tag)
		}
	}
	if got, want := u.Offered(), []string{hostPath, hostPath + "/audit"}; !slices.Equal(got, want) {
		t.Errorf("offered %q, want %q", got, want)
	}
	if symbols.Std().Has(hostPath) {
		t.Error("the universe of the standard library has the host's package")
	}
}

// Generic is what no table has.
type Generic[T any] struct{ V T }

const here = "github.com/scriptd/scriptd/engine/symbols_test"

func TestBrokenTables(t *testing.T) {
	one := func(key, name string, v reflect.Value) []interp.Exports {
		return []interp.Exports{{key: {name: v}}}
	}
	f := reflect.ValueOf(func() {})
	tests := []struct {
		name    string
		exports []interp.Exports
		want    string
	}{
		{"standard library", one("fmt/fmt", "Print", f), "symbols: package fmt is there already: it is one of the standard library's or scriptd's own"},
		{"only source", one("maps/maps", "Keys", f), "symbols: package maps is there already"},
		{"yaegi's tables", []interp.Exports{yaegi.Symbols}, `symbols: table ".": want a key`},
		{"SDK", one(symbols.SDK+"/plugin", "X", f), "symbols: package " + symbols.SDK + " is there already"},
		{"scriptd's own", one(symbols.Host+"/host", "X", f), "is there already"},
		{"two tables", []interp.Exports{{"example.com/a/a": {"F": f}}, {"example.com/a/a": {"F": f}}}, "symbols: two tables of package example.com/a"},
		{"two names", []interp.Exports{{"example.com/a/a": {"F": f}, "example.com/a/b": {"F": f}}}, "symbols: two tables of package example.com/a"},
		{"no name", one("users", "F", f), `symbols: table "users": want a key that is an import path, a slash and the name of the package`},
		{"no identifier", one("example.com/a.b", "F", f), `symbols: table "example.com/a.b": want a key`},
		{"name", one("example.com/a/a", "f", f), `symbols: package example.com/a: symbol "f": want an exported name, or that of an interface with a _ before it`},
		{"no value", one("example.com/a/a", "F", reflect.Value{}), "symbols: package example.com/a: symbol F has no value"},
		{"neither", one("example.com/a/a", "V", reflect.ValueOf(struct{}{})), "symbol V: want a type, a function, a constant or a variable that can be set, have a struct {}"},
		{"nil function", one("example.com/a/a", "F", reflect.ValueOf((func())(nil))), "symbol F: want a type, a function"},
		{"generic", one(here+"/symbols_test", "Generic", reflect.ValueOf((*Generic[int])(nil))), "type Generic is generic: there is no compiled form of it that a table could have"},
		{"no type as wrapper", one("example.com/a/a", "_F", f), "symbol _F: want a type, have a func"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := symbols.With(tt.exports...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want %q", u, err, tt.want)
			}
		})
	}
}

// The table of a real package is spoilt in one place each.
func TestSpoiltTables(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(map[string]reflect.Value)
		want  string
	}{
		{
			"no wrapper", func(m map[string]reflect.Value) { delete(m, "_DataSource") },
			"interface DataSource has no wrapper _DataSource: generate the table anew with scriptd extract",
		},
		{
			"wrapper of another", func(m map[string]reflect.Value) { m["_DataSource"] = m["_Visitor"] },
			"wrapper _DataSource: it does not implement usersync.DataSource",
		},
		{"no struct", func(m map[string]reflect.Value) { m["_DataSource"] = m["Level"] }, "wrapper _DataSource: want a struct type"},
		{"an implementation", func(m map[string]reflect.Value) { m["_Visitor"] = reflect.ValueOf((*visits)(nil)) }, "its first field is not IValue any"},
		{"a field too many", func(m map[string]reflect.Value) { m["_Visitor"] = reflect.ValueOf((*visitsMore)(nil)) }, "it has a field More"},
		{
			"another field", func(m map[string]reflect.Value) { m["_Visitor"] = reflect.ValueOf((*visitsOther)(nil)) },
			"it has no field WVisit of type func(*usersync.User) bool",
		},
		{"in order", func(m map[string]reflect.Value) {}, ""},
		{"what nobody can implement", func(m map[string]reflect.Value) { delete(m, "_Sealed") }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spoilt := maps.Clone(table.Symbols[hostPath+"/usersync"])
			tt.spoil(spoilt)
			_, err := symbols.With(interp.Exports{hostPath + "/usersync": spoilt})
			if err == nil != (tt.want == "") || err != nil && !strings.Contains(err.Error(), "symbols: package "+hostPath+": "+tt.want) &&
				!strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

type (
	visits     struct{ N int }
	visitsMore struct {
		IValue any
		More   int
	}
	visitsOther struct {
		IValue any
		WVisit func() bool
	}
)

func (visits) Visit(*usersync.User) bool      { return false }
func (visitsMore) Visit(*usersync.User) bool  { return false }
func (visitsOther) Visit(*usersync.User) bool { return false }

// Fingerprints are the same for the same tables, and others for others.
func TestFingerprints(t *testing.T) {
	base := hostUniverse(t).Fingerprints()
	if again := hostUniverse(t).Fingerprints(); !maps.Equal(base, again) || len(base) != 2 {
		t.Errorf("fingerprints %v and %v", base, again)
	}
	seen := map[string]string{base[hostPath]: "the table itself"}
	for name, change := range map[string]func(map[string]reflect.Value){
		"a symbol less":    func(m map[string]reflect.Value) { delete(m, "Apply") },
		"another constant": func(m map[string]reflect.Value) { m["High"] = reflect.ValueOf(usersync.Middle) },
		"another type":     func(m map[string]reflect.Value) { m["Apply"] = reflect.ValueOf(func() {}) },
		"no variable":      func(m map[string]reflect.Value) { m["Format"] = reflect.ValueOf(usersync.Format) },
	} {
		changed := maps.Clone(table.Symbols[hostPath+"/usersync"])
		change(changed)
		u, err := symbols.With(interp.Exports{hostPath + "/usersync": changed})
		if err != nil {
			t.Fatal(err)
		}
		fingerprint := u.Fingerprints()[hostPath]
		if before, ok := seen[fingerprint]; ok {
			t.Errorf("%s and %s have the same fingerprint", name, before)
		}
		seen[fingerprint] = name
	}
}

func TestSelect(t *testing.T) {
	u := hostUniverse(t)
	if u.Select(u.Offered()) != u {
		t.Error("all of a universe is another one")
	}
	if u.Select(nil) != symbols.Std() {
		t.Error("nothing of a host is not the standard library")
	}
	only := u.Select([]string{hostPath + "/audit"})
	if !slices.Equal(only.Offered(), []string{hostPath + "/audit"}) || only.Has(hostPath) {
		t.Errorf("it has %q", only.Offered())
	}
	if _, err := only.Import(hostPath); err == nil {
		t.Error("a package that was not selected can be imported")
	}
	if none, err := symbols.With[interp.Exports](); none != symbols.Std() || err != nil {
		t.Errorf("no tables: %v", err)
	}
}

// A table without package audit: what functions of the other one return and take of it has types, all the same.
func TestTypesOfPackagesWithoutTables(t *testing.T) {
	u, err := symbols.With(interp.Exports{hostPath + "/usersync": table.Symbols[hostPath+"/usersync"]})
	if err != nil {
		t.Fatal(err)
	}
	if err := check(u, "import \""+hostPath+"\"\nvar e = usersync.Last(1)\nvar n int = e.Size() + e.Number"); err != nil {
		t.Error(err)
	}
	if v, ok := u.Symbol(hostPath+"/audit", "Entry"); !ok || v.Type() != reflect.TypeFor[*struct{}]() && v.Type().Elem().Name() != "Entry" {
		t.Errorf("the type Entry is %v, %t", v, ok)
	}
	pkg, err := u.Import(hostPath)
	if err != nil {
		t.Fatal(err)
	}
	sink := pkg.Scope().Lookup("Record").Type().(*types.Signature).Params().At(0).Type().(*types.Named).Obj()
	if got, want := u.Unwrapped(sink), "the host has no symbols of package "+hostPath+"/audit, which it has to extract too"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := u.Unwrapped(pkg.Scope().Lookup("Sealed").(*types.TypeName)); got != "its method sealed is not exported" {
		t.Errorf("got %q", got)
	}
	if got := u.Unwrapped(pkg.Scope().Lookup("Visitor").(*types.TypeName)); got != "" {
		t.Errorf("got %q", got)
	}
}

// Universes of one process are used at a time.
func TestUniversesAreApart(t *testing.T) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			u, err := symbols.With(table.Symbols)
			if err == nil {
				err = check(u, "import (\""+hostPath+"\"; \"slices\"; \"net/http\")\nvar _ = slices.Max([]usersync.Level{0})\nvar _ http.Handler")
			}
			std := check(symbols.Std(), "import (\"slices\"; \"net/http\")\nvar _ = slices.Max([]int{0})\nvar _ http.Handler")
			if err := errors.Join(err, std); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
