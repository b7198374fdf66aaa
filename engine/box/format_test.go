package box_test

import (
	"fmt"
	"reflect"
	"regexp"
	"testing"
)

var address = regexp.MustCompile(`[0-9a-fA-Fx]{6,}`)

func masked(s string) string { return address.ReplaceAllString(s, "ADDRESS") }

var formats = []string{
	"%v", "%+v", "%#v", "%d", "%s", "%q", "%x", "%X", "%t", "%e", "%g", "%c", "%U", "%b", "%o", "%O", "%z", "%f", "%G", "%E", "%F",
	"%8v", "%-8v|", "%08d", "%+d", "% d", "%#x", "%# x", "%+q", "%#q", "%-10s|", "%10.3s|", "%08.3f", "%.2f", "%6.2v", "%#o", "%+.3e", "%#g", "%#d",
	"%#8v", "%+8v", "%-+8v|", "% x", "%x %[1]v", "%.0s", "%#z", "%+z", "%5t", "%#U", "%-#20v|", "%.1v", "%020v", "%!",
}

// TestFormat holds every verb over every kind of value against the same program as it is compiled.
func TestFormat(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	again := fValues()
	for i, v := range fValues() {
		boxed := w.box(v)
		for _, format := range formats {
			want := fmt.Sprintf(format, v)
			got := fmt.Sprintf(format, boxed)
			if v != nil && reflect.TypeOf(v).Kind() == reflect.Func || want != fmt.Sprintf(format, again[i]) {
				got, want = masked(got), masked(want) // it has addresses
			}
			if got != want {
				t.Errorf("%d: Sprintf(%q, %T)\n got %s\nwant %s", i, format, v, got, want)
			}
		}
	}
}

// TestTypeNames holds the names of types against reflection's.
func TestTypeNames(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	for _, v := range fValues() {
		if v == nil {
			continue
		}
		want := reflect.TypeOf(v).String()
		if got := w.prog.Type(w.typeOf(reflect.TypeOf(v))).String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
