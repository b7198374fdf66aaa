package symbols

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/symbols/generic"
)

// Universe is a set of symbol tables, seen as Go packages: a types.Importer for the type checker, and the values
// behind its objects for the interpreter. The types are made from the tables by reflection, so that what checks is what
// runs. It is safe for concurrent use; so are the packages that it returns.
type Universe struct {
	own     map[string]*table // besides those of the standard library: Host, and the offered
	offered []string          // by a host, sorted

	mu       sync.Mutex
	packages map[string]*types.Package
	complete map[string]bool
	checking map[string]bool // whose source is being checked
	loading  int             // of the loads that run in each other
	hidden   map[[2]string]reflect.Type
	types    map[reflect.Type]types.Type
	singles  map[reflect.Type]*types.Tuple // of one parameter or result
	wrappers map[string][]Wrapper
	sources  map[string]*Source
	fset     *token.FileSet // of the sources
	context  *types.Context // of the instances of generic types that tables mention
}

// Std returns the universe of the standard library and the plugin SDK. It is built once in a process, package by
// package as they are imported.
var Std = sync.OnceValue(func() *Universe { return newUniverse(nil) })

// usualTypes is how many defined types the SDK mentions, and few packages more.
const usualTypes = 50

func newUniverse(offered map[string]*table) *Universe {
	fset := token.NewFileSet()
	fset.AddFile("", sourceBase, 0)
	own := map[string]*table{Host: hostTable()}
	maps.Copy(own, offered)
	return &Universe{
		own:      own,
		offered:  slices.Sorted(maps.Keys(offered)),
		packages: make(map[string]*types.Package),
		complete: make(map[string]bool),
		checking: make(map[string]bool),
		hidden:   make(map[[2]string]reflect.Type, usualTypes),
		types:    make(map[reflect.Type]types.Type, 2*usualTypes),
		singles:  make(map[reflect.Type]*types.Tuple, usualTypes),
		wrappers: make(map[string][]Wrapper),
		sources:  make(map[string]*Source),
		fset:     fset,
		context:  types.NewContext(),
	}
}

// table returns the table of a package, nil where there is none.
func (u *Universe) table(importPath string) *table {
	if t := u.own[importPath]; t != nil {
		return t
	}
	return stdTable(importPath)
}

// Has reports whether there is a table for the import path.
func (u *Universe) Has(importPath string) bool { return u.table(importPath) != nil }

// Symbol returns the value of a symbol, as stdlib.Package describes it. Types that no table has, but symbols of one mention, are
// symbols too: those that are not exported, instances of generic types, and types of packages that have no table.
func (u *Universe) Symbol(importPath, name string) (reflect.Value, bool) {
	if t := u.table(importPath); t != nil {
		if v, ok := t.symbols()[name]; ok {
			return v, true
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	t, ok := u.hidden[[2]string{importPath, name}]
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.Zero(reflect.PointerTo(t)), true
}

// Import returns a package with everything that its table holds, and what its source declares. It implements
// types.Importer.
func (u *Universe) Import(importPath string) (*types.Package, error) {
	if importPath == Host {
		return nil, errUnavailable(importPath)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.load(importPath)
}

func errUnavailable(importPath string) error {
	return fmt.Errorf("package %s is not available to plugins", importPath)
}

// load is Import for all packages. The caller holds u.mu.
func (u *Universe) load(importPath string) (*types.Package, error) {
	if u.complete[importPath] {
		return u.packages[importPath], nil
	}
	if u.checking[importPath] {
		return nil, fmt.Errorf("package %s is needed for itself", importPath)
	}
	t := u.table(importPath)
	source := generic.Files(importPath)
	if t == nil && source == nil {
		return nil, errUnavailable(importPath)
	}
	pkg := u.pkg(importPath)
	u.loading++
	defer func() { u.loading-- }()
	if t != nil {
		symbols := t.symbols()
		for _, name := range slices.Sorted(maps.Keys(symbols)) {
			if token.IsExported(name) { // not the wrappers, whose names begin with _
				pkg.Scope().Insert(u.object(pkg, t, name, symbols[name]))
			}
		}
	}
	if source != nil {
		u.checking[importPath] = true
		u.addSource(pkg, source)
		delete(u.checking, importPath)
	}
	pkg.MarkComplete()
	u.complete[importPath] = true
	return pkg, nil
}

// TypeOf returns the type of compiled values, the same that packages of the universe mention.
func (u *Universe) TypeOf(t reflect.Type) types.Type {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.typ(t)
}

// pkg returns the package of that path, which may be empty still.
func (u *Universe) pkg(importPath string) *types.Package {
	return u.pkgNamed(importPath, baseName(importPath))
}

// pkgOf returns the package of a named type.
func (u *Universe) pkgOf(t reflect.Type) *types.Package {
	name, _, _ := strings.Cut(t.String(), ".")
	return u.pkgNamed(t.PkgPath(), name)
}

// pkgNamed is pkg where the name of a package without a table is known.
func (u *Universe) pkgNamed(importPath, name string) *types.Package {
	p := u.packages[importPath]
	if p == nil {
		if t := u.table(importPath); t != nil {
			name = t.Name
		}
		p = types.NewPackage(importPath, name)
		u.packages[importPath] = p
	}
	return p
}

// object makes the object of one symbol.
func (u *Universe) object(pkg *types.Package, t *table, name string, v reflect.Value) types.Object {
	if value, ok := constantOf(v); ok {
		typ := u.constType(t, name, v, value)
		if typ == types.Typ[types.UntypedFloat] {
			value = constant.ToFloat(value)
		}
		return types.NewConst(token.NoPos, pkg, name, typ, value)
	}
	switch {
	case isTypeSymbol(v):
		return u.typeName(pkg, name, v.Type().Elem())
	case v.CanAddr():
		return types.NewVar(token.NoPos, pkg, name, u.typ(v.Type()))
	default:
		sig, _ := u.typ(v.Type()).Underlying().(*types.Signature)
		return types.NewFunc(token.NoPos, pkg, name, sig)
	}
}

// typeName makes the name of a type: its own, or an alias of one that is named elsewhere.
func (u *Universe) typeName(pkg *types.Package, name string, t reflect.Type) types.Object {
	typ := u.typ(t)
	if named, ok := typ.(*types.Named); ok && named.Obj().Pkg() == pkg && named.Obj().Name() == name {
		return named.Obj()
	}
	return types.NewTypeName(token.NoPos, pkg, name, typ)
}

// constantOf returns the value of a symbol that is a constant.
func constantOf(v reflect.Value) (constant.Value, bool) {
	if v.CanAddr() || v.Kind() == reflect.Func || isTypeSymbol(v) { // most are; to ask each of their types takes time
		return nil, false
	}
	if c, ok := reflect.TypeAssert[constant.Value](v); ok {
		return c, true
	}
	switch v.Kind() {
	case reflect.Bool:
		return constant.MakeBool(v.Bool()), true
	case reflect.String:
		return constant.MakeString(v.String()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return constant.MakeInt64(v.Int()), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return constant.MakeUint64(v.Uint()), true
	case reflect.Float32, reflect.Float64:
		return constant.MakeFloat64(v.Float()), true
	case reflect.Complex64, reflect.Complex128:
		return complexOf(v.Complex()), true
	default:
		return nil, false
	}
}

func (u *Universe) constType(t *table, name string, v reflect.Value, value constant.Value) types.Type {
	if _, untyped := reflect.TypeAssert[constant.Value](v); !untyped {
		switch {
		case v.Type().PkgPath() != "":
		case v.Kind() == reflect.Bool:
			return types.Typ[types.UntypedBool]
		case v.Kind() == reflect.Complex128:
			return types.Typ[types.UntypedComplex]
		}
		return u.typ(v.Type())
	}
	switch {
	case t.isRune(name):
		return types.Typ[types.UntypedRune]
	case t.IsFloat(name), value.Kind() == constant.Float:
		return types.Typ[types.UntypedFloat]
	case value.Kind() == constant.String:
		return types.Typ[types.UntypedString]
	case value.Kind() == constant.Bool:
		return types.Typ[types.UntypedBool]
	case value.Kind() == constant.Complex:
		return types.Typ[types.UntypedComplex]
	default:
		return types.Typ[types.UntypedInt]
	}
}
