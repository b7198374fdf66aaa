package lower

import (
	"encoding/hex"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// own reports whether a type is declared in source that is translated.
func (l *lowerer) own(obj *types.TypeName) bool {
	if obj.Pkg() == nil {
		return false
	}
	src := l.source(obj.Pkg())
	if src == nil {
		return false
	}
	// A compiled package with generic source has types of both kinds.
	return !l.compiledType(obj)
}

// compiledType reports whether a type has a reflect type of its own: it stands in a symbol table.
func (l *lowerer) compiledType(obj *types.TypeName) bool {
	return !obj.Pos().IsValid()
}

// hostInterface reports whether t is an interface that keeps its identity: one of compiled code, with methods.
func (l *lowerer) hostInterface(t types.Type) bool {
	t = types.Unalias(t)
	named, ok := t.(*types.Named)
	if !ok || !types.IsInterface(t) {
		return false
	}
	if named.Obj().Pkg() == nil {
		return named.Obj().Name() == "error"
	}
	return !l.own(named.Obj()) && t.Underlying().(*types.Interface).NumMethods() > 0
}

// typ returns the text of a type's erased form.
func (l *lowerer) typ(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return l.basic(t)
	case *types.Named:
		return l.named(t)
	case *types.Pointer:
		return "*" + l.typ(t.Elem())
	case *types.Slice:
		return "[]" + l.typ(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + l.typ(t.Elem())
	case *types.Map:
		return "map[" + l.typ(t.Key()) + "]" + l.typ(t.Elem())
	case *types.Chan:
		elem := l.typ(t.Elem())
		if strings.HasPrefix(elem, "<-") {
			elem = "(" + elem + ")"
		}
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		default:
			return "chan " + elem
		}
	case *types.Signature:
		return "func" + l.signature(t)
	case *types.Struct:
		return l.structType(t)
	case *types.Interface:
		return "any"
	case *types.Tuple:
		panic("lower: tuple has no type")
	default:
		panic(fmt.Sprintf("lower: type %s (%T)", t, t))
	}
}

func (l *lowerer) basic(t *types.Basic) string {
	switch t.Kind() {
	case types.UntypedBool:
		return "bool"
	case types.UntypedInt:
		return "int"
	case types.UntypedRune:
		return "int32"
	case types.UntypedFloat:
		return "float64"
	case types.UntypedComplex:
		return "complex128"
	case types.UntypedString:
		return "string"
	case types.UntypedNil:
		return "any"
	}
	return t.Name()
}

func (l *lowerer) named(t *types.Named) string {
	obj := t.Obj()
	if obj.Pkg() == nil {
		if obj.Name() == "comparable" || obj.Name() == "any" {
			return "any"
		}
		return obj.Name() // error
	}
	if !l.own(obj) {
		if types.IsInterface(t) && t.Underlying().(*types.Interface).NumMethods() == 0 {
			return "any"
		}
		return l.hostType(t)
	}
	if s, ok := t.Underlying().(*types.Struct); ok && s.NumFields() == 0 {
		return l.emptyStruct()
	}
	if name, ok := l.wrapped.At(t).(string); ok {
		return name
	}
	if Wrapped(t) {
		name := l.madeStruct(t)
		l.wrapped.Set(t, name)
		return name
	}
	return l.typ(t.Underlying())
}

// hostType returns the name of a compiled type.
func (l *lowerer) hostType(t *types.Named) string {
	name := t.Obj().Name()
	if !token.IsIdentifier(name) || !token.IsExported(name) {
		name = HiddenPrefix + hex.EncodeToString([]byte(name))
	}
	return l.symbol(t.Obj().Pkg(), name)
}

// isWrapped reports whether values of t are kept in a struct of one field: t is recursive without being a struct.
func (l *lowerer) isWrapped(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Underlying().(type) {
	case *types.Basic, *types.Struct, *types.Interface:
		return false
	}
	if !l.own(named.Obj()) {
		return false
	}
	l.named(named)
	return l.wrapped.At(named) != nil
}

// madeStruct returns the name of a struct that the interpreter is given as a compiled one, because it makes recursive
// types of its own wrong: the type depends on which part of it it meets first.
func (l *lowerer) madeStruct(t types.Type) string {
	l.out.Structs = append(l.out.Structs, t)
	return fmt.Sprintf("rt.S%d", len(l.out.Structs))
}

// Wrapped reports whether values of a named type are kept in a struct of one field, W: it is no struct and no interface, and
// leads back to itself without a struct between.
func Wrapped(t *types.Named) bool {
	switch t.Underlying().(type) {
	case *types.Basic, *types.Struct, *types.Interface:
		return false
	}
	seen := make(map[types.Type]bool)
	var walk func(u types.Type) bool
	walk = func(u types.Type) bool {
		u = types.Unalias(u)
		if seen[u] {
			return false
		}
		seen[u] = true
		switch u := u.(type) {
		case *types.Named:
			if types.Identical(u, t) {
				return true
			}
			return u.Obj().Pkg() != nil && u.Obj().Pos().IsValid() && walk(u.Underlying())
		case *types.Struct:
			return false
		}
		return slices.ContainsFunc(parts(u), walk)
	}
	return walk(t.Underlying())
}

// signature returns the text of a function type without the word func. Parameters have names, because the interpreter
// shifts those that have none.
func (l *lowerer) signature(t *types.Signature) string {
	var b strings.Builder
	b.WriteString("(")
	for i := range t.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "a%d %s", i, l.paramType(t, i))
	}
	b.WriteString(")")
	b.WriteString(l.results(t))
	return b.String()
}

func (l *lowerer) paramType(t *types.Signature, i int) string {
	p := t.Params().At(i).Type()
	if t.Variadic() && i == t.Params().Len()-1 {
		if s, ok := p.Underlying().(*types.Slice); ok {
			return "..." + l.typ(s.Elem())
		}
	}
	return l.typ(p)
}

func (l *lowerer) results(t *types.Signature) string {
	switch t.Results().Len() {
	case 0:
		return ""
	case 1:
		return " " + l.typ(t.Results().At(0).Type())
	}
	parts := make([]string, t.Results().Len())
	for i := range parts {
		parts[i] = l.typ(t.Results().At(i).Type())
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// structType returns the name of a struct type, declared once for all that are identical.
func (l *lowerer) structType(t *types.Struct) string {
	if t.NumFields() == 0 {
		return "struct{}" // as compiled code has it in channels that only close
	}
	if name, ok := l.structs.At(t).(string); ok {
		return name
	}
	if l.leadsBack(t) {
		name := l.madeStruct(t)
		l.structs.Set(t, name)
		return name
	}
	name := fmt.Sprintf("S%d", l.number())
	l.structs.Set(t, name)
	at := len(l.structDecls)
	l.structDecls = append(l.structDecls, "")
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for i := range t.NumFields() {
		fmt.Fprintf(&b, "\t%s %s", FieldName(t, i), l.typ(t.Field(i).Type()))
		if tag := t.Tag(i); tag != "" {
			fmt.Fprintf(&b, " %s", strconv.Quote(tag))
		}
		b.WriteString("\n")
	}
	b.WriteString("}\n")
	l.structDecls[at] = b.String()
	return name
}

// leadsBack reports whether a struct is a part of what its fields are made of.
func (l *lowerer) leadsBack(s *types.Struct) bool {
	seen := make(map[types.Type]bool)
	var walk func(t types.Type) bool
	walk = func(t types.Type) bool {
		t = types.Unalias(t)
		if seen[t] {
			return false
		}
		seen[t] = true
		if n, ok := t.(*types.Named); ok {
			if n.Obj().Pkg() == nil || !l.own(n.Obj()) {
				return false
			}
			return walk(n.Underlying())
		}
		if types.Identical(t, s) {
			return true
		}
		return slices.ContainsFunc(parts(t), walk)
	}
	return slices.ContainsFunc(parts(s), walk)
}

// parts returns the types that an unnamed type is made of.
func parts(t types.Type) (list []types.Type) {
	switch t := t.(type) {
	case *types.Pointer:
		return []types.Type{t.Elem()}
	case *types.Slice:
		return []types.Type{t.Elem()}
	case *types.Array:
		return []types.Type{t.Elem()}
	case *types.Chan:
		return []types.Type{t.Elem()}
	case *types.Map:
		return []types.Type{t.Key(), t.Elem()}
	case *types.Struct:
		for f := range t.Fields() {
			list = append(list, f.Type())
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				list = append(list, v.Type())
			}
		}
	}
	return list
}

// emptyStruct returns the name of the form of named types without fields. The interpreter needs one.
func (l *lowerer) emptyStruct() string {
	if !l.hasEmpty {
		l.hasEmpty = true
		l.structDecls = append(l.structDecls, "type S0 struct { F_ bool }\n")
	}
	return "S0"
}

// FieldName returns the name of a field in the erased struct: its own where it is exported.
func FieldName(t *types.Struct, i int) string {
	f := t.Field(i)
	if f.Exported() && !f.Embedded() && ascii(f.Name()) {
		return f.Name()
	}
	return fmt.Sprintf("F%d_%s", i, sanitized(f.Name()))
}

// sanitized makes a name that the interpreter and reflect take.
func sanitized(name string) string {
	if ascii(name) {
		return strings.Trim(name, "_")
	}
	return "u"
}

func ascii(name string) bool {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isBoxed reports whether values of type t are boxed in interfaces: their reflect type would not tell what they are.
func (l *lowerer) isBoxed(t types.Type) bool { return l.mentionsOwn(t, 0) }

func (l *lowerer) mentionsOwn(t types.Type, depth int) bool {
	if depth > 50 {
		return true
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return false
		}
		return l.own(t.Obj())
	case *types.Pointer:
		return l.mentionsOwn(t.Elem(), depth+1)
	case *types.Slice:
		return l.mentionsOwn(t.Elem(), depth+1)
	case *types.Array:
		return l.mentionsOwn(t.Elem(), depth+1)
	case *types.Map:
		return l.mentionsOwn(t.Key(), depth+1) || l.mentionsOwn(t.Elem(), depth+1)
	case *types.Chan:
		return l.mentionsOwn(t.Elem(), depth+1)
	case *types.Signature:
		for v := range t.Params().Variables() {
			if l.mentionsOwn(v.Type(), depth+1) {
				return true
			}
		}
		for v := range t.Results().Variables() {
			if l.mentionsOwn(v.Type(), depth+1) {
				return true
			}
		}
		return false
	case *types.Struct:
		return true
	case *types.Interface:
		return t.NumMethods() > 0
	}
	return false
}
