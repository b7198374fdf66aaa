package schema

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Field is a struct field as encoding/json sees it.
type Field struct {
	// Name is the name in JSON, Index the way to the field through embedded structs.
	Name  string
	Index []int
	Var   *types.Var
	Tag   reflect.StructTag
	// OmitEmpty, OmitZero and Quoted are the options of the json tag ("string" is Quoted).
	OmitEmpty, OmitZero, Quoted bool

	tagged bool
}

// Fields lists the fields that encoding/json encodes and decodes, in the order of the struct, with the rules of its
// documentation for embedded structs: the least nested field of a name wins, then the only tagged one, else none.
func Fields(t *types.Struct) []Field {
	byName := make(map[string][]Field)
	collect(t, nil, map[*types.Struct]bool{}, byName)
	var fields []Field
	for _, candidates := range byName {
		if f, ok := dominant(candidates); ok {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b Field) int { return slices.Compare(a.Index, b.Index) })
	return fields
}

func collect(t *types.Struct, index []int, above map[*types.Struct]bool, byName map[string][]Field) {
	above[t] = true
	defer delete(above, t)
	for i := range t.NumFields() {
		v := t.Field(i)
		tag := reflect.StructTag(t.Tag(i))
		jsonTag := tag.Get("json")
		if jsonTag == "-" {
			continue
		}
		name, options, _ := strings.Cut(jsonTag, ",")
		if !validName(name) {
			name = ""
		}
		at := append(slices.Clip(index), i)
		if v.Embedded() {
			inner, isStruct := structOf(v.Type())
			if !v.Exported() && !isStruct {
				continue
			}
			if isStruct && name == "" {
				if !above[inner] {
					collect(inner, at, above, byName)
				}
				continue
			}
		}
		if !v.Exported() && !v.Embedded() {
			continue
		}
		f := Field{Name: name, Index: at, Var: v, Tag: tag, tagged: name != ""}
		if name == "" {
			f.Name = v.Name()
		}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				f.OmitEmpty = true
			case "omitzero":
				f.OmitZero = true
			case "string":
				f.Quoted = quotable(v.Type())
			}
		}
		byName[f.Name] = append(byName[f.Name], f)
	}
}

func dominant(candidates []Field) (Field, bool) {
	depth := func(f Field) int { return len(f.Index) }
	least := depth(slices.MinFunc(candidates, func(a, b Field) int { return depth(a) - depth(b) }))
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(f Field) bool { return depth(f) != least })
	if len(candidates) > 1 {
		candidates = slices.DeleteFunc(candidates, func(f Field) bool { return !f.tagged })
	}
	if len(candidates) != 1 {
		return Field{}, false
	}
	return candidates[0], true
}

// structOf returns the struct that an embedded field is or points to.
func structOf(t types.Type) (*types.Struct, bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	return s, ok
}

func quotable(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsBoolean|types.IsInteger|types.IsFloat|types.IsString) != 0
}

func validName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}
