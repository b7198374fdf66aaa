package symbols_test

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// missing are the symbols that the universe does not have, though it has the package: what they do cannot be had from an
// interpreter that has a garbage collector of compiled code.
var missing = []string{"runtime.AddCleanup"}

// universePaths are the packages of the universe.
func universePaths() []string {
	paths := append(stdlib.Paths(), symbols.SourcePaths...)
	slices.Sort(paths)
	return slices.Compact(paths)
}

// What the type checker is told of a compiled package is what the compiler knows of it.
func TestUniverseIsWhatTheCompilerSees(t *testing.T) {
	for _, path := range universePaths() {
		t.Run(path, func(t *testing.T) {
			want := importCompiled(t, path)
			got, err := symbols.Std().Import(path)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name() != want.Name() {
				t.Errorf("package name %s, want %s", got.Name(), want.Name())
			}
			for _, name := range want.Scope().Names() {
				obj := want.Scope().Lookup(name)
				if !obj.Exported() || slices.Contains(missing, path+"."+name) {
					continue
				}
				if mine := got.Scope().Lookup(name); mine == nil && path == "syscall" {
					continue // its table has what all systems have
				} else if mine == nil {
					t.Errorf("%s is missing", name)
				} else {
					compareObjects(t, mine, obj)
				}
			}
			for _, name := range got.Scope().Names() {
				if token.IsExported(name) && want.Scope().Lookup(name) == nil {
					t.Errorf("%s is not there in truth", name)
				}
			}
		})
	}
}

// isGeneric reports whether a type has type parameters.
func isGeneric(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && named.TypeParams().Len() > 0
}

func compareObjects(t *testing.T, got, want types.Object) {
	t.Helper()
	name := want.Name()
	switch want := want.(type) {
	case *types.Const:
		c, ok := got.(*types.Const)
		if !ok {
			t.Errorf("%s is %T, want a constant", name, got)
			return
		}
		if shape(c.Type()) != shape(want.Type()) {
			t.Errorf("constant %s has type %s, want %s", name, c.Type(), want.Type())
		}
		if c.Val().Kind() != want.Val().Kind() || !constant.Compare(c.Val(), token.EQL, want.Val()) {
			t.Errorf("constant %s is %s (%s), want %s (%s)", name, c.Val().ExactString(), c.Val().Kind(), want.Val().ExactString(), want.Val().Kind())
		}
	case *types.Var:
		if _, ok := got.(*types.Var); !ok || shape(got.Type()) != shape(want.Type()) {
			t.Errorf("variable %s: %s, want %s", name, got, want)
		}
	case *types.Func:
		if _, ok := got.(*types.Func); !ok || shape(got.Type()) != shape(want.Type()) {
			t.Errorf("function %s: %s, want %s", name, got, want)
		}
	case *types.TypeName:
		if _, ok := got.(*types.TypeName); !ok || shape(got.Type()) != shape(want.Type()) {
			t.Errorf("type %s: %s, want %s", name, got, want)
			return
		}
		compareTypes(t, name, got.Type(), want.Type())
	}
}

func compareTypes(t *testing.T, name string, got, want types.Type) {
	t.Helper()
	if g, w := shape(got.Underlying()), shape(want.Underlying()); g != w && !isGeneric(want) {
		t.Errorf("type %s is\n%s, want\n%s", name, g, w)
	}
	if g, w := types.Comparable(got), types.Comparable(want); g != w {
		t.Errorf("type %s: comparable is %t, want %t", name, g, w)
	}
	if g, w := methods(got), methods(want); g != w {
		t.Errorf("type %s has methods\n%s, want\n%s", name, g, w)
	}
	if types.IsInterface(want) {
		return
	}
	if g, w := methods(types.NewPointer(got)), methods(types.NewPointer(want)); g != w {
		t.Errorf("type *%s has methods\n%s, want\n%s", name, g, w)
	}
}

// A type has the interfaces that it has for the compiler, those with methods that are not exported, too.
func TestTypesImplementWhatTheyDo(t *testing.T) {
	for _, path := range stdlib.Paths() {
		t.Run(path, func(t *testing.T) {
			want := importCompiled(t, path)
			got, err := symbols.Std().Import(path)
			if err != nil {
				t.Fatal(err)
			}
			interfaces, concrete := []string{}, []string{}
			for _, name := range want.Scope().Names() {
				obj, ok := want.Scope().Lookup(name).(*types.TypeName)
				switch {
				case !ok || !obj.Exported() || isGeneric(obj.Type()) || got.Scope().Lookup(name) == nil:
				case types.IsInterface(obj.Type()):
					interfaces = append(interfaces, name)
				default:
					concrete = append(concrete, name)
				}
			}
			for _, i := range interfaces {
				wi, gi := interfaceOf(want, i), interfaceOf(got, i)
				for _, c := range concrete {
					wt, gt := want.Scope().Lookup(c).Type(), got.Scope().Lookup(c).Type()
					if g, w := types.Implements(gt, gi), types.Implements(wt, wi); g != w {
						t.Errorf("%s implements %s: %t, want %t", c, i, g, w)
					}
					if g, w := types.Implements(types.NewPointer(gt), gi), types.Implements(types.NewPointer(wt), wi); g != w {
						t.Errorf("*%s implements %s: %t, want %t", c, i, g, w)
					}
				}
			}
		})
	}
}

func interfaceOf(pkg *types.Package, name string) *types.Interface {
	return pkg.Scope().Lookup(name).Type().Underlying().(*types.Interface)
}
