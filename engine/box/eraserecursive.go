package box

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// recursiveTypes are the recursive types of the process, by the description of their group. reflect keeps every type that
// it has made for ever; so that loading a program again makes no new ones, they are found here.
var recursiveTypes struct {
	sync.Mutex

	groups map[string][]reflect.Type
	made   int
}

// recursive returns the types of a group.
func (e *Eraser) recursive(group []types.Type) []reflect.Type {
	if err := structLayout(); err != nil {
		panic(eraseError{err})
	}
	key := e.describe(group)
	recursiveTypes.Lock()
	defer recursiveTypes.Unlock()
	if found := recursiveTypes.groups[key]; found != nil {
		return found
	}
	made, err := e.makeGroup(group)
	if err != nil {
		panic(eraseError{err})
	}
	if recursiveTypes.groups == nil {
		recursiveTypes.groups = make(map[string][]reflect.Type)
	}
	recursiveTypes.groups[key] = made
	return made
}

// describe returns a text that two groups have in common if they are the same. What does not lead back to the group is
// erased by it.
func (e *Eraser) describe(group []types.Type) string {
	var b strings.Builder
	for _, n := range group {
		b.WriteString("{")
		for _, p := range e.fields(n) {
			fmt.Fprintf(&b, "%s %q ", p.name, p.tag)
			e.describeType(&b, group, p.typ)
			b.WriteString(";")
		}
		b.WriteString("}")
	}
	return b.String()
}

func (e *Eraser) describeType(b *strings.Builder, group []types.Type, t types.Type) {
	if !e.mentions(group, t) {
		fmt.Fprintf(b, "%p", typePointer(e.typ(t)))
		return
	}
	if n := e.node(t); n != nil {
		fmt.Fprintf(b, "#%d", indexOf(group, n))
		return
	}
	switch u := types.Unalias(t).(type) {
	case *types.Array:
		fmt.Fprintf(b, "[%d]", u.Len())
	case *types.Chan:
		fmt.Fprintf(b, "chan%d ", u.Dir())
	case *types.Signature:
		fmt.Fprintf(b, "func%d,%t", u.Params().Len(), u.Variadic())
	case *types.Named:
		e.describeType(b, group, u.Underlying())
		return
	default:
		fmt.Fprintf(b, "%T", u)
	}
	b.WriteString("(")
	for _, p := range elements(t) {
		e.describeType(b, group, p)
		b.WriteString(",")
	}
	b.WriteString(")")
}

// mentions reports whether nodes of the group are parts of a type.
func (e *Eraser) mentions(group []types.Type, t types.Type) bool {
	return slices.ContainsFunc(e.next(t, nil), func(n types.Type) bool { return indexOf(group, n) >= 0 })
}

func indexOf(group []types.Type, n types.Type) int {
	return slices.IndexFunc(group, func(m types.Type) bool { return types.Identical(m, n) })
}

// makeGroup makes the structs of a group with placeholders where they lead back to it, and then puts the types there that
// are meant. Neither the size of a struct, nor where it has pointers, nor how it is compared, depends on what pointers, maps,
// slices, channels and functions are made of. The caller holds the lock of recursiveTypes.
func (e *Eraser) makeGroup(group []types.Type) ([]reflect.Type, error) {
	made := make([]reflect.Type, len(group))
	for i := range group {
		e.layOut(group, made, i)
	}
	for i, n := range group {
		e.made.Set(n, made[i])
	}
	for i, n := range group {
		for j, p := range e.fields(n) {
			if !e.mentions(group, p.typ) {
				continue
			}
			if err := setFieldType(made[i], j, e.typ(p.typ)); err != nil {
				for _, n := range group {
					e.made.Delete(n)
				}
				return nil, err
			}
		}
	}
	return made, nil
}

// layOut makes the struct of one node, and before it those that it contains by value.
func (e *Eraser) layOut(group []types.Type, made []reflect.Type, i int) reflect.Type {
	if made[i] != nil {
		return made[i]
	}
	// No two structs may have the same placeholder: reflect would have one struct where there are to be two.
	recursiveTypes.made++
	dummy := reflect.ArrayOf(recursiveTypes.made, reflect.TypeFor[placeholder]())
	var fields []reflect.StructField
	for _, p := range e.fields(group[i]) {
		fields = append(fields, reflect.StructField{
			Name: p.name, Tag: reflect.StructTag(p.tag),
			Type: e.placeholder(group, made, p.typ, dummy),
		})
	}
	made[i] = reflect.StructOf(fields)
	return made[i]
}

// placeholder is what the types of arrays without size are made of that stand for a struct.
type placeholder struct{}

// placeholder returns a type that is laid out like the form of t, and does not mention a struct that is not made yet.
func (e *Eraser) placeholder(group []types.Type, made []reflect.Type, t types.Type, dummy reflect.Type) reflect.Type {
	if !e.mentions(group, t) {
		return e.typ(t)
	}
	if n := e.node(t); n != nil {
		return e.layOut(group, made, indexOf(group, n))
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return reflect.PointerTo(dummy)
	case *types.Slice:
		return reflect.SliceOf(dummy)
	case *types.Map:
		return reflect.MapOf(reflect.TypeFor[bool](), dummy)
	case *types.Chan:
		return reflect.ChanOf(chanDir(u), dummy)
	case *types.Signature:
		return reflect.FuncOf([]reflect.Type{dummy}, nil, false)
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), e.placeholder(group, made, u.Elem(), dummy))
	}
	panic(eraseError{errors.New("recursive in a way that has no form")})
}
