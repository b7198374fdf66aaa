package box

import (
	"encoding/json"
	"go/types"
	"reflect"
	"sync"
	"unicode"
	"unicode/utf8"
)

// jsonPlan is what the decoder needs to know of a type.
type jsonPlan struct {
	t  types.Type
	rt reflect.Type
	// odd values are not kept in their erased form.
	odd bool
	// readers are the methods that read JSON: those of t where it is a pointer, or else those of a pointer to it, if it has
	// a name.
	readers jsonReaders
	// methods says that t is an interface with methods.
	methods bool
	// elem is the plan of what a pointer, slice, array or map holds, and key that of pointers to a map's keys.
	elem, key func() *jsonPlan
	structure func() *jsonStruct
}

// jsonReaders are methods that read JSON. Each may be nil.
type jsonReaders struct{ json, text method }

// jsonStruct is a struct by the names of its fields.
type jsonStruct struct {
	exact, folded map[string]*jsonField
	plans         map[*jsonField]*jsonPlan
}

func (c *jsonCodec) plan(t types.Type, rt reflect.Type) *jsonPlan {
	return c.planOf(c.prog.Type(t), rt)
}

func (c *jsonCodec) planOf(t *Type, rt reflect.Type) *jsonPlan {
	key := jsonKey{t, rt}
	if known, ok := c.plans.Load(key); ok {
		return known.(*jsonPlan)
	}
	made, _ := c.plans.LoadOrStore(key, c.newPlan(t.Type, rt))
	return made.(*jsonPlan)
}

func (c *jsonCodec) newPlan(t types.Type, rt reflect.Type) *jsonPlan {
	p := &jsonPlan{t: t, rt: rt, odd: odd(t, rt)}
	if p.odd {
		return p
	}
	later := func(t types.Type, rt reflect.Type) func() *jsonPlan {
		return sync.OnceValue(func() *jsonPlan { return c.plan(t, rt) })
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		p.readers = c.readers(t, rt)
		p.elem = later(u.Elem(), rt.Elem())
		return p
	case *types.Slice:
		p.elem = later(u.Elem(), rt.Elem())
	case *types.Array:
		p.elem = later(u.Elem(), rt.Elem())
	case *types.Map:
		p.elem = later(u.Elem(), rt.Elem())
		p.key = later(types.NewPointer(u.Key()), reflect.PointerTo(rt.Key()))
	case *types.Struct:
		p.structure = sync.OnceValue(func() *jsonStruct { return c.newStruct(t, rt) })
	case *types.Interface:
		p.methods = u.NumMethods() > 0
	}
	if isNamed(t) {
		p.readers = c.readers(types.NewPointer(t), reflect.PointerTo(rt))
	}
	return p
}

func (c *jsonCodec) readers(t types.Type, rt reflect.Type) jsonReaders {
	return jsonReaders{
		json: c.prog.method(t, rt, "UnmarshalJSON", sigUnmarshal),
		text: c.prog.method(t, rt, "UnmarshalText", sigUnmarshal),
	}
}

func (c *jsonCodec) newStruct(t types.Type, rt reflect.Type) *jsonStruct {
	fields := c.prog.jsonFields(t, rt)
	s := &jsonStruct{
		exact: make(map[string]*jsonField), folded: make(map[string]*jsonField), plans: make(map[*jsonField]*jsonPlan),
	}
	for i := range fields {
		f := &fields[i]
		s.exact[f.name] = f
		if folded := foldJSONName(f.name); s.folded[folded] == nil {
			s.folded[folded] = f
		}
		if f.rt != nil {
			s.plans[f] = c.plan(f.typ, f.rt)
		}
	}
	return s
}

// field returns the field for a key. Keys match whatever their case, but first those of the same.
func (s *jsonStruct) field(key string) *jsonField {
	if f := s.exact[key]; f != nil {
		return f
	}
	return s.folded[foldJSONName(key)]
}

// foldJSONName returns the same for all names that differ in case only.
func foldJSONName(s string) string {
	b := make([]byte, 0, 32)
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z':
			b = append(b, byte(r-'a'+'A'))
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		default:
			b = utf8.AppendRune(b, smallestFold(r))
		}
	}
	return string(b)
}

func smallestFold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

var jsonNumber = reflect.TypeFor[json.Number]()
