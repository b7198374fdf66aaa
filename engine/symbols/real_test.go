package symbols_test

import (
	"bytes"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
	"testing"
)

// compiled imports packages from what the compiler exported of them: what the universe has to agree with.
var compiled = sync.OnceValues(func() (types.Importer, error) {
	list := exec.Command("go", "list", "-export", "-f", "{{.ImportPath}} {{.Export}}", "std", "github.com/scriptd/scriptd/plugin")
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -export: %w: %s", err, stderr.Bytes())
	}
	files := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[path] = file
		}
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(files[path])
	}), nil
})

func importCompiled(t *testing.T, path string) *types.Package {
	t.Helper()
	imp, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := imp.Import(path)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// shape writes a type as both sides see it: reflection knows no names of parameters, and byte, rune and any by their
// other names only.
func shape(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return types.Typ[t.Kind()].Name()
	case *types.Named:
		return namedShape(t)
	case *types.Pointer:
		return "*" + shape(t.Elem())
	case *types.Slice:
		return "[]" + shape(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), shape(t.Elem()))
	case *types.Map:
		return "map[" + shape(t.Key()) + "]" + shape(t.Elem())
	case *types.Chan:
		return fmt.Sprintf("chan(%d) %s", t.Dir(), shape(t.Elem()))
	case *types.TypeParam:
		return fmt.Sprintf("$%d", t.Index())
	case *types.Union:
		var parts []string
		for term := range t.Terms() {
			parts = append(parts, fmt.Sprint(term.Tilde(), shape(term.Type())))
		}
		return strings.Join(parts, "|")
	case *types.Signature:
		return typeParamsShape(t.TypeParams()) + "func(" + tupleShape(t.Params(), t.Variadic()) + ") (" + tupleShape(t.Results(), false) + ")"
	case *types.Struct:
		return structShape(t)
	case *types.Interface:
		return interfaceShape(t)
	default:
		return fmt.Sprintf("%T", t)
	}
}

func namedShape(t *types.Named) string {
	obj := t.Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	name, _, _ := strings.Cut(obj.Name(), "[") // reflection writes the arguments into the name
	var args []string
	for arg := range t.TypeArgs().Types() {
		args = append(args, shape(arg))
	}
	return fmt.Sprint(obj.Pkg().Path(), ".", name, args)
}

// typeParamsShape lists the constraints.
func typeParamsShape(t *types.TypeParamList) string {
	var parts []string
	for p := range t.TypeParams() {
		parts = append(parts, fmt.Sprint(shape(p), " ", shape(p.Constraint().Underlying()), " ", types.Comparable(p)))
	}
	return strings.Join(parts, ", ")
}

func tupleShape(t *types.Tuple, variadic bool) string {
	var parts []string
	for i := range t.Len() {
		part := shape(t.At(i).Type())
		if variadic && i == t.Len()-1 {
			part = "..." + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// structShape lists the fields; of those that are not exported, what the universe keeps.
func structShape(t *types.Struct) string {
	var parts []string
	for i := range t.NumFields() {
		f := t.Field(i)
		typ := fmt.Sprintf("comparable=%t", types.Comparable(f.Type()))
		if f.Exported() || f.Embedded() {
			typ = shape(f.Type())
		}
		parts = append(parts, fmt.Sprintf("%s %s %q embedded=%t", f.Id(), typ, t.Tag(i), f.Embedded()))
	}
	return "struct{" + strings.Join(parts, "; ") + "}"
}

func interfaceShape(t *types.Interface) string {
	if t.Empty() {
		return "any"
	}
	var parts []string
	for m := range t.Methods() {
		parts = append(parts, m.Id()+shape(m.Type()))
	}
	for e := range t.EmbeddedTypes() {
		if types.IsInterface(e) && e.Underlying().(*types.Interface).IsMethodSet() {
			continue // its methods are there
		}
		parts = append(parts, shape(e.Underlying()))
	}
	sort.Strings(parts)
	return "interface{" + strings.Join(parts, "; ") + "}"
}

// methods lists the exported methods of a type, promoted ones included.
func methods(t types.Type) string {
	var parts []string
	for sel := range types.NewMethodSet(t).Methods() {
		if sel.Obj().Exported() {
			parts = append(parts, sel.Obj().Name()+shape(sel.Type()))
		}
	}
	sort.Strings(parts)
	return strings.Join(parts, "\n")
}
