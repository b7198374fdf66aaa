package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// typeTable knows what parameters and results are in JSON. Static types decide on it: interpreted values are of erased types,
// which have no methods, and whose unexported fields look exported. It is safe for concurrent use.
type typeTable struct {
	universe *symbols.Universe
	boxes    *box.Program
	// comments are those of struct fields. It does not change.
	comments map[*types.Var]string
	// own are the packages of the program, and brief where it registers functions that surely end soon.
	own   map[*types.Package]bool
	main  *types.Package
	brief map[token.Position]bool

	mu     sync.Mutex
	codecs map[types.Type]*codec
	known  sync.Map // of *codec by reflect.Type
}

func newTypeTable(prog *check.Program, universe *symbols.Universe, boxes *box.Program) *typeTable {
	t := &typeTable{
		universe: universe,
		boxes:    boxes,
		comments: make(map[*types.Var]string),
		codecs:   make(map[types.Type]*codec),
		own:      make(map[*types.Package]bool),
		main:     prog.Main().Types,
		brief:    make(map[token.Position]bool),
	}
	for _, pkg := range prog.Packages {
		t.own[pkg.Types] = true
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.StructType:
					t.addComments(prog.Info, n)
				case *ast.CallExpr:
					t.addBrief(prog, n)
				}
				return true
			})
		}
	}
	return t
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
