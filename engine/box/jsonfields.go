package box

import (
	"cmp"
	"encoding/json"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// jsonField is a field of a struct as encoding/json sees it.
type jsonField struct {
	name string
	// plainKey and escapedKey are the key with its quotes and colon, without and with the escapes for HTML.
	plainKey, escapedKey string
	// index is the way to the field through embedded structs, and steps are the fields on that way.
	index []int
	steps []*types.Var
	// typ is that of the field, rt that of its values; it is nil where values alone can tell.
	typ types.Type
	rt  reflect.Type

	tagged, omitEmpty, omitZero, quoted bool
}

// jsonEmbedded is a struct whose fields are looked at for those of an outer one.
type jsonEmbedded struct {
	typ   types.Type
	index []int
	steps []*types.Var
}

// jsonFields lists the fields of a struct that encoding/json encodes and decodes, in the order of the struct, by the rules
// of its documentation for embedded structs.
func (p *Program) jsonFields(t types.Type, rt reflect.Type) []jsonField {
	var found []jsonField
	level := []jsonEmbedded{{typ: t}}
	times := map[*Type]int{}
	seen := map[*Type]bool{}
	for len(level) > 0 {
		var next []jsonEmbedded
		nextTimes := map[*Type]int{}
		for _, owner := range level {
			id := p.Type(owner.typ)
			if seen[id] {
				continue
			}
			seen[id] = true
			s := owner.typ.Underlying().(*types.Struct)
			for i := range s.NumFields() {
				f, deeper, ok := jsonFieldOf(s, i, owner)
				switch {
				case !ok:
				case deeper != nil:
					if id := p.Type(deeper.typ); nextTimes[id] == 0 {
						next = append(next, *deeper)
						nextTimes[id]++
					} else {
						nextTimes[id]++
					}
				default:
					f.rt = fieldType(rt, f.index, f.steps)
					found = append(found, f)
					if times[id] > 1 {
						found = append(found, f) // so that the two hide each other
					}
				}
			}
		}
		level, times = next, nextTimes
	}
	return dominant(found)
}

// jsonFieldOf returns a field, or the struct to look for fields in.
func jsonFieldOf(s *types.Struct, i int, owner jsonEmbedded) (jsonField, *jsonEmbedded, bool) {
	v := s.Field(i)
	_, isStruct := pointee(v.Type()).Underlying().(*types.Struct)
	if !v.Exported() && (!v.Embedded() || !isStruct) {
		return jsonField{}, nil, false
	}
	tag := reflect.StructTag(s.Tag(i)).Get("json")
	if tag == "-" {
		return jsonField{}, nil, false
	}
	name, options, _ := strings.Cut(tag, ",")
	if !validJSONName(name) {
		name = ""
	}
	index, steps := append(slices.Clip(owner.index), i), append(slices.Clip(owner.steps), v)
	if name == "" && v.Embedded() && isStruct {
		return jsonField{}, &jsonEmbedded{typ: pointee(v.Type()), index: index, steps: steps}, true
	}
	f := jsonField{name: name, index: index, steps: steps, typ: v.Type(), tagged: name != ""}
	if name == "" {
		f.name = v.Name()
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			f.omitEmpty = true
		case "omitzero":
			f.omitZero = true
		case "string":
			b, ok := pointee(v.Type()).Underlying().(*types.Basic)
			f.quoted = ok && b.Info()&(types.IsBoolean|types.IsInteger|types.IsFloat|types.IsString) != 0
		}
	}
	f.plainKey = `"` + f.name + `":`
	escaped, _ := json.Marshal(f.name)
	f.escapedKey = string(escaped) + ":"
	return f, nil, true
}

// pointee returns what an unnamed pointer points to, and any other type as it is.
func pointee(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// fieldType follows an index through reflect types.
func fieldType(rt reflect.Type, index []int, steps []*types.Var) reflect.Type {
	for n, i := range index {
		if n > 0 && rt.Kind() == reflect.Pointer {
			rt = rt.Elem()
		}
		if rt.Kind() != reflect.Struct {
			return nil
		}
		rt = rt.Field(i).Type
		if odd(steps[n].Type(), rt) {
			return nil
		}
	}
	return rt
}

// dominant leaves of fields with one name the one that Go's rules and the tags choose, if they choose one.
func dominant(fields []jsonField) []jsonField {
	slices.SortStableFunc(fields, func(a, b jsonField) int {
		tagged := 0
		if a.tagged != b.tagged {
			tagged = 1
			if a.tagged {
				tagged = -1
			}
		}
		return cmp.Or(strings.Compare(a.name, b.name), len(a.index)-len(b.index), tagged, slices.Compare(a.index, b.index))
	})
	var out []jsonField
	for i := 0; i < len(fields); {
		end := i + 1
		for end < len(fields) && fields[end].name == fields[i].name {
			end++
		}
		first := fields[i]
		if end == i+1 || len(fields[i+1].index) != len(first.index) || fields[i+1].tagged != first.tagged {
			out = append(out, first)
		}
		i = end
	}
	slices.SortFunc(out, func(a, b jsonField) int { return slices.Compare(a.index, b.index) })
	return out
}

func validJSONName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}
