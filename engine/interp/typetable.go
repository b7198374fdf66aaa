package interp

import (
	"go/ast"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// typeTable knows the static types of a program. Interpreted values do not know their own: a struct is an anonymous
// reflect type whose unexported fields look exported. What becomes of a value in JSON is therefore decided by static
// types. It is safe for concurrent use.
type typeTable struct {
	universe *symbols.Universe
	boxes    *box.Program
	// comments are those of struct fields. It does not change.
	comments map[*types.Var]string
	// structs are the struct types of the program, those of its fields' types included. It does not change.
	structs []types.Type

	mu     sync.Mutex
	codecs map[types.Type]*codec
}

func newTypeTable(prog *check.Program, universe *symbols.Universe, boxes *box.Program) *typeTable {
	t := &typeTable{
		universe: universe,
		boxes:    boxes,
		comments: make(map[*types.Var]string),
		codecs:   make(map[types.Type]*codec),
	}
	var declared ast.Expr // the type in the declaration that was seen last
	collect := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			declared = n.Type
			if obj := prog.Info.Defs[n.Name]; obj != nil {
				t.addStruct(obj.Type())
			}
		case *ast.StructType:
			t.addComments(prog.Info, n)
			if n != declared {
				t.addStruct(prog.Info.TypeOf(n))
			}
		}
		return true
	}
	for _, pkg := range prog.Packages {
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, collect)
		}
	}
	for _, instance := range prog.Info.Instances {
		t.addStruct(instance.Type)
	}
	return t
}

func (t *typeTable) addStruct(typ types.Type) {
	if typ == nil {
		return
	}
	if _, isStruct := typ.Underlying().(*types.Struct); isStruct {
		t.structs = append(t.structs, typ)
	}
}

// addComments takes the comments of a struct type's fields.
func (t *typeTable) addComments(info *types.Info, s *ast.StructType) {
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
}

// comment returns the comment of a field.
func (t *typeTable) comment(v *types.Var) string { return t.comments[v] }

// opened returns the static type of a value that the program puts into an interface, and the value itself. The type is nil
// for nil.
func (t *typeTable) opened(v any) (types.Type, reflect.Value) {
	switch b := box.Unwrap(v).(type) {
	case nil:
		return nil, reflect.Value{}
	case box.Box:
		return b.T.Type, reflect.ValueOf(b.V)
	default:
		return t.universe.TypeOf(reflect.TypeOf(b)), reflect.ValueOf(b)
	}
}
