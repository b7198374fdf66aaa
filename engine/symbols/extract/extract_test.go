package extract_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/extract"
)

// The table of the tests' host is what is extracted of it now.
func TestTableIsUpToDate(t *testing.T) {
	dir := filepath.Join("..", "testdata", "usersync", "table")
	res, err := extract.Extract(t.Context(), extract.Config{Dir: dir, Patterns: []string{"..", "../audit"}, Package: "table"})
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(dir, "table_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	if string(res.Source) != string(have) {
		t.Error("table_gen.go is not: run go generate in engine/symbols/testdata/usersync/table")
	}
	var notes []string
	for _, n := range res.Notes {
		notes = append(notes, n.Message)
		if n.Pos.Filename != "../usersync.go" || n.Pos.Line == 0 || n.Pos.Column == 0 {
			t.Errorf("%s is said to be at %s", n.Message, n.Pos)
		}
	}
	want := []string{
		"plugins cannot implement usersync.Sealed: its method sealed is not exported",
		"plugins cannot implement usersync.Private: its method Use mentions usersync.client, which they cannot name",
		"usersync.Page is left out: it is generic, and a table holds compiled code",
		"usersync.Map is left out: it is generic, and a table holds compiled code",
		"usersync.Number is left out: it is a constraint of type parameters",
	}
	if !slices.Equal(notes, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(want, "\n"))
	}
}

// A module is extracted into a folder beside it: its internal packages are out of reach there.
func TestInternalPackagesOutOfReach(t *testing.T) {
	module := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                "module example.com/m\n\ngo 1.26\n",
		"api/api.go":            "package api\n\nimport \"example.com/m/internal/x\"\n\ntype Taker interface{ Take(x.T) }\n\nfunc New() x.T { return 0 }\n",
		"internal/x/x.go":       "package x\n\ntype T int\n",
		"deep/internal/y/y.go":  "package y\n\ntype T int\n",
		"deep/api/api.go":       "package api\n\nimport \"example.com/m/deep/internal/y\"\n\ntype Taker interface{ Take(y.T) }\n",
		"deep/cmd/doc.go":       "package main\n",
		"fields/fields.go":      "package fields\n\ntype (\n\tA interface{ IValue() int }\n\tB interface{ Rite(); WRite() }\n\tC interface{ WRite() }\n)\n",
		"literal/literal.go":    "package literal\n\ntype (\n\tA interface{ Do(struct{ X, y int }) }\n\tB interface{ Do([]interface{ do() }) }\n\tC interface{ Do(struct{ X int }) }\n)\n\nvar V struct{ x int }\n",
		"two/a/names/names.go":  "package names\n\ntype T interface{ M(T) }\n",
		"two/b/names/names.go":  "package names\n\ntype T interface{ M(T) }\n",
		"two/c/d-e/d.go":        "package d\n\nimport \"example.com/m/two/a/names\"\n\ntype Alias = names.T\n\nvar W, reflect, interp int\n",
		"two/c/interp/names.go": "package interp\n\ntype Symbols interface{ W(reflect int, _ func(_ Symbols) any) (a, b Symbols) }\n",
	} {
		file := filepath.Join(module, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, out   string
		patterns    []string
		in, without []string // what the file has, and what it has not
		notes       []string
	}{
		{
			"within the module", "",
			[]string{"./api"},
			[]string{`"_Taker":`, `"example.com/m/internal/x"`},
			nil,
			[]string{"api/api.go:5:6: api.Taker mentions x.T: plugins cannot name it, since package example.com/m/internal/x is internal"},
		},
		{"in another module", t.TempDir(), []string{"./api"}, []string{`"Taker":`}, []string{`"_Taker":`, "internal/x"}, []string{
			"api/api.go:5:6: api.Taker mentions x.T: plugins cannot name it, since package example.com/m/internal/x is internal",
			"api/api.go:5:23: plugins cannot implement api.Taker: its method Take mentions x.T, which they cannot name",
		}},
		{
			"beside what is internal", "deep/cmd",
			[]string{"./deep/api"},
			[]string{`"_Taker":`},
			nil,
			[]string{"deep/api/api.go:5:6: api.Taker mentions y.T: plugins cannot name it, since package example.com/m/deep/internal/y is internal"},
		},
		{"above what is internal", "api", []string{"./deep/api"}, nil, []string{`"_Taker":`}, []string{
			"deep/api/api.go:5:6: api.Taker mentions y.T: plugins cannot name it, since package example.com/m/deep/internal/y is internal",
			"deep/api/api.go:5:23: plugins cannot implement api.Taker: its method Take mentions y.T, which they cannot name",
		}},
		{"fields of wrappers", "", []string{"./fields"}, []string{`"_C":`}, []string{`"_A":`, `"_B":`}, []string{
			"fields/fields.go:4:15: plugins cannot implement fields.A: its method IValue has the name of a field that its wrapper needs",
			"fields/fields.go:5:23: plugins cannot implement fields.B: its method WRite has the name of a field that its wrapper needs",
		}},
		{"types that belong to their package", "", []string{"./literal"}, []string{`"_C":`, `"V":`}, []string{`"_A":`, `"_B":`}, []string{
			"literal/literal.go:4:15: plugins cannot implement literal.A: its method Do mentions a struct with the field y, which they cannot name",
			"literal/literal.go:5:15: plugins cannot implement literal.B: its method Do mentions an interface with the method do, which they cannot name",
		}},
		{"names that are taken", "", []string{"./two/..."}, []string{
			`names2 "example.com/m/two/b/names"`, `d "example.com/m/two/c/d-e"`, `interp2 "example.com/m/two/c/interp"`, `"example.com/m/two/c/d-e/d": {`,
			"W(a0 int, a1 func(_ interp2.Symbols) any) (interp2.Symbols, interp2.Symbols)",
		}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := extract.Extract(t.Context(), extract.Config{Dir: module, Patterns: tt.patterns, Package: "main", Out: tt.out})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.in {
				if !strings.Contains(string(res.Source), want) {
					t.Errorf("the file lacks %s:\n%s", want, res.Source)
				}
			}
			for _, not := range tt.without {
				if strings.Contains(string(res.Source), not) {
					t.Errorf("the file has %s:\n%s", not, res.Source)
				}
			}
			var notes []string
			for _, n := range res.Notes {
				notes = append(notes, n.String())
			}
			if !slices.Equal(notes, tt.notes) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(tt.notes, "\n"))
			}
		})
	}
}
