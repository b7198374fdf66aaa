package symbols

import (
	"fmt"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The packages through which the world outside can be reached have each of their functions, variables, types and methods in
// a list, with the permission that it needs. Somebody has looked at each that needs none: what a new release adds has to be
// looked at too.
func TestEverySymbolIsReviewed(t *testing.T) {
	data, err := os.ReadFile("testdata/reviewed.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string][]string) // package and group -> names
	for line := range strings.Lines(string(data)) {
		head, names, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && !strings.HasPrefix(head, "#") {
			want[head] = strings.Fields(names)
		}
	}
	got := make(map[string][]string)
	for _, r := range rules {
		path := r.path
		pkg, err := Std().Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range symbolsOf(pkg) {
			group := GroupOf(path, name)
			if group == Free {
				group = "free"
			}
			head := fmt.Sprintf("%s (%s)", path, group)
			got[head] = append(got[head], name)
		}
	}
	for _, head := range slices.Sorted(maps.Keys(got)) {
		slices.Sort(got[head])
		for _, name := range got[head] {
			if !slices.Contains(want[head], name) {
				t.Errorf("%s: %s is not reviewed", head, name)
			}
		}
	}
	for head, names := range want {
		for _, name := range names {
			if !slices.Contains(got[head], name) {
				t.Errorf("%s: there is no %s", head, name)
			}
		}
	}
	if t.Failed() {
		for _, head := range slices.Sorted(maps.Keys(got)) {
			t.Logf("%s: %s", head, strings.Join(got[head], " "))
		}
	}
}

// symbolsOf returns the names of what a package declares, but for constants, with the exported methods of its types.
func symbolsOf(pkg *types.Package) []string {
	var names []string
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if _, isConst := obj.(*types.Const); isConst || !obj.Exported() {
			continue
		}
		names = append(names, name)
		if _, isType := obj.(*types.TypeName); !isType {
			continue
		}
		methods := types.NewMethodSet(types.NewPointer(obj.Type()))
		if types.IsInterface(obj.Type()) {
			methods = types.NewMethodSet(obj.Type())
		}
		for m := range methods.Methods() {
			if m.Obj().Exported() {
				names = append(names, name+"."+m.Obj().Name())
			}
		}
	}
	return names
}
