package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
)

// What is wrong with an implementation is found when it is loaded, and said as a compiler says it.
func TestContractsAreCheckedAtLoad(t *testing.T) {
	const hi = "func (English) Hi() (string, error) { return `Hi`, nil }\n"
	for _, tt := range []struct{ name, statement, declarations, want string }{
		{
			"a method is missing", `return r.Provide("greeter@2", "english", English{})`, "type English struct{}\n" + hi,
			"a/a.go:14:43: English does not implement engine_test.Greeter2 (missing method Greet)",
		},
		{
			"a signature has changed", `return r.Provide("greeter@2", "english", &English{})`,
			"type English struct{}\nfunc (English) Greet(ctx context.Context, name string) (string, error) { return ``, nil }\n" + hi,
			"a/a.go:14:43: *English does not implement engine_test.Greeter2 (wrong type for method Greet: " +
				"have (context.Context, string) (string, error), want (context.Context, engine_test.Greeting) (string, error))",
		},
		{
			"a method belongs to the pointer", `return r.Provide("greeter@1", "english", English{})`,
			"type English struct{}\nfunc (*English) Greet(ctx context.Context, name string) (string, error) { return ``, nil }",
			"a/a.go:14:43: English does not implement engine_test.Greeter (method Greet has pointer receiver)",
		},
		{
			"no version fits", `return r.Provide("greeter", "english", 42)`, "",
			"a/a.go:14:41: int does not implement engine_test.Greeter3 (missing method Bye)",
		},
		{
			"an unknown version", `return r.Provide("greeter@4", "english", English{})`, "type English struct{}",
			"a/a.go:14:43: provide greeter@4: the plugin implements version 4, this host speaks version 1, 2, 3",
		},
		{
			"no version at all", `return r.Provide("greeter@v2", "english", English{})`, "type English struct{}",
			"a/a.go:14:44: provide greeter@v2: want a version after the @, as in greeter@1",
		},
		{
			"an unknown contract", `return r.Provide("greter", "english", English{})`, "type English struct{}",
			"a/a.go:14:40: provide greter: this host has no such contract: it has greeter",
		},
		{
			"a name that cannot be", `return r.Provide("greeter", "En glish", English{})`, "type English struct{}",
			`a/a.go:14:42: provide greeter: name "En glish": want lower-case letters, digits, _ and -, at most 64, the first a letter or digit`,
		},
		{
			"nil", `return r.Provide("greeter", "english", nil)`, "", "a/a.go:14:41: provide greeter: the implementation is nil",
		},
		{
			"twice", `e := E{}; return errors.Join(r.Provide("greeter", "a", e), r.Provide("greeter@1", "a", e))`,
			"type E struct{}\nfunc (E) Greet(context.Context, string) (string, error) { return ``, nil }",
			"a/a.go:14:89: implementation greeter/a is provided twice in this package",
		},
		{
			"an interface of another package", `var c api.Greeter; return r.Service(&c)`, "",
			"a/a.go:14:38: service: this host offers no engine_test.Greeter: it offers engine_test.Dictionary",
		},
		{
			"a service for no pointer", `var c api.Dictionary; return r.Service(c)`, "",
			"a/a.go:14:41: service: want a pointer to a variable of an interface of the host, have nil",
		},
		{
			"a service for a struct", `type s struct{}; var c s; return r.Service(&c)`, "",
			"a/a.go:14:45: service: want a pointer to a variable of an interface of the host, have *s",
		},
		{
			"through a variable", `f := r.Provide; return f("greeter", "a", 1)`, "",
			"a/a.go:14:7: int does not implement engine_test.Greeter3 (missing method Bye)",
		},
		{
			"an unknown method of a service", `var c api.Dictionary; c.Words(); return r.Service(&c)`, "",
			"a/a.go:14:26: c.Words undefined (type engine_test.Dictionary has no field or method Words)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := open(t, greeters(t, t.TempDir(), implementing("a", tt.statement, tt.declarations)))
			if got := e.Sources()[0].Error; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// What is wrong with a contract is found when the engine is made.
func TestContractsThatCannotBe(t *testing.T) {
	for want, opts := range map[string]engine.Options{
		"contract a@1: int is no interface type with a name":                                                        {Contracts: []engine.Contract{engine.NewContract[int]("a", 1)}},
		"contract a@1: error is no interface type with a name":                                                      {Contracts: []engine.Contract{engine.NewContract[error]("a", 1)}},
		"contract A@1: want a name of lower-case letters, digits, _ and -, at most 64, the first a letter or digit": {Contracts: []engine.Contract{engine.NewContract[Greeter]("A", 1)}},
		"contract a@0: want a version from 1":                                                                       {Contracts: []engine.Contract{engine.NewContract[Greeter]("a", 0)}},
		"contract a@1: optional method Hello: the interface has no such method":                                     {Contracts: []engine.Contract{engine.NewContract[Greeter]("a", 1, engine.Optional("Hello"))}},
		"contract a@1: optional method Word: its last result is no error, so that callers could not be told that it is missing": {
			Contracts: []engine.Contract{engine.NewContract[Dictionary]("a", 1, engine.Optional("Word"))},
		},
		"contract a@1: there are two of that version": {
			Contracts: []engine.Contract{engine.NewContract[Greeter]("a", 1), engine.NewContract[Greeter2]("a", 1)},
		},
		"contract b@1: engine_test.Greeter is the interface of contract a@1, too": {
			Contracts: []engine.Contract{engine.NewContract[Greeter]("a", 1), engine.NewContract[Greeter]("b", 1)},
		},
		"contract a@2: upgrade from engine_test.Greeter: that is not version 1 of it": {
			Contracts: []engine.Contract{engine.NewContract[Greeter2]("a", 2, engine.Upgrade(func(old Greeter) Greeter2 { return upgraded{old} }))},
		},
		"contract 2 of 2 is nil": {Contracts: []engine.Contract{engine.NewContract[Greeter]("a", 1), nil}},
		"contract a@1: plugins cannot implement engine_test.Taker: scriptd extract " + greetersPath + " says why": {
			Contracts: []engine.Contract{engine.NewContract[Taker]("a", 1)},
		},
		"contract a@1: engine_test.Box[int] is generic, and symbols are of what is compiled: give it a name, as type Users interface{ Repo[User] }": {
			Contracts: []engine.Contract{engine.NewContract[Box[int]]("a", 1)},
		},
		"service int: want a value of an interface type with methods": {Services: []engine.Service{engine.NewService(1)}},
		"service engine_test.Dictionary is nil":                       {Services: []engine.Service{engine.NewService[Dictionary](nil)}},
	} {
		opts.Symbols = []interp.Exports{greeterSymbols}
		if _, err := engine.New(t.Context(), opts); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, err := engine.New(t.Context(), engine.Options{Contracts: []engine.Contract{engine.NewContract[Greeter]("a", 1)}})
	const want = "contract a@1: no symbols of engine_test.Greeter: generate them with scriptd extract " + greetersPath + ", and add them to Options.Symbols"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func greet(t *testing.T, g Greeter2, name string) string {
	t.Helper()
	got, err := g.Greet(t.Context(), Greeting{Name: name, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A plugin for an older version serves callers of a newer one, through the host's upgrades, and the other way round nothing is
// called.
func TestContractVersions(t *testing.T) {
	dir := t.TempDir()
	e := open(t, greeters(t, dir, greets("a", "english", "Hello")))
	v2, err := engine.Get[Greeter2](e, "english")
	if err != nil {
		t.Fatal(err)
	}
	v3, err := engine.Get[Greeter3](e, "english")
	if err != nil {
		t.Fatal(err)
	}
	if got := greet(t, v2, "Bob"); got != "Hello Bob" {
		t.Errorf("got %s", got)
	}
	if got, err := v3.Bye(t.Context(), "Ann", "Bob"); greet(t, v3, "Bob") != "Hello Bob" || got != "Bye Ann, Bob" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := v3.Hi(); !errors.Is(err, engine.ErrNotImplemented) {
		t.Errorf("got %v", err)
	}

	write(t, dir, implementing("a", `return r.Provide("greeter", "english", &g{})`, `
type g struct{}

func (*g) Greet(_ context.Context, x api.Greeting) (string, error) { return "Dear " + x.Name + " " + x.Language, nil }
func (*g) Hi() (string, error) { return "Hi", nil }`))
	sync(t, e)
	hi, err := v3.Hi()
	if got := greet(t, v2, "Bob") + " " + greet(t, v3, "Ann"); got != "Dear Bob en Dear Ann en" || hi != "Hi" || err != nil {
		t.Errorf("got %s, %s, %v", got, hi, err)
	}
	const want = "greeter/english implements version 2 of the contract, and version 1 is wanted: the host has no upgrade between them"
	if _, err := engine.Get[Greeter](e, "english"); !errors.Is(err, engine.ErrVersion) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if all := engine.All[Greeter](e); len(all) != 0 {
		t.Errorf("got %v", all)
	}
	if all := engine.All[Greeter3](e); len(all) != 1 || all["english"] == nil {
		t.Errorf("got %v", all)
	}
}

func TestOptionalMethods(t *testing.T) {
	dir := t.TempDir()
	const declarations = `
type g struct{}

func (g) Greet(context.Context, api.Greeting) (string, error) { return "Hello", nil }
`
	e := open(t, greeters(t, dir, implementing("a", `return r.Provide("greeter@2", "english", g{})`, declarations)))
	g, err := engine.Get[Greeter2](e, "english")
	if err != nil {
		t.Fatal(err)
	}
	if engine.Implements(g, "Hi") || !engine.Implements(g, "Greet") || engine.Implements(g, "Nothing") || engine.Implements(42, "Hi") {
		t.Error("Implements does not tell")
	}
	if got, err := g.Hi(); got != "" || !errors.Is(err, engine.ErrNotImplemented) || err.Error() != "call greeter/english.Hi: not implemented by the plugin" {
		t.Errorf("got %q, %v", got, err)
	}
	if list := e.Implementations(); len(list) != 1 || list[0].Contract != "greeter" || list[0].Version != 2 || !slices.Equal(list[0].Missing, []string{"Hi"}) {
		t.Errorf("got %+v", list)
	}
	write(t, dir, implementing("a", `return r.Provide("greeter@2", "english", g{})`, declarations+"func (g) Hi() (string, error) { return `Hi`, nil }"))
	sync(t, e)
	if got, err := g.Hi(); got != "Hi" || err != nil || !engine.Implements(g, "Hi") {
		t.Errorf("got %q, %v", got, err)
	}
}

// Several packages implement one contract, and one several; what two call the same, the first one has.
func TestManyImplementations(t *testing.T) {
	dir := t.TempDir()
	files := greets("a", "english", "Hello")
	maps.Copy(files, greets("b", "chinese", "你好"))
	maps.Copy(files, greets("c", "english", "Howdy"))
	maps.Copy(files, implementing("d", `var words api.Dictionary
	if err := r.Service(&words); err != nil {
		return err
	}
	return errors.Join(
		r.Provide("greeter@1", "german", g{words}),
		r.Provide("greeter@2", "german-2", g2{g{words}}),
		r.Add(plugin.Spec{Name: "german"}, func(context.Context) (string, error) { return words.Word("hello"), nil }),
	)`, `
type g struct{ words api.Dictionary }

func (g g) Greet(_ context.Context, name string) (string, error) { return g.words.Word("hello") + " " + name, nil }

type g2 struct{ g }

func (g g2) Greet(ctx context.Context, x api.Greeting) (string, error) { return g.g.Greet(ctx, x.Name) }
`))
	e := open(t, greeters(t, dir, files))
	if got, want := e.Sources()[0].Error, "c/c.go:14:41: the name of implementation greeter/english is taken by local/a (a/a.go:14)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var got []string
	for name, g := range engine.All[Greeter2](e) {
		got = append(got, name+": "+greet(t, g, "Bob"))
	}
	slices.Sort(got)
	if want := []string{"chinese: 你好 Bob", "english: Hello Bob", "german-2: hallo Bob", "german: hallo Bob"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := call(t, e, "german"); got != "hallo" {
		t.Errorf("got %v", got)
	}
	if _, err := e.Call(t.Context(), "greeter/english", nil); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an implementation is called as a plugin: got %v", err)
	}
	const want = "no such plugin: greeter/french; implementations of greeter: chinese (version 1), english (version 1), german (version 1), german-2 (version 2)"
	if _, err := engine.Get[Greeter](e, "french"); !errors.Is(err, engine.ErrNotFound) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := engine.Get[Dictionary](e, "french"); err == nil || err.Error() != "engine_test.Dictionary is no contract of this engine: add it to Options.Contracts" {
		t.Errorf("got %v", err)
	}
}

func TestWatchImplementations(t *testing.T) {
	dir := t.TempDir()
	e := open(t, greeters(t, dir, greets("a", "english", "Hello")))
	ctx, cancel := context.WithCancel(t.Context())
	changes := engine.Watch[Greeter2](ctx, e)
	first := <-changes
	if first.Name != "english" || first.Gone || greet(t, first.Value, "Bob") != "Hello Bob" {
		t.Errorf("got %+v", first)
	}
	write(t, dir, greets("a", "english", "Howdy"))
	sync(t, e)
	write(t, dir, greets("b", "chinese", "你好"))
	sync(t, e)
	if c := <-changes; c.Name != "chinese" || c.Gone {
		t.Errorf("got %+v", c)
	}
	write(t, dir, greets("a", "british", "Hello"))
	sync(t, e)
	if c := <-changes; c.Name != "british" || c.Gone {
		t.Errorf("got %+v", c)
	}
	if c := <-changes; c.Name != "english" || !c.Gone || c.Value != nil {
		t.Errorf("got %+v", c)
	}
	if _, err := first.Value.Greet(t.Context(), Greeting{}); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("of what is gone: got %v", err)
	}
	cancel()
	if c, ok := <-changes; ok {
		t.Errorf("got %+v after the end", c)
	}
}

// A host says which names implementations may have, by the source that they come from.
func TestContractNames(t *testing.T) {
	dir := t.TempDir()
	opts := greeters(t, dir, greets("a", "english", "Hello"))
	opts.Contracts = []engine.Contract{engine.NewContract[Greeter]("greeter", 1, engine.Names(func(source, name string) error {
		if !strings.HasPrefix(name, source+"_") {
			return fmt.Errorf("want one that begins with %s_", source)
		}
		return nil
	}))}
	e := open(t, opts)
	if got, want := e.Sources()[0].Error, "a/a.go:14:41: implementation greeter/english: want one that begins with local_"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	write(t, dir, greets("a", "local_english", "Hello"))
	sync(t, e)
	if _, err := engine.Get[Greeter](e, "local_english"); err != nil {
		t.Error(err)
	}
	write(t, dir, greets("a", "other", "Hello"))
	sync(t, e) // it is refused, and what served serves on
	if _, err := engine.Get[Greeter](e, "local_english"); err != nil {
		t.Error(err)
	}
}
