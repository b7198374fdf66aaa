package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
)

// staff returns the directory of the tests, changed.
func staff(t *testing.T, isolation engine.Isolation, changes ...string) roster.Directory {
	t.Helper()
	dir := t.TempDir()
	opts := rosterOptions(t, dir)
	opts.Isolation = isolation
	file := filepath.Join(dir, "staff", "staff.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(changes...).Replace(string(text))
	if changed == string(text) {
		t.Fatal("nothing is changed")
	}
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	e := open(t, opts)
	d, err := engine.Get[roster.Directory](e, "staff")
	if err != nil {
		t.Fatal(err, e.Sources())
	}
	return d
}

func TestTypedResultsThatTheHostDoesNotKnow(t *testing.T) {
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		d := staff(t, isolation, "roster.Values, error) { return v, nil }",
			"roster.Values, error) { v.Any = []any{mine{}}; return v, nil }\n\ntype mine struct{ A int }")
		_, err := d.Touch(t.Context(), roster.Values{})
		const want = "call directory/staff.Touch: the result holds a staff.mine, a type of the plugin that its host does not know"
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", isolation, err, want)
		}
		if isolation == engine.IsolationNone {
			continue
		}
		const cannot = "call directory/staff.Touch: parameter 2: a value of the type func() in an interface cannot cross: "
		if _, err := d.Touch(t.Context(), roster.Values{Any: func() {}}); err == nil || !strings.HasPrefix(err.Error(), cannot) {
			t.Errorf("got %v, want %s…", err, cannot)
		}
	}
}

// A panic that the host has recovered itself says nothing of the place of the next one.
func TestTypedPanicsAfterOneInAnError(t *testing.T) {
	const text = `func (e *badError) Error() string { return fmt.Sprint(e.text) }`
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		d := staff(t, isolation,
			`return nil, fmt.Errorf("find %s: %w", name, roster.ErrUnknown)`, "var none *badError\n\treturn nil, none",
			"type directory struct {", "type badError struct{ text string }\n\n"+text+"\n\ntype directory struct {",
			"roster.Values, error) { return v, nil }", "roster.Values, error) {\n\tvar p *roster.Person\n\tp.Age = 1\n\treturn v, nil\n}")
		for range 3 {
			func() {
				defer func() { _ = recover() }()
				_, err := d.Find(t.Context(), "nobody")
				_ = err.Error()
			}()
			_, err := d.Touch(t.Context(), roster.Values{})
			if p, ok := errors.AsType[*engine.PanicError](err); !ok || p.Line < 150 || strings.Count(p.Stack, "\n") > 1 {
				t.Errorf("%s: got %v\n%s", isolation, err, p.Stack)
			}
		}
	}
}

// Hosts keep implementations in maps.
func TestTypedValuesAreComparable(t *testing.T) {
	e := open(t, rosterOptions(t, t.TempDir()))
	a, err := engine.Get[roster.Directory](e, "staff")
	b, err2 := engine.Get[roster.Directory](e, "staff")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	kept := map[roster.Directory]string{a: "a", b: "b"}
	if len(kept) != 2 || kept[a] != "a" || a != a { //nolint:gocritic // it may panic
		t.Errorf("got %v", kept)
	}
	if !engine.Implements(a, "Find") || engine.Implements(a, "Oldest") {
		t.Error("a value does not know what it stands for")
	}
}
