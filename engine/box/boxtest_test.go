package box_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/symbols"
)

// thisPackage is the path of this package as it is compiled.
const thisPackage = "github.com/scriptd/scriptd/engine/box_test"

// twin is a program that is there twice: compiled into this test, and as checked source whose values are erased. It
// makes the values of the second from those of the first.
type twin struct {
	prog *box.Program
	pkg  *types.Package
	info *types.Info

	mu       sync.Mutex            // held while a method or function is called
	named    map[string]types.Type // by the name that reflection knows
	erasing  []*types.Named
	methods  map[reflect.Type]bool
	pointers map[pointer]reflect.Value
	compiled map[int]reflect.Type // by the ID of a box.Type
	restored map[pointer]reflect.Value
}

type pointer struct {
	address uintptr
	typ     reflect.Type
}

// newTwin checks files of this package, which use nothing of its other files.
func newTwin(t testing.TB, files ...string) *twin {
	t.Helper()
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	w := &twin{
		prog: box.NewProgram(symbols.Std()),
		info: &types.Info{
			Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object),
			Instances: make(map[*ast.Ident]types.Instance),
		},
		named:    make(map[string]types.Type),
		methods:  make(map[reflect.Type]bool),
		pointers: make(map[pointer]reflect.Value),
		compiled: make(map[int]reflect.Type),
		restored: make(map[pointer]reflect.Value),
	}
	config := types.Config{Importer: symbols.Std(), GoVersion: "go1.26"}
	pkg, err := config.Check(thisPackage, fset, parsed, w.info)
	if err != nil {
		t.Fatal(err)
	}
	w.pkg = pkg
	for _, def := range w.info.Defs {
		if name, ok := def.(*types.TypeName); ok && !name.IsAlias() {
			w.named[name.Name()] = name.Type()
		}
	}
	for _, i := range w.info.Instances {
		if named, ok := i.Type.(*types.Named); ok {
			w.named[strings.TrimPrefix(box.Name(named), "box_test.")] = named
		}
	}
	return w
}

// box returns a compiled value as the erased program has it in an interface.
func (w *twin) box(v any) any {
	if v == nil {
		return nil
	}
	rt := reflect.TypeOf(v)
	t := w.typeOf(rt)
	w.addMethods(rt)
	erased := w.erased(t, reflect.ValueOf(v))
	if !mustBox(rt) {
		return erased.Interface()
	}
	w.compiled[w.prog.Type(t).ID] = rt
	return w.prog.Type(t).Box(erased.Interface())
}

// mustBox reports whether reflection cannot tell the erased form of a type from others.
func mustBox(rt reflect.Type) bool {
	if rt.PkgPath() != "" {
		return rt.PkgPath() == thisPackage
	}
	switch rt.Kind() {
	case reflect.Struct:
		return true
	case reflect.Interface:
		return rt.Name() == "" && rt.NumMethod() > 0
	case reflect.Map:
		return mustBox(rt.Key()) || mustBox(rt.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return mustBox(rt.Elem())
	case reflect.Func:
		for in := range rt.Ins() {
			if mustBox(in) {
				return true
			}
		}
		for out := range rt.Outs() {
			if mustBox(out) {
				return true
			}
		}
	}
	return false
}

// typeOf returns the checked type of compiled values.
func (w *twin) typeOf(rt reflect.Type) types.Type {
	if rt.Name() != "" {
		if rt.PkgPath() != thisPackage {
			return symbols.Std().TypeOf(rt)
		}
		t := w.named[rt.Name()]
		if t == nil {
			panic("no checked type " + rt.String())
		}
		return t
	}
	switch rt.Kind() {
	case reflect.Pointer:
		return types.NewPointer(w.typeOf(rt.Elem()))
	case reflect.Slice:
		return types.NewSlice(w.typeOf(rt.Elem()))
	case reflect.Array:
		return types.NewArray(w.typeOf(rt.Elem()), int64(rt.Len()))
	case reflect.Map:
		return types.NewMap(w.typeOf(rt.Key()), w.typeOf(rt.Elem()))
	case reflect.Chan:
		return types.NewChan(map[reflect.ChanDir]types.ChanDir{
			reflect.BothDir: types.SendRecv, reflect.SendDir: types.SendOnly, reflect.RecvDir: types.RecvOnly,
		}[rt.ChanDir()], w.typeOf(rt.Elem()))
	case reflect.Func:
		return w.signature(rt)
	case reflect.Struct:
		fields, tags := make([]*types.Var, rt.NumField()), make([]string, rt.NumField())
		for i := range fields {
			f := rt.Field(i)
			fields[i], tags[i] = types.NewField(token.NoPos, w.pkg, f.Name, w.typeOf(f.Type), f.Anonymous), string(f.Tag)
		}
		return types.NewStruct(fields, tags)
	default: // an interface
		methods := make([]*types.Func, rt.NumMethod())
		for i := range methods {
			methods[i] = types.NewFunc(token.NoPos, w.pkg, rt.Method(i).Name, w.signature(rt.Method(i).Type))
		}
		return types.NewInterfaceType(methods, nil).Complete()
	}
}

func (w *twin) signature(rt reflect.Type) *types.Signature {
	var in, out []*types.Var
	for t := range rt.Ins() {
		in = append(in, types.NewParam(token.NoPos, nil, "", w.typeOf(t)))
	}
	for t := range rt.Outs() {
		out = append(out, types.NewParam(token.NoPos, nil, "", w.typeOf(t)))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(in...), types.NewTuple(out...), rt.IsVariadic())
}

// fieldName returns the name of a field in the erased struct.
func fieldName(f *types.Var, i int) string {
	if f.Exported() {
		return f.Name()
	}
	return fmt.Sprintf("X%d_%s", i, f.Name())
}
