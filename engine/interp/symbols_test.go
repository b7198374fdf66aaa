package interp_test

import (
	"context"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/testdata/cases"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/table"
)

func hostUniverse(t *testing.T) *symbols.Universe {
	t.Helper()
	universe, err := symbols.With(table.Symbols)
	if err != nil {
		t.Fatal(err)
	}
	return universe
}

func loadCases(t *testing.T) runtime.Instance {
	t.Helper()
	inst, err := interp.With(hostUniverse(t)).Load(t.Context(), runtime.Package{
		Name: "test/cases", Tree: os.DirFS(filepath.Join("..", "symbols", "testdata")), Dir: "cases",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inst.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return inst
}

// What a plugin does with a host's packages when it is compiled, it does interpreted.
func TestHostPackagesAsCompiled(t *testing.T) {
	inst := loadCases(t)
	for _, name := range cases.Names() {
		t.Run(name, func(t *testing.T) {
			want := cases.Run(t.Context(), name)
			res, err := inst.Call(t.Context(), "cases", map[string]any{"name": name})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Data; got != want {
				t.Errorf("got  %v %s\nwant %s", got, res.Error, want)
			}
		})
	}
}

// What compiled code sees of a plugin's own values is no secret: docs/hosts.md says so.
func TestHostPackagesLimits(t *testing.T) {
	want := map[string][2]string{ // compiled, interpreted
		"a type by reflection":               {"cases.shaped", "box.Box"},
		"decoding into a type by reflection": {"n <nil>", " json: Unmarshal(non-pointer box.Box)"},
		"a comparison": {"true", "panic: runtime error: comparing uncomparable type " +
			"table._github_com_scriptd_scriptd_engine_symbols_testdata_usersync_Visitor"},
		"an interface that was not asked for": {"true", "false"},
	}
	inst := loadCases(t)
	for _, name := range cases.Limits() {
		if got := cases.Run(t.Context(), name); got != want[name][0] {
			t.Errorf("%s: got %q compiled, want %q", name, got, want[name][0])
		}
		res, err := inst.Call(t.Context(), "cases", map[string]any{"name": name})
		if err != nil || res.Data != want[name][1] {
			t.Errorf("%s: got %q, %v interpreted, want %q", name, res.Data, err, want[name][1])
		}
	}
}

const hostPath = "github.com/scriptd/scriptd/engine/symbols/testdata/usersync"

// hostPlugin is a package that begins with its imports.
func hostPlugin(rest string) fstest.MapFS {
	more := ""
	for _, name := range []string{"encoding/json", "fmt", "reflect"} {
		if strings.Contains(rest, path.Base(name)+".") {
			more += "\n\t\"" + name + "\""
		}
	}
	return fstest.MapFS{"p/p.go": {Data: []byte(`package p

import (
	"context"` + more + `

	"` + hostPath + `"
	"github.com/scriptd/scriptd/plugin"
)

` + rest)}}
}

// What is wrong with how a plugin uses a host's package is said when it is loaded, with the line.
func TestHostPackagesProblems(t *testing.T) {
	const register = "\nfunc Register(r *plugin.Registrar) error { return nil }\n\nvar _ context.Context\n"
	tests := []struct {
		name, source string
		tables       yaegi.Exports
		want         string
	}{
		{
			"a method is missing", "type CSV struct{}\n\nvar _ usersync.DataSource = &CSV{}" + register, table.Symbols,
			"p/p.go:12:29: cannot use &CSV{} (value of type *CSV) as usersync.DataSource value in variable declaration: *CSV does not implement usersync.DataSource (missing method FetchUsers)",
		},
		{"a name that is not there", "var _ = usersync.Nothing" + register, table.Symbols, "p/p.go:10:18: undefined: usersync.Nothing"},
		{
			"the host offers nothing", "var _ = usersync.Version" + register, nil,
			"p/p.go:6:2: package " + hostPath + " is not available to plugins: put its source into the tree or a vendor folder",
		},
		{
			"a variable of the host is set", "func set() { usersync.Count++ }" + register, table.Symbols,
			"p/p.go:10:23: changing " + hostPath + ".Count, which the process has one of, needs the permission all",
		},
		{
			"an interface that nobody can implement", "type own struct{ usersync.Sealed }\n\nfunc open() usersync.Sealed { return own{} }" +
				strings.Replace(register, "return nil", "open(); return nil", 1), table.Symbols,
			"p/p.go:12:31: not supported by the interpreter: p.own as usersync.Sealed (its method sealed is not exported; pass a value that the host has made)",
		},
		{
			"an interface of a package that was not extracted", "type own struct{}\n\nfunc (own) Log(string) {}\n\nfunc log() { usersync.Log(own{}, \"x\") }" +
				strings.Replace(register, "return nil", "log(); return nil", 1),
			yaegi.Exports{hostPath + "/usersync": table.Symbols[hostPath+"/usersync"]},
			"p/p.go:14:14: not supported by the interpreter: p.own as audit.Logger (the host has no symbols of package " + hostPath + "/audit, which it has to extract too; pass a value that the host has made)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			universe, err := symbols.With(tt.tables)
			if err != nil {
				t.Fatal(err)
			}
			_, err = interp.With(universe).Load(t.Context(), runtime.Package{Tree: hostPlugin(tt.source), Dir: "p"})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// The parameters of a plugin may be a struct of the host, and its result too: tags count, as do methods.
func TestHostTypesAsParameters(t *testing.T) {
	inst, err := interp.With(hostUniverse(t)).Load(t.Context(), runtime.Package{Dir: "p", Tree: hostPlugin(`
func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "find"}, find) }

func find(_ context.Context, q usersync.Query) ([]usersync.User, error) {
	u := usersync.NewUser(q.Department)
	u.Level = usersync.High
	u.Properties = map[string]any{"limit": q.Limit}
	return []usersync.User{*u}, nil
}
`)})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(t.Context())
	schema, err := json.Marshal(inst.Plugins()[0].Schema["properties"])
	if want := `{"department":{"description":"its code","type":"string"},"limit":{"default":10,"maximum":100,"type":"integer"}}`; string(schema) != want {
		t.Errorf("schema %s, %v, want %s", schema, err, want)
	}
	res, err := inst.Call(t.Context(), "find", map[string]any{"department": "sales", "limit": 3})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(res.Data)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"code":"sales","from":"code","id":5,"leaders":null,"level":"high","properties":{"limit":3}}]`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A package of the tree that has the import path of one of the host's does not stand in for it: their types would differ.
func TestHostPackagesComeBeforeSources(t *testing.T) {
	tree := hostPlugin(`
func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "version"}, func(context.Context) (string, error) { return usersync.Version, nil })
}
`)
	tree["go.mod"] = &fstest.MapFile{Data: []byte("module github.com/scriptd/scriptd\n\ngo 1.26\n\nrequire (\n\texample.com/x v1.0.0\n)\n\nreplace example.com/x => ../x\n")}
	tree["engine/symbols/testdata/usersync/usersync.go"] = &fstest.MapFile{Data: []byte("package usersync\n\nconst Version = \"of the tree\"\n")}
	tree["vendor/"+hostPath+"/usersync.go"] = &fstest.MapFile{Data: []byte("package usersync\n\nconst Version = \"of the vendor folder\"\n")}
	inst, err := interp.With(hostUniverse(t)).Load(t.Context(), runtime.Package{Dir: "p", Tree: tree})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(t.Context())
	res, err := inst.Call(t.Context(), "version", nil)
	if err != nil || res.Data != usersync.Version {
		t.Errorf("got %v, %v, want %v", res.Data, err, usersync.Version)
	}
}

// Values of types whose package has no table are used like others, but for their name.
func TestHostTypesWithoutTable(t *testing.T) {
	universe, err := symbols.With(yaegi.Exports{hostPath + "/usersync": table.Symbols[hostPath+"/usersync"]})
	if err != nil {
		t.Fatal(err)
	}
	inst, err := interp.With(universe).Load(t.Context(), runtime.Package{Dir: "p", Tree: hostPlugin(`
func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "last"}, last) }

func last(context.Context) (string, error) {
	e := usersync.Last(3)
	list := append([]any{e}, e.Size())
	e.Number++
	m := map[string]any{"e": e, "by": nest(e)}
	text, err := json.Marshal(m)
	f := usersync.Last
	other, same := list[0] == any(f(3)), e == f(4)
	field := reflect.TypeOf(hold(e)).Field(0).Type
	zero := reflect.New(field).Elem()
	zero.Field(1).SetString("last")
	return fmt.Sprintf("%v %+v %T %s %t %t %v %v %v", list, e, e, text, other, same, reflect.TypeOf(nest(e)), field, zero.Interface() == any(usersync.Last(0))), err
}

type held[T any] struct{ V T }

func hold[T any](v T) held[T] { return held[T]{v} }

func nest[T any](v T) map[string][]*T { return map[string][]*T{"k": {&v}} }
`)})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(t.Context())
	res, err := inst.Call(t.Context(), "last", nil)
	want := `[{3 last} 4] {Number:4 Text:last} audit.Entry {"by":{"k":[{"Number":4,"Text":"last"}]},"e":{"Number":4,"Text":"last"}} true true map[string][]*audit.Entry audit.Entry true`
	if err != nil || res.Data != want {
		t.Errorf("got  %v %v %v\nwant %s", res.Data, res.Error, err, want)
	}
}
