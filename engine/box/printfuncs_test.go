package box_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
)

// stand calls the stand-in for a function with operands of the erased program.
func stand[F any](w *twin, name string) F {
	return w.prog.Funcs()[name].(F)
}

func (w *twin) boxAll(vs []any) []any {
	boxed := make([]any, len(vs))
	for i, v := range vs {
		boxed[i] = w.box(v)
	}
	return boxed
}

// TestPrintf holds what fmt decides before it calls a Format method.
func TestPrintf(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	sprintf := stand[func(string, ...any) string](w, "fmt.Sprintf")
	n := 7
	own, ptr := fPoint{1, 2}, fPtr(&n)
	lists := [][]any{
		{},
		{own},
		{own, 7},
		{7, own},
		{nil, own},
		{fCode(5), 7, own},
		{own, own, own},
		{ptr, fCode(3)},
		{fFault{"x"}, own},
		{7, "s"},
		{fCode(6), fText("abc"), fFloat(1.5)},
		{3, fText("abc")},
		{fPair[int, string]{}, fShade(1)},
		{ptr},
		{fText("%d"), nil},
		{struct{ A fCode }{1}, 1},
		{struct {
			A fCode `k:"%d"`
		}{1}, own},
	}
	formats := []string{
		"", "%", "%v", "%T", "%T %T", "%20T|", "%-20T|", "%.3T", "%p", "%v %v", "%[2]v %[1]T", "%[1]T %[1]v", "%[3]T", "%[x]T", "%[1]", "%[", "%[0]v",
		"%*d", "%*v|%v", "%-*T|", "%.*f", "%*.*f", "%[2]*[1]d", "%[1]*v", "%w", "%v %w", "%!", "%z", "100%% %T", "%d %", "%T %[1]", "%6.2T", "%#T", "%+T", "%#p", "%x %p",
		"%[2]T %T", "%[1]T%[1]T %[1]d", "%T\n%v\n", "é%Té", "%é", "%.T", "%5", "%99999999999d", "%[1]5T", "%5[1]T", "%[5]*T", "%.[1]*T", "% T", "%010T", "%s %T %q",
	}
	for _, args := range lists {
		boxed := w.boxAll(args)
		for _, format := range formats {
			want := fmt.Sprintf(format, args...)
			if got := sprintf(format, boxed...); got != want {
				t.Errorf("Sprintf(%q, %#v)\n got %s\nwant %s", format, args, got, want)
			}
		}
	}
}

// TestPrint holds the spaces between operands.
func TestPrint(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	var out, logged bytes.Buffer
	w.prog.Stdout, w.prog.Log = &out, log.New(&logged, "log: ", 0)
	for _, args := range [][]any{
		{},
		{fText("a"), fText("b")},
		{fCode(1), fCode(2)},
		{fText("a"), 1, 2, fCode(3), "x", fText("y"), nil, nil, fShade(1)},
		{fPoint{}, fPoint{}},
		{&fPoint{}, fText("")},
		{1, 2, "s"},
		{fStrings{"a"}, fBytes("b")},
		{fFault{"a"}, fFault{"b"}},
	} {
		boxed := w.boxAll(args)
		out.Reset()
		logged.Reset()
		_, _ = stand[func(...any) (int, error)](w, "fmt.Print")(boxed...)
		if want := fmt.Sprint(args...); out.String() != want {
			t.Errorf("Print: got %q, want %q", out.String(), want)
		}
		if got, want := stand[func(...any) string](w, "fmt.Sprint")(boxed...), fmt.Sprint(args...); got != want {
			t.Errorf("Sprint: got %q, want %q", got, want)
		}
		out.Reset()
		_, _ = stand[func(...any) (int, error)](w, "fmt.Println")(boxed...)
		if want := fmt.Sprintln(args...); out.String() != want {
			t.Errorf("Println: got %q, want %q", out.String(), want)
		}
		stand[func(...any)](w, "log.Print")(boxed...)
		if want := "log: " + strings.TrimSuffix(fmt.Sprint(args...), "\n") + "\n"; logged.String() != want {
			t.Errorf("log.Print: got %q, want %q", logged.String(), want)
		}
	}
}

func TestErrorf(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	errorf := stand[func(string, ...any) error](w, "fmt.Errorf")
	sentinel := errors.New("sentinel")
	for _, args := range [][]any{{fFault{"a"}}, {fFault{"a"}, fFault{"b"}}, {fPoint{}}, {fFault{"a"}, sentinel}, {fMany{sentinel, fFault{"c"}}, 1}, {nil, fFault{"x"}}} {
		boxed := w.boxAll(args)
		for _, format := range []string{"%w", "%v", "x %w y %w", "%[2]w", "%[1]w %[1]T", "%T %w", "%w %[1]w %w"} {
			want, got := fmt.Errorf(format, args...), errorf(format, boxed...)
			_, isError := args[0].(error)
			if got.Error() != want.Error() || isError && reflect.TypeOf(got) != reflect.TypeOf(want) {
				t.Errorf("Errorf(%q, %v): got %T %q, want %T %q", format, args, got, got, want, want)
			}
			if got, want := errors.Is(got, sentinel), errors.Is(want, sentinel); got != want {
				t.Errorf("Errorf(%q, %v) is the sentinel: got %v, want %v", format, args, got, want)
			}
			fault, _ := w.prog.Error(w.box(fFault{"a"}).(box.Box))
			if got, want := errors.Is(got, fault), errors.Is(want, fFault{"a"}); got != want {
				t.Errorf("Errorf(%q, %v) is the fault: got %v, want %v", format, args, got, want)
			}
		}
	}
}

// TestErrorOfCompiledCode holds the methods that compiled code looks for in errors besides those of package errors.
func TestErrorOfCompiledCode(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	for _, compiled := range []error{fFault{"wait"}, fFault{"read"}, fFaultInt(1), fMany{fFault{"wait"}}, &fFault{"wait"}} {
		erased, ok := w.prog.Error(w.box(compiled).(box.Box))
		if !ok {
			t.Fatalf("%T is no error", compiled)
		}
		got, want := &url.Error{Op: "Get", URL: "u", Err: erased}, &url.Error{Op: "Get", URL: "u", Err: compiled}
		if got.Timeout() != want.Timeout() || got.Temporary() != want.Temporary() || os.IsTimeout(erased) != os.IsTimeout(compiled) || got.Error() != want.Error() {
			t.Errorf("%T: got %v %v %v, want %v %v %v", compiled, got, got.Timeout(), got.Temporary(), want, want.Timeout(), want.Temporary())
		}
	}
}

func TestScan(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	sscan := stand[func(string, ...any) (int, error)](w, "fmt.Sscan")
	for _, text := range []string{"", "1", "1 2.5 word", "-7 x", "ff true"} {
		for _, operands := range []func() []any{
			func() []any { return []any{new(fCode), new(fFloat), new(fText)} },
			func() []any { return []any{new(fShade), new(fBytes), new(fOwn)} },
			func() []any { return []any{new(fPoint)} },
			func() []any { return []any{fPoint{}} },
			func() []any { return []any{new(int), new(fInts)} },
			func() []any { return []any{new(fStars), new(fFlag)} },
			func() []any { return []any{new(int), (*fPtr)(nil)} },
		} {
			args, boxed := operands(), w.boxAll(operands())
			wantN, wantErr := fmt.Sscan(text, args...)
			gotN, gotErr := sscan(text, boxed...)
			if gotN != wantN || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Errorf("Sscan(%q, %T): got %d %v, want %d %v", text, args[0], gotN, gotErr, wantN, wantErr)
			}
			for i, arg := range args {
				p := reflect.ValueOf(arg)
				if p.Kind() != reflect.Pointer || p.IsNil() {
					continue
				}
				got := reflect.ValueOf(boxed[i])
				if b, ok := boxed[i].(box.Box); ok {
					got = reflect.ValueOf(b.V)
				}
				if got, want := got.Elem().Interface(), w.erased(w.typeOf(p.Type().Elem()), p.Elem()).Interface(); !reflect.DeepEqual(got, want) {
					t.Errorf("Sscan(%q, %T): got %#v, want %#v", text, arg, got, want)
				}
			}
		}
	}
}

// FuzzSprintf looks for formats that print a Box otherwise than the compiled value.
func FuzzSprintf(f *testing.F) {
	for _, format := range []string{"%v", "%[2]*[1]d", "%T %p|%w", "%-+8.3v%%", "%.[3]*[1]s", "%!%", "%[9]T%[", "%08.[2]*f"} {
		f.Add(format)
	}
	w := newTwin(f, "formattypes_test.go")
	sprintf := stand[func(string, ...any) string](w, "fmt.Sprintf")
	args := []any{fCode(3), fPoint{4, 5}, 2, fText("six"), nil, fForm{7}, fShade(1), fPanics{8}}
	boxed := w.boxAll(args)
	f.Fuzz(func(t *testing.T, format string) {
		if strings.HasSuffix(format, ".") || strings.Contains(format, "*") && strings.Contains(format, "[") {
			return // a verb there and only there; a width that is printed too
		}
		for n := range len(args) + 1 {
			got, want := sprintf(format, boxed[:n]...), fmt.Sprintf(format, args[:n]...)
			if got != want {
				t.Errorf("Sprintf(%q) of %d\n got %q\nwant %q", format, n, got, want)
			}
		}
	})
}

// TestPrintfOfErrors holds what compiled errors that wrap one of the program print where their methods do not.
func TestPrintfOfErrors(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	sprintf := stand[func(string, ...any) string](w, "fmt.Sprintf")
	errorf := stand[func(string, ...any) error](w, "fmt.Errorf")
	fault, _ := w.prog.Error(w.box(fFaultInt(3)).(box.Box))
	wrapped := func(e error) any { return fmt.Errorf("wrapped: %w", e) }
	joined := func(e error) any { return errors.Join(e, nil) }
	held := func(e error) any { return struct{ a, b any }{e, 1} }
	for _, around := range []func(error) any{wrapped, joined, held} {
		compiled, erased := around(fFaultInt(3)), around(fault)
		for _, format := range formats {
			format = "%[2]T " + format
			want, got := fmt.Sprintf(format, compiled, 1), sprintf(format, erased, 1)
			if got != want {
				t.Errorf("Sprintf(%q, %T)\n got %s\nwant %s", format, compiled, got, want)
			}
			if got := errorf(format, erased, 1).Error(); got != want {
				t.Errorf("Errorf(%q, %T)\n got %s\nwant %s", format, compiled, got, want)
			}
		}
		if got, want := sprintf("%#v %T", erased, erased), fmt.Sprintf("%#v %T", compiled, compiled); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
