package box_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/symbols"
)

// mirror holds types of this test package twice: compiled, and checked from their source, with values in erased form. It
// converts values both ways, so that a method of the erased program is that of the compiled one.
type mirror struct {
	prog *box.Program
	pkg  *types.Package
	fset *token.FileSet

	typs   map[reflect.Type]types.Type
	erased map[*box.Type]reflect.Type
	depth  map[*box.Type]bool
	known  map[mirrorRef]reflect.Value
	done   map[reflect.Type]bool
}

type mirrorRef struct {
	address uintptr
	typ     reflect.Type
}

const mirrorPath = "github.com/scriptd/scriptd/engine/box_test"

func newMirror(t testing.TB, files ...string) *mirror {
	t.Helper()
	m := &mirror{
		prog: box.NewProgram(symbols.Std()), fset: token.NewFileSet(),
		typs: map[reflect.Type]types.Type{}, erased: map[*box.Type]reflect.Type{}, depth: map[*box.Type]bool{},
		done: map[reflect.Type]bool{},
	}
	var parsed []*ast.File
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(m.fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	config := types.Config{Importer: symbols.Std(), GoVersion: "go1.26"}
	pkg, err := config.Check(mirrorPath, m.fset, parsed, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.pkg = pkg
	return m
}

// typeOf returns the checked type of compiled values.
func (m *mirror) typeOf(rt reflect.Type) types.Type {
	if t, ok := m.typs[rt]; ok {
		return t
	}
	t := m.newType(rt)
	m.typs[rt] = t
	return t
}

func (m *mirror) newType(rt reflect.Type) types.Type {
	if rt.Name() != "" {
		if rt.PkgPath() != mirrorPath {
			return symbols.Std().TypeOf(rt)
		}
		tv, err := types.Eval(m.fset, m.pkg, token.NoPos, strings.ReplaceAll(rt.Name(), mirrorPath+".", ""))
		if err != nil {
			panic(err)
		}
		return tv.Type
	}
	switch rt.Kind() {
	case reflect.Pointer:
		return types.NewPointer(m.typeOf(rt.Elem()))
	case reflect.Slice:
		return types.NewSlice(m.typeOf(rt.Elem()))
	case reflect.Array:
		return types.NewArray(m.typeOf(rt.Elem()), int64(rt.Len()))
	case reflect.Map:
		return types.NewMap(m.typeOf(rt.Key()), m.typeOf(rt.Elem()))
	case reflect.Struct:
		var fields []*types.Var
		var tags []string
		for f := range rt.Fields() {
			fields = append(fields, types.NewField(token.NoPos, m.pkg, f.Name, m.typeOf(f.Type), f.Anonymous))
			tags = append(tags, string(f.Tag))
		}
		return types.NewStruct(fields, tags)
	case reflect.Interface:
		var methods []*types.Func
		for i := range rt.Methods() {
			sig := symbols.Std().TypeOf(i.Type).(*types.Signature)
			methods = append(methods, types.NewFunc(token.NoPos, m.pkg, i.Name, sig))
		}
		return types.NewInterfaceType(methods, nil).Complete()
	case reflect.Chan:
		return types.NewChan(types.SendRecv, m.typeOf(rt.Elem()))
	}
	return symbols.Std().TypeOf(rt)
}

// own reports whether a type mentions one of the program, or a struct type.
func (m *mirror) own(rt reflect.Type) bool {
	if rt.PkgPath() != "" {
		return rt.PkgPath() == mirrorPath
	}
	switch rt.Kind() {
	case reflect.Struct:
		return true
	case reflect.Interface:
		return rt.Name() == "" && rt.NumMethod() > 0
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return m.own(rt.Elem())
	case reflect.Map:
		return m.own(rt.Key()) || m.own(rt.Elem())
	}
	return false
}

// erase returns the erased form of a type. What leads back to a type is an interface.
func (m *mirror) erase(rt reflect.Type) reflect.Type {
	if !m.own(rt) {
		return rt
	}
	id := m.prog.Type(m.typeOf(rt))
	if e := m.erased[id]; e != nil {
		return e
	}
	if m.depth[id] {
		return nil
	}
	m.depth[id] = true
	defer delete(m.depth, id)
	e := m.newErased(rt)
	if e != nil && len(m.depth) == 1 {
		m.erased[id] = e
	}
	return e
}

func (m *mirror) newErased(rt reflect.Type) reflect.Type {
	basic := map[reflect.Kind]reflect.Type{
		reflect.Bool: reflect.TypeFor[bool](), reflect.String: reflect.TypeFor[string](), reflect.Int: reflect.TypeFor[int](),
		reflect.Int8: reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](), reflect.Int64: reflect.TypeFor[int64](),
		reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](), reflect.Float64: reflect.TypeFor[float64](),
		reflect.Float32: reflect.TypeFor[float32](), reflect.Uint64: reflect.TypeFor[uint64](), reflect.Int32: reflect.TypeFor[int32](),
		reflect.Interface: reflect.TypeFor[any](), reflect.Func: reflect.TypeFor[func()](), reflect.Complex128: reflect.TypeFor[complex128](),
	}
	switch rt.Kind() {
	case reflect.Struct:
		var fields []reflect.StructField
		for i := range rt.NumField() {
			f := rt.Field(i)
			e := m.erase(f.Type)
			if e == nil {
				e = reflect.TypeFor[any]()
			}
			made := reflect.StructField{Name: f.Name, Tag: f.Tag, Type: e}
			if !f.IsExported() {
				made.Name, made.Tag = "F"+string(rune('a'+i))+"_"+f.Name, ""
			}
			fields = append(fields, made)
		}
		if len(fields) == 0 {
			fields = append(fields, reflect.StructField{Name: "Empty", Type: reflect.TypeFor[bool]()})
		}
		return reflect.StructOf(fields)
	case reflect.Map:
		if e := m.erase(rt.Elem()); e != nil {
			return reflect.MapOf(m.erase(rt.Key()), e)
		}
		if rt.Name() != "" {
			return reflect.TypeFor[map[string]any]()
		}
		return nil
	case reflect.Pointer, reflect.Slice, reflect.Array:
		e := m.erase(rt.Elem())
		switch {
		case e == nil:
			if rt.Name() != "" && rt.Kind() == reflect.Slice {
				return reflect.TypeFor[[]any]()
			}
			return nil
		case rt.Kind() == reflect.Pointer:
			return reflect.PointerTo(e)
		case rt.Kind() == reflect.Slice:
			return reflect.SliceOf(e)
		default:
			return reflect.ArrayOf(rt.Len(), e)
		}
	case reflect.Chan:
		return reflect.ChanOf(rt.ChanDir(), m.erase(rt.Elem()))
	}
	if e := basic[rt.Kind()]; e != nil {
		return e
	}
	panic("erase " + rt.String())
}
