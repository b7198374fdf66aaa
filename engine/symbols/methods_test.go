package symbols

import (
	"go/types"
	"reflect"
	"slices"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// What was noted of types when the tables were generated is what reflection shows.
func TestNotedMethods(t *testing.T) {
	u, count := Std(), 0
	for _, path := range u.Paths() {
		table := u.table(path)
		var sealed []string
		for name, v := range table.symbols() {
			if !isTypeSymbol(v) {
				continue
			}
			typ := v.Type().Elem()
			if typ.Kind() == reflect.Interface {
				if typ.PkgPath() == path && isSealed(typ) {
					sealed = append(sealed, name)
				}
				continue
			}
			methods := table.Methods(name)
			if methods == nil {
				continue
			}
			count++
			var want []stdlib.Method
			for m := range reflect.PointerTo(typ).Methods() {
				_, has := typ.MethodByName(m.Name)
				want = append(want, stdlib.Method{Name: m.Name, ByValue: has})
			}
			if !slices.Equal(methods, want) {
				t.Errorf("%s.%s: got %v, want %v", path, name, methods, want)
			}
		}
		slices.Sort(sealed)
		if table.IsGenerated() && !slices.Equal(sealed, table.Sealed()) {
			t.Errorf("%s: got the sealed interfaces %v, want %v", path, table.Sealed(), sealed)
		}
	}
	if count < 500 {
		t.Errorf("the methods of %d types are noted", count)
	}
}

// The methods made of what was noted are those made by reflection alone.
func TestMethodsWithoutNotes(t *testing.T) {
	tables := make(map[string]*table)
	for _, path := range stdlib.Paths() {
		p := stdTable(path)
		tables[path] = &table{Package: &stdlib.Package{Path: path, Name: p.Name}, load: p.Symbols}
	}
	noted, reflected := Std(), newUniverse(tables)
	for _, path := range stdlib.Paths() {
		pkg, err := noted.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		other, err := reflected.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range pkg.Scope().Names() {
			typ, ok := pkg.Scope().Lookup(name).(*types.TypeName)
			if !ok || typ.IsAlias() {
				continue
			}
			for _, pointer := range []bool{false, true} {
				got, want := methodsOf(typ, pointer), methodsOf(other.Scope().Lookup(name), pointer)
				if got != want {
					t.Errorf("%s.%s: got %s\nwant %s", path, name, got, want)
				}
			}
		}
	}
}

func methodsOf(obj types.Object, pointer bool) string {
	typ := obj.Type()
	if pointer {
		typ = types.NewPointer(typ)
	}
	return types.NewMethodSet(typ).String()
}
