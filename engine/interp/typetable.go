package interp

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/schema"
)

// typeTable knows the static types of a program. Interpreted values do not know their own: a struct is an anonymous
// reflect type whose unexported fields look exported. What becomes of a value in JSON is therefore decided by static
// types. It is safe for concurrent use.
type typeTable struct {
	mu     sync.Mutex
	codecs map[types.Type]*codec
	// comments are those of struct fields. It does not change.
	comments map[*types.Var]string
	// structs are the struct types of the program, by the shape that they have when they are interpreted.
	structs map[string][]types.Type
}

func newTypeTable(prog *check.Program) *typeTable {
	t := &typeTable{
		codecs:   make(map[types.Type]*codec),
		comments: make(map[*types.Var]string),
		structs:  make(map[string][]types.Type),
	}
	for _, pkg := range prog.Packages {
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				if s, ok := n.(*ast.StructType); ok {
					t.add(prog.Info, s)
				}
				return true
			})
		}
		scope := pkg.Types.Scope()
		for _, name := range scope.Names() {
			if obj, ok := scope.Lookup(name).(*types.TypeName); ok {
				t.addShape(obj.Type())
			}
		}
	}
	return t
}

// add takes the comments of a struct type, and its shape.
func (t *typeTable) add(info *types.Info, s *ast.StructType) {
	for _, field := range s.Fields.List {
		text := field.Doc.Text()
		if text == "" {
			text = field.Comment.Text()
		}
		if text == "" {
			continue
		}
		for _, name := range field.Names {
			if v, ok := info.Defs[name].(*types.Var); ok {
				t.comments[v] = strings.Join(strings.Fields(text), " ")
			}
		}
	}
	if tv, ok := info.Types[s]; ok {
		t.addShape(tv.Type)
	}
}

func (t *typeTable) addShape(typ types.Type) {
	if s, ok := typ.Underlying().(*types.Struct); ok {
		key := staticShape(s)
		t.structs[key] = append(t.structs[key], typ)
	}
}

// comment returns the comment of a field.
func (t *typeTable) comment(v *types.Var) string { return t.comments[v] }

// staticShape is the shape that the interpreter gives a struct: it exports what is not, by a leading X.
func staticShape(s *types.Struct) string {
	var b strings.Builder
	for i := range s.NumFields() {
		name := s.Field(i).Name()
		if !s.Field(i).Exported() {
			name = "X" + name
		}
		fmt.Fprintf(&b, "%s %q\n", name, s.Tag(i))
	}
	return b.String()
}

func shape(t reflect.Type) string {
	var b strings.Builder
	for field := range t.Fields() {
		fmt.Fprintf(&b, "%s %q\n", field.Name, string(field.Tag))
	}
	return b.String()
}

// static returns the type of the program that an interpreted struct has. Where several have its shape, and would not
// be the same in JSON, there is no telling.
func (t *typeTable) static(v reflect.Type) (types.Type, error) {
	candidates := t.structs[shape(v)]
	if len(candidates) == 0 {
		return nil, fmt.Errorf("struct of an unknown type: return it as its own type, not in an interface")
	}
	for _, c := range candidates[1:] {
		if !sameJSON(candidates[0], c) {
			return nil, fmt.Errorf("struct that may be a %s or a %s: return it as its own type, not in an interface", candidates[0], c)
		}
	}
	return candidates[len(candidates)-1], nil
}

// sameJSON reports whether values of two struct types of one shape are encoded alike.
func sameJSON(a, b types.Type) bool {
	if schema.Has(a, "MarshalJSON") != schema.Has(b, "MarshalJSON") || schema.Has(a, "MarshalText") != schema.Has(b, "MarshalText") {
		return false
	}
	fa, fb := schema.Fields(a.Underlying().(*types.Struct)), schema.Fields(b.Underlying().(*types.Struct))
	if len(fa) != len(fb) {
		return false
	}
	for i := range fa {
		if fa[i].Name != fb[i].Name || !types.Identical(fa[i].Var.Type(), fb[i].Var.Type()) {
			return false
		}
	}
	return true
}
