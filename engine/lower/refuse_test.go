package lower_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/lower"
)

// refusals translates a program of one file, and returns what is refused: LINE:COLUMN: WHAT, without the reasons.
func refusals(t *testing.T, src string) []string {
	t.Helper()
	_, err := lower.Lower(input(t, src, "main"))
	if err == nil {
		return nil
	}
	list, ok := errors.AsType[lower.Refusals](err)
	if !ok {
		t.Fatalf("error is %T, want Refusals: %v", err, err)
	}
	var got []string
	for _, r := range list {
		what, rest, ok := strings.Cut(r.Message, " (")
		why, instead, both := strings.Cut(rest, "; ")
		if !ok || !both || why == "" || !strings.HasSuffix(instead, ")") || instead == ")" {
			t.Errorf("%q is not WHAT (WHY; INSTEAD)", r.Message)
		}
		if r.Pos.Filename != "p/main.go" {
			t.Errorf("place is in %s, want p/main.go", r.Pos.Filename)
		}
		got = append(got, fmt.Sprintf("%d:%d: %s", r.Pos.Line, r.Pos.Column, what))
	}
	return got
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name string
		// body is main's, from line 10 on; T is a struct with String, S an interface that it implements.
		body string
		want []string
	}{
		{"plain types", "asn1.Marshal(1); asn1.Marshal([]string{})", nil},
		{"a struct type", "asn1.Marshal(struct{ A int }{})", []string{"10:14: asn1.Marshal of a struct{A int}"}},
		{"nested", "asn1.Marshal(map[string][]*T{})", []string{"10:14: asn1.Marshal of a map[string][]*main.T"}},
		{"any without types of the program", "var x any = 1; asn1.Marshal(x)", nil},
		{"any that may hold one", "var x any = 1; asn1.Marshal(x)\nfmt.Print(T{})", []string{"10:29: asn1.Marshal of a value that may be a main.T"}},
		{"an error that cannot", "asn1.Marshal(fmt.Errorf(``))\nfmt.Print(T{})", nil},
		{"an interface that can", "var s fmt.Stringer; asn1.Marshal(s)\nfmt.Print(T{})", []string{"10:34: asn1.Marshal of a value that may be a main.T"}},
		{"elements, into which it looks", "asn1.Marshal([]any{T{}})", []string{"10:14: asn1.Marshal of a value that may be a main.T"}},
		{"a function value", "f := asn1.Marshal; f(1)\nfmt.Print(T{})", []string{"10:11: asn1.Marshal of a value that may be a main.T"}},
		{"package reflect, which has stand-ins", "_ = reflect.TypeOf(T{}); _ = reflect.ValueOf(struct{}{}); _ = reflect.TypeFor[S]()", nil},
		{"one that has a stand-in", "_ = reflect.DeepEqual(T{}, 1)", nil},
		{"in an instance", "generic(T{}); generic(1)", []string{"8:42: asn1.Marshal of a main.T"}},
		{"instances of plain types", "generic(``); generic(1)", nil},
		{"several", "runtime.Caller(0)\nruntime.Stack(nil, false)", []string{"10:9: runtime.Caller", "11:9: runtime.Stack"}},
		{"where nothing leads", "", nil},
		{"a type", "_, _ = any(1).(*runtime.TypeAssertionError)", []string{"10:25: runtime.TypeAssertionError"}},
		{"a variable", "runtime.MemProfileRate = 1", []string{"10:9: runtime.MemProfileRate"}},
		{"a method", "var r slog.Record; r.Source()", []string{"10:22: slog.Record.Source"}},
		{"a field", "var r slog.Record; _ = r.PC", []string{"10:26: slog.Record.PC"}},
		{"a field that is set", "_ = slog.HandlerOptions{AddSource: true}", []string{"10:25: slog.HandlerOptions.AddSource"}},
		{"a field in its place", "_ = slog.HandlerOptions{true, nil, nil}", []string{"10:25: slog.HandlerOptions.AddSource"}},
		{"a field that is not set", "_ = slog.HandlerOptions{AddSource: false}", nil},
		{"asn1", "asn1.Marshal(T{}); asn1.Marshal([]int{1})", []string{"10:14: asn1.Marshal of a main.T"}},
		{"places of log", "log.SetFlags(log.Lshortfile)\nlog.Print(); log.Default().Print(); log.Output(1, ``); defer func() { log.Print() }()", nil},
		{"places of log that are not known", "log.SetFlags(log.Lshortfile)\nlog.Output(2, ``); defer log.Print(); f := log.Print; f()", []string{
			"11:12: with log.Lshortfile, a depth other than 1", "11:30: with log.Lshortfile, a deferred call of log.Print, or one in a go statement",
			"11:48: with log.Lshortfile, log.Print as a value",
		}},
		{"methods of loggers that are values", "log.SetFlags(log.Lshortfile); log.Default().Print()\nf := log.Default().Print; f()", []string{
			"10:18: log.Lshortfile together with a method of log.Logger that is a value, or is called through an interface",
		}},
		{"loggers in interfaces", "log.SetFlags(log.Lshortfile)\nvar p interface{ Print(...any) } = log.Default(); p.Print()", []string{
			"10:18: log.Lshortfile together with a *log.Logger in an interface",
		}},
		{"log without places", "log.Output(2, ``); defer log.Print(); f := log.Print; f()", nil},
		{"slog through log", "log.SetFlags(log.Lshortfile)\nslog.Info(``)", []string{"11:6: with log.Lshortfile, slog.Info, which prints through package log"}},
		{"slog by itself", "log.SetFlags(log.Lshortfile)\nslog.Info(``); slog.SetDefault(slog.Default())", nil},
		{"keys", "m := map[fmt.Stringer]int{}; _ = m\nfmt.Print(T{})", []string{"10:6: a map with keys of fmt.Stringer, which may be main.T,"}},
		{"keys that are no types of the program", "m := make(map[fmt.Stringer]int); _ = m", nil},
		{"keys that are errors", "m := make(map[error]int); _ = m\nfmt.Print(E{})", nil},
		{"keys of any that hold one", "type h struct{ s fmt.Stringer }; m := map[any]int{h{}: 1}; _ = m\nfmt.Print(T{})", []string{
			"10:39: a map with keys that may be main.h, which has interfaces in it that hold the program's own types,",
		}},
		{"keys of any that hold none", "type h struct{ s fmt.Stringer }; m := map[any]int{h{}: 1}; _ = m", nil},
		{"keys that contain one", "m := make(map[[1]fmt.Stringer]int); _ = m\nfmt.Print(T{})", []string{"10:6: a map with keys of fmt.Stringer, which may be main.T,"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			const head = `package main; import ("fmt"; "encoding/asn1"; "log"; "log/slog"; "reflect"; "runtime")
type T struct{ A int }
func (T) String() string { return "" }
type S interface { String() string }
type E struct{ A int }
func (E) Error() string { return "" }
func unreached() { runtime.Caller(0) }
func generic[X any](x X) { asn1.Marshal( x) }
func main() {
`
			const tail = "\n}\nvar _ = fmt.Print\nvar _ = asn1.TagBoolean\nvar _ = log.LstdFlags\nvar _ = slog.LevelInfo\nvar _ = reflect.Int\nvar _ = runtime.GOOS\n"
			if got := refusals(t, head+test.body+tail); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}
