package extract

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols"
)

// walk calls visit for the names in a type, and for the fields and methods of types without one that are not exported, until it is
// false. What the names stand for is not looked into.
func walk(t types.Type, visit func(types.Object) bool) bool {
	all := func(v *types.Tuple) bool {
		for p := range v.Variables() {
			if !walk(p.Type(), visit) {
				return false
			}
		}
		return true
	}
	switch t := t.(type) {
	case *types.Alias:
		return visit(t.Obj())
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			if !walk(arg, visit) {
				return false
			}
		}
		return visit(t.Obj())
	case *types.Pointer:
		return walk(t.Elem(), visit)
	case *types.Slice:
		return walk(t.Elem(), visit)
	case *types.Array:
		return walk(t.Elem(), visit)
	case *types.Chan:
		return walk(t.Elem(), visit)
	case *types.Map:
		return walk(t.Key(), visit) && walk(t.Elem(), visit)
	case *types.Signature:
		return all(t.Params()) && all(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() || f.Embedded() {
				if !walk(f.Type(), visit) {
					return false
				}
			} else if !visit(f) {
				return false
			}
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			if m.Exported() {
				if !walk(m.Type(), visit) {
					return false
				}
			} else if !visit(m) {
				return false
			}
		}
		for e := range t.EmbeddedTypes() {
			if !walk(e, visit) {
				return false
			}
		}
	}
	return true
}

// unreachable returns the first type in t that the file cannot name, or write.
func (t *table) unreachable(typ types.Type) (name string) {
	walk(typ, func(obj types.Object) bool {
		switch obj.(type) {
		case *types.Var:
			name = "a struct with the field " + obj.Name()
			return false
		case *types.Func:
			name = "an interface with the method " + obj.Name()
			return false
		}
		pkg := obj.Pkg()
		if pkg == nil || obj.Exported() && t.file.mayImport(pkg.Path()) {
			return true
		}
		name = types.TypeString(obj.Type(), (*types.Package).Name)
		return false
	})
	return name
}

// mayImport reports whether the file may import a package: one that is internal is for what is beside it.
func (f *file) mayImport(path string) bool {
	at := strings.LastIndex("/"+path+"/", "/internal/")
	if at < 0 {
		return true
	}
	parent := strings.TrimSuffix(path[:at], "/")
	return parent != "" && strings.HasPrefix(f.into+"/", parent+"/")
}

// look looks at what an object is written with, where it is not left out.
func (t *table) look(obj types.Object) {
	name, isType := obj.(*types.TypeName)
	switch {
	case isGeneric(obj):
	case !isType, name.IsAlias():
		t.mentions(obj, obj.Type())
	default:
		t.mentions(obj, obj.Type().Underlying())
		for m := range obj.Type().(*types.Named).Methods() {
			if m.Exported() {
				t.mentions(m, m.Type())
			}
		}
	}
}

// mentions says, once for a package, that plugins will see types of it but cannot name them, or implement them.
func (t *table) mentions(obj types.Object, typ types.Type) {
	walk(typ, func(name types.Object) bool {
		pkg := name.Pkg()
		if _, ok := name.(*types.TypeName); !ok || pkg == nil || t.file.known[pkg.Path()] {
			return true
		}
		if _, err := symbols.Std().Import(pkg.Path()); err == nil {
			return true
		}
		_, isInterface := name.Type().Underlying().(*types.Interface)
		key := pkg.Path()
		if isInterface {
			key += "."
		}
		if t.file.mention[key] || t.file.mention[pkg.Path()+"."] {
			return true
		}
		t.file.mention[key] = true
		what := "name"
		if isInterface {
			what = "implement"
		}
		mention := fmt.Sprintf("%s.%s mentions %s.%s", t.pkg.Name, obj.Name(), pkg.Name(), name.Name())
		switch {
		case t.file.std[pkg.Path()]:
			t.note(obj, "%s: plugins cannot %s it, since they have no package %s", mention, what, pkg.Path())
		case isInternal(pkg.Path()):
			t.note(obj, "%s: plugins cannot %s it, since package %s is internal", mention, what, pkg.Path())
		default:
			t.note(obj, "%s: extract %s too, or plugins cannot %s it", mention, pkg.Path(), what)
		}
		return true
	})
}
