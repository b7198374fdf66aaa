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
	return string(namer{}.append(nil, t))
}

// Local is a type that is declared in a generic function, in one of its instances.
type Local struct {
	// Declared is what the author declared.
	Declared *types.TypeName
	// Args are the type arguments of the function, or of the receiver of the method.
	Args []types.Type
}

// name is Name for types of this program.
func (p *Program) name(t types.Type) string {
	return string(namer{locals: p.Locals}.append(nil, t))
}

// namer spells types. Inside of type arguments all names are spelled so that they are unique in a program: arg says that
// this is such a place.
type namer struct {
	locals map[*types.Named]Local
	arg    bool
}

func (n namer) append(b []byte, t types.Type) []byte {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return appendBasic(b, t)
	case *types.Named:
		return n.named(b, t)
	case *types.Pointer:
		return n.append(append(b, '*'), t.Elem())
	case *types.Slice:
		return n.append(append(b, "[]"...), t.Elem())
	case *types.Array:
		b = strconv.AppendInt(append(b, '['), t.Len(), 10)
		return n.append(append(b, ']'), t.Elem())
	case *types.Map:
		b = n.append(append(b, "map["...), t.Key())
		return n.append(append(b, ']'), t.Elem())
	case *types.Chan:
		return n.channel(b, t)
	case *types.Signature:
		return n.signature(append(b, "func"...), t)
	case *types.Struct:
		return n.structType(b, t)
	case *types.Interface:
		return n.interfaceType(b, t)
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

func (n namer) named(b []byte, t *types.Named) []byte {
	obj := t.Obj()
	if obj.Pkg() != nil {
		b = n.pkg(b, obj.Pkg())
	}
	args := slices.Collect(t.TypeArgs().Types())
	if local, ok := n.locals[t]; ok {
		obj, args = local.Declared, local.Args
	}
	b = append(b, obj.Name()...)
	within := namer{n.locals, true}
	for i, arg := range args {
		b = within.append(append(b, "[,"[min(i, 1)]), arg)
	}
	if len(args) > 0 {
		b = append(b, ']')
	}
	if n.arg && obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope() {
		if number := localNumber(obj); number > 0 {
			b = strconv.AppendInt(append(b, "·"...), int64(number), 10)
		}
	}
	return b
}

func (n namer) pkg(b []byte, pkg *types.Package) []byte {
	if n.arg && pkg.Name() != "main" {
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

func (n namer) channel(b []byte, t *types.Chan) []byte {
	switch t.Dir() {
	case types.SendOnly:
		return n.append(append(b, "chan<- "...), t.Elem())
	case types.RecvOnly:
		return n.append(append(b, "<-chan "...), t.Elem())
	}
	if elem, ok := types.Unalias(t.Elem()).(*types.Chan); ok && elem.Dir() == types.RecvOnly {
		b = n.append(append(b, "chan ("...), elem)
		return append(b, ')')
	}
	return n.append(append(b, "chan "...), t.Elem())
}

func (n namer) signature(b []byte, t *types.Signature) []byte {
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
		b = n.append(b, param)
	}
	b = append(b, ')')
	switch count := t.Results().Len(); count {
	case 0:
		return b
	case 1:
		return n.append(append(b, ' '), t.Results().At(0).Type())
	default:
		b = append(b, " ("...)
		for i := range count {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = n.append(b, t.Results().At(i).Type())
		}
		return append(b, ')')
	}
}

func (n namer) structType(b []byte, t *types.Struct) []byte {
	if t.NumFields() == 0 {
		return append(b, "struct {}"...)
	}
	b = append(b, "struct "...)
	for i := range t.NumFields() {
		b = append(b, "{;"[min(i, 1)], ' ')
		f := t.Field(i)
		if !f.Embedded() {
			if n.arg && !f.Exported() && f.Pkg() != nil {
				b = n.pkg(b, f.Pkg())
			}
			b = append(append(b, f.Name()...), ' ')
		}
		b = n.append(b, f.Type())
		if tag := t.Tag(i); tag != "" {
			b = strconv.AppendQuote(append(b, ' '), tag)
		}
	}
	return append(b, " }"...)
}

func (n namer) interfaceType(b []byte, t *types.Interface) []byte {
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
			b = n.pkg(b, m.Pkg())
		}
		b = n.signature(append(b, m.Name()...), m.Signature())
	}
	return append(b, " }"...)
}
