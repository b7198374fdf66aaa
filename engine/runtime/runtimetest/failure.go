package runtimetest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/plugin"
)

// failures are bodies of a handler that fail, by what the answer says.
var failures = []struct {
	name, body string
	want       plugin.Result
}{
	{"an error", `return errors.New("plain")`, plugin.Result{Error: "plain"}},
	{"a formatted error", `return fmt.Errorf("a %d: %w", 1, errors.New("b"))`, plugin.Result{Error: "a 1: b"}},
	{"an error without words", `return errors.New("")`, plugin.Result{Error: "failed without a message"}},
	{"a bad parameter", `return plugin.Invalid("size %d: too large", 3)`, plugin.Result{Error: "size 3: too large", Invalid: true}},
	{"worth a retry", `return plugin.Retryable(errors.New("busy"))`, plugin.Result{Error: "busy", Retry: true}},
	{"both marks, wrapped", `return fmt.Errorf("x: %w", plugin.Retryable(plugin.Invalid("no")))`, plugin.Result{Error: "x: no", Retry: true, Invalid: true}},
	{"joined errors", `return errors.Join(errors.New("a"), plugin.Retryable(errors.New("b")))`, plugin.Result{Error: "a\nb", Retry: true}},
	{"an error type of its own", `return &myError{"code", 7}`, plugin.Result{Error: "code 7"}},
	{"an error type of its own, wrapped", `return fmt.Errorf("wrapped: %w", &myError{"code", 7})`, plugin.Result{Error: "wrapped: code 7"}},
	{"an error type of its own, printed", `return errors.New(fmt.Sprint(&myError{"code", 7}, codeError(8)))`, plugin.Result{Error: "code 7 code 8"}},
	{"an error type without a pointer", `return codeError(5)`, plugin.Result{Error: "code 5"}},
	{"no error of a named type", `var e error; return e`, plugin.Result{Success: true}},
	{"an error by a named result", `err = errors.New("named"); return`, plugin.Result{Error: "named"}},
	{"an error from a deferred function", `defer func() { err = errors.New("deferred") }(); return nil`, plugin.Result{Error: "deferred"}},
	{
		"a panic that it recovers", `defer func() { if v := recover(); v != nil { err = fmt.Errorf("recovered %v", v) } }(); panic("oops")`,
		plugin.Result{Error: "recovered oops"},
	},
	{
		"an error that it recovers", `defer func() { if e, ok := recover().(error); ok { err = fmt.Errorf("recovered: %w", e) } }(); panic(plugin.Retryable(errors.New("oops")))`,
		plugin.Result{Error: "recovered: oops", Retry: true},
	},
	{
		"an error type of its own that it recovers", `defer func() { if e, ok := recover().(*myError); ok { err = e } }(); panic(&myError{"code", 8})`,
		plugin.Result{Error: "code 8"},
	},
}

const failureTypes = `type myError struct { Text string; Code int }
func (e *myError) Error() string { return fmt.Sprint(e.Text, " ", e.Code) }
type codeError int
func (e codeError) Error() string { return fmt.Sprint("code ", int(e)) }
var _ = errors.New
`

// panics are statements that panic in line 5 of a file, and what the answer says; a column where it is known.
var panics = []struct {
	name, body, want string
}{
	{"a text", "\tif true {\n\t\tpanic(\"oops\")\n\t}", "p/p.go:5:3: panic: oops"},
	{"an error", "\n\tpanic(errors.New(\"oops\"))", "p/p.go:5:2: panic: oops"},
	{"a number", "\n\tpanic(42)", "p/p.go:5:2: panic: 42"},
	{"nil", "\n\tpanic(nil)", "p/p.go:5:2: panic: panic called with nil argument"},
	{"a struct", "\n\tpanic(struct{ A int }{1})", "p/p.go:5:2: panic: {1}"},
	{"in a deferred function", "\n\tdefer func() { panic(\"late\") }()", "p/p.go:5:17: panic: late"},
	{"from another function", "\n\tfail(\"far\")", "p/p.go:8:26: panic: far"},
	{"a nil pointer", "\n\tvar e *myError; e.Code++", "p/p.go:5:: panic: runtime error: invalid memory address or nil pointer dereference"},
	{"an index", "\n\tvar l []int; l[len(l)]++", "p/p.go:5:: panic: "},
	{"a nil map", "\n\tvar m map[string]int; m[\"a\"] = 1", "p/p.go:5:: panic: assignment to entry in nil map"},
	{"a failed assertion", "\n\tvar v any = 1; _ = v.(string)", "p/p.go:5:: panic: "},
	{"in compiled code", "\n\tstrings.Repeat(\"x\", -1)", "p/p.go:5:: panic: strings: negative Repeat count"},
	{"a closed channel", "\n\tc := make(chan int); close(c); close(c)", "p/p.go:5:: panic: close of closed channel"},
}

func failureCases() []testCase {
	var cases []testCase
	for _, f := range failures {
		cases = append(cases, testCase{f.name, func(t *trial) {
			inst := t.load(of(source(failureTypes+"func handle(context.Context) (err error) { "+f.body+" }", "errors", "fmt")))
			if got := t.call(inst, "p", nil); got != f.want {
				t.Errorf("got  %+v\nwant %+v", got, f.want)
			}
		}})
	}
	for _, p := range panics {
		cases = append(cases, testCase{"panic: " + p.name, func(t *trial) {
			inst := t.load(of(source("func handle(_ context.Context, p struct{ Fine bool }) (string, error) { if p.Fine { return \"fine\", nil }\n"+p.body+
				"\n\treturn \"not reached\", nil\n}\nfunc fail(text string) { panic(text) }\n"+failureTypes+"var _ = strings.ToUpper", "errors", "fmt", "strings")))
			for range 2 { // the instance goes on
				if got := t.fails(inst, map[string]any{"Fine": false}).Error; !matchesPlace(got, p.want) {
					t.Errorf("got  %s\nwant %s", got, p.want)
				}
				t.answers(inst, map[string]any{"Fine": true}, `"fine"`)
			}
		}})
	}
	return append(cases, []testCase{
		{"panic: after panics that were recovered", func(t *trial) {
			inst := t.load(of(source(`func handle(context.Context) error {
	for i := 0; i < 100; i++ {
		try(i)
	}
	panic("oops")
}
func try(i int) {
	defer func() { recover() }()
	panic("oops")
}`)))
			if got, want := t.fails(inst, nil).Error, "p/p.go:7:2: panic: oops"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}},
		{"panic: one after the other, from several places", func(t *trial) {
			inst := t.load(of(source(`func handle(_ context.Context, p struct{ Where int }) error {
	switch p.Where {
	case 1:
		panic("same")
	case 2:
		panic("same")
	}
	return nil
}`)))
			for where, line := range map[float64]int{1: 6, 2: 8} {
				if got, want := t.fails(inst, map[string]any{"Where": where}).Error, fmt.Sprintf("p/p.go:%d:3: panic: same", line); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		}},
		{"panic: in a result's conversion", func(t *trial) {
			res := t.fails(t.load(of(source(`func handle(context.Context) (any, error) { return map[string]any{"f": func() {}}, nil }`))), nil)
			if !strings.HasPrefix(res.Error, "encode result: /f: ") {
				t.Errorf("got %+v", res)
			}
		}},
	}...)
}

var place = regexp.MustCompile(`^(.*?):(\d+):(\d+): (.*)`)

// matchesPlace compares a failure with what is wanted. Where the column of that is left out, any place of the function
// will do, which begins two lines above: the place of what is no call of panic is known as well as that.
func matchesPlace(got, want string) bool {
	prefix, message, near := strings.Cut(want, ":: ")
	if !near {
		return got == want
	}
	file, line, _ := strings.Cut(prefix, ":")
	m := place.FindStringSubmatch(got)
	if m == nil || m[1] != file || !strings.HasPrefix(m[4], message) {
		return false
	}
	at, _ := strconv.Atoi(m[2])
	end, _ := strconv.Atoi(line)
	return end-2 <= at && at <= end+1
}
