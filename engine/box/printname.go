package box

import (
	"cmp"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// Name returns a type as %T prints it, and as reflect spells it: named types with the names of their packages, type
// arguments with the paths of theirs.
func Name(t types.Type) string {
	return string(appendName(nil, t, false))
}

// appendName appends the spelling of a type. Inside of type arguments all names are spelled so that they are unique in
// a program: arg says that this is such a place.
func appendName(b []byte, t types.Type, arg bool) []byte {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return appendBasic(b, t)
	case *types.Named:
		return appendNamed(b, t, arg)
	case *types.Pointer:
		return appendName(append(b, '*'), t.Elem(), arg)
	case *types.Slice:
		return appendName(append(b, "[]"...), t.Elem(), arg)
	case *types.Array:
		b = strconv.AppendInt(append(b, '['), t.Len(), 10)
		return appendName(append(b, ']'), t.Elem(), arg)
	case *types.Map:
		b = appendName(append(b, "map["...), t.Key(), arg)
		return appendName(append(b, ']'), t.Elem(), arg)
	case *types.Chan:
		return appendChan(b, t, arg)
	case *types.Signature:
		return appendSignature(append(b, "func"...), t, arg)
	case *types.Struct:
		return appendStruct(b, t, arg)
	case *types.Interface:
		return appendInterface(b, t, arg)
	default: // a tuple, a type parameter: no value has such a type
		return append(b, types.TypeString(t, (*types.Package).Name)...)
	}
}

func appendBasic(b []byte, t *types.Basic) []byte {
	if t.Kind() == types.UnsafePointer {
		return append(b, "unsafe.Pointer"...)
	}
	return append(b, types.Typ[t.Kind()].Name()...) // byte and rune are uint8 and int32
}

func appendNamed(b []byte, t *types.Named, arg bool) []byte {
	obj := t.Obj()
	if obj.Pkg() != nil {
		b = appendPackage(b, obj.Pkg(), arg)
	}
	b = append(b, obj.Name()...)
	for i := range t.TypeArgs().Len() {
		b = append(b, "[,"[min(i, 1)])
		b = appendName(b, t.TypeArgs().At(i), true)
	}
	if t.TypeArgs().Len() > 0 {
		b = append(b, ']')
	}
	if arg && obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope() {
		if n := localNumber(obj); n > 0 {
			b = strconv.AppendInt(append(b, "·"...), int64(n), 10)
		}
	}
	return b
}

func appendPackage(b []byte, pkg *types.Package, arg bool) []byte {
	if arg && pkg.Name() != "main" {
		b = append(b, pkg.Path()...)
	} else {
		b = append(b, pkg.Name()...)
	}
	return append(b, '.')
}

// localNumber returns which of the types that its package declares inside functions this one is, from 1. It is 0 where
// the type is none of the author's.
func localNumber(obj *types.TypeName) int {
	var local []*types.TypeName
	var walk func(*types.Scope)
	walk = func(s *types.Scope) {
		for _, name := range s.Names() {
			if tn, ok := s.Lookup(name).(*types.TypeName); ok && !tn.IsAlias() {
				if _, ok := tn.Type().(*types.Named); ok {
					local = append(local, tn)
				}
			}
		}
		for child := range s.Children() {
			walk(child)
		}
	}
	for file := range obj.Pkg().Scope().Children() {
		walk(file)
	}
	slices.SortFunc(local, func(a, b *types.TypeName) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return slices.Index(local, obj) + 1
}

func appendChan(b []byte, t *types.Chan, arg bool) []byte {
	switch t.Dir() {
	case types.SendOnly:
		return appendName(append(b, "chan<- "...), t.Elem(), arg)
	case types.RecvOnly:
		return appendName(append(b, "<-chan "...), t.Elem(), arg)
	}
	if elem, ok := types.Unalias(t.Elem()).(*types.Chan); ok && elem.Dir() == types.RecvOnly {
		b = appendName(append(b, "chan ("...), elem, arg)
		return append(b, ')')
	}
	return appendName(append(b, "chan "...), t.Elem(), arg)
}

func appendSignature(b []byte, t *types.Signature, arg bool) []byte {
	b = append(b, '(')
	for i := range t.Params().Len() {
		if i > 0 {
			b = append(b, ", "...)
		}
		param := t.Params().At(i).Type()
		if s, ok := param.(*types.Slice); ok && t.Variadic() && i == t.Params().Len()-1 {
			b = append(b, "..."...)
			param = s.Elem()
		}
		b = appendName(b, param, arg)
	}
	b = append(b, ')')
	switch n := t.Results().Len(); n {
	case 0:
		return b
	case 1:
		return appendName(append(b, ' '), t.Results().At(0).Type(), arg)
	default:
		b = append(b, " ("...)
		for i := range n {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendName(b, t.Results().At(i).Type(), arg)
		}
		return append(b, ')')
	}
}

func appendStruct(b []byte, t *types.Struct, arg bool) []byte {
	if t.NumFields() == 0 {
		return append(b, "struct {}"...)
	}
	b = append(b, "struct "...)
	for i := range t.NumFields() {
		b = append(b, "{;"[min(i, 1)], ' ')
		f := t.Field(i)
		if !f.Embedded() {
			if arg && !f.Exported() && f.Pkg() != nil {
				b = appendPackage(b, f.Pkg(), true)
			}
			b = append(append(b, f.Name()...), ' ')
		}
		b = appendName(b, f.Type(), arg)
		if tag := t.Tag(i); tag != "" {
			b = strconv.AppendQuote(append(b, ' '), tag)
		}
	}
	return append(b, " }"...)
}

func appendInterface(b []byte, t *types.Interface, arg bool) []byte {
	if t.NumMethods() == 0 {
		return append(b, "interface {}"...)
	}
	methods := slices.SortedFunc(t.Methods(), func(x, y *types.Func) int {
		if x.Exported() != y.Exported() {
			return map[bool]int{true: -1, false: 1}[x.Exported()]
		}
		return strings.Compare(x.Name(), y.Name())
	})
	b = append(b, "interface "...)
	for i, m := range methods {
		b = append(b, "{;"[min(i, 1)], ' ')
		if !m.Exported() && m.Pkg() != nil {
			b = appendPackage(b, m.Pkg(), arg)
		}
		b = appendSignature(append(b, m.Name()...), m.Signature(), arg)
	}
	return append(b, " }"...)
}
