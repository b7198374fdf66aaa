package schema

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// TypeError is a type, or a tag of a field, that no schema can be derived from.
type TypeError struct {
	// Pos is the field at fault, token.NoPos where the type itself is.
	Pos     token.Pos
	Message string
}

func (e *TypeError) Error() string { return e.Message }

// Derive returns the JSON Schema of the values that encoding/json decodes into a type, with what the tags of its fields
// ask for. Comment returns the comment of a field, its description where the tag doc is absent; it may be nil. The
// error is a *TypeError.
func Derive(t types.Type, comment func(*types.Var) string) (map[string]any, error) {
	if comment == nil {
		comment = func(*types.Var) string { return "" }
	}
	d := &deriver{comment: comment, names: make(map[*types.Named]string), defs: make(map[string]any)}
	doc, err := d.schema(t)
	if err != nil {
		return nil, err
	}
	if len(d.defs) == 0 {
		return doc, nil
	}
	root := maps.Clone(doc)
	if ref, ok := doc["$ref"].(string); ok { // the type contains itself: its properties belong to the root too
		root = maps.Clone(d.defs[strings.TrimPrefix(ref, defsPointer)].(map[string]any))
	}
	root["$defs"] = d.defs
	return root, nil
}

const defsPointer = "#/$defs/"

type deriver struct {
	comment func(*types.Var) string
	stack   []*types.Named
	names   map[*types.Named]string // of the definitions of types that contain themselves
	defs    map[string]any
	size    int
}

// maxSize bounds the types that a schema is made of: each mention counts.
const maxSize = 5000

// define returns the name of a type's definition.
func (d *deriver) define(t *types.Named) string {
	name, ok := d.names[t]
	if !ok {
		name = "T" + strconv.Itoa(len(d.names)+1)
		if isPlain(t.Obj().Name()) && d.isFree(t.Obj().Name()) {
			name = t.Obj().Name()
		}
		d.names[t] = name
	}
	return name
}

// isPlain reports whether a name needs no escape in a reference.
func isPlain(name string) bool {
	for i := range len(name) {
		if !isLetterOrDigit(name[i]) && name[i] != '_' {
			return false
		}
	}
	return name[0] != '_' && (name[0] < '0' || name[0] > '9')
}

func (d *deriver) isFree(name string) bool {
	for _, taken := range d.names {
		if taken == name {
			return false
		}
	}
	return true
}

// schema returns the schema of a type. A type that contains itself becomes a definition and is referred to.
func (d *deriver) schema(t types.Type) (map[string]any, error) {
	if d.size++; d.size > maxSize {
		return nil, &TypeError{Message: "the type is too large for a schema"}
	}
	t = types.Unalias(t)
	named, ok := t.(*types.Named)
	if !ok {
		return d.literal(t)
	}
	if doc, ok := wellKnown(named); ok {
		return doc, nil
	}
	if slices.Contains(d.stack, named) {
		return map[string]any{"$ref": defsPointer + d.define(named)}, nil
	}
	d.stack = append(d.stack, named)
	doc, err := d.literal(named)
	d.stack = d.stack[:len(d.stack)-1]
	name, recursive := d.names[named]
	if err != nil || !recursive {
		return doc, err
	}
	d.defs[name] = doc
	return map[string]any{"$ref": defsPointer + name}, nil
}

func (d *deriver) literal(t types.Type) (map[string]any, error) {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return basicSchema(t)
	case *types.Pointer:
		return d.schema(t.Elem())
	case *types.Struct:
		return d.object(t)
	case *types.Slice:
		if b, ok := t.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			return map[string]any{"type": "string", "contentEncoding": "base64"}, nil
		}
		return d.array(t.Elem())
	case *types.Array:
		doc, err := d.array(t.Elem())
		if err == nil {
			doc["maxItems"] = float64(t.Len())
		}
		return doc, err
	case *types.Map:
		return d.mapSchema(t)
	case *types.Interface:
		if t.Empty() {
			return map[string]any{}, nil
		}
	}
	return nil, &TypeError{Message: fmt.Sprintf("type %s has no JSON form", t)}
}

func (d *deriver) array(elem types.Type) (map[string]any, error) {
	items, err := d.schema(elem)
	return map[string]any{"type": "array", "items": items}, err
}

func (d *deriver) mapSchema(t *types.Map) (map[string]any, error) {
	elem, err := d.schema(t.Elem())
	if err != nil {
		return nil, err
	}
	doc := map[string]any{"type": "object", "additionalProperties": elem}
	if named, ok := types.Unalias(t.Key()).(*types.Named); ok && Has(named, "UnmarshalText") {
		return doc, nil
	}
	b, _ := t.Key().Underlying().(*types.Basic)
	switch {
	case b != nil && b.Info()&types.IsString != 0:
	case b != nil && b.Info()&types.IsInteger != 0:
		doc["propertyNames"] = map[string]any{"pattern": "^-?[0-9]+$"}
	default:
		return nil, &TypeError{Message: fmt.Sprintf("map with keys of type %s: want strings or integers", t.Key())}
	}
	return doc, nil
}

func (d *deriver) object(t *types.Struct) (map[string]any, error) {
	properties := make(map[string]any)
	var required []any
	for _, f := range Fields(t) {
		doc, err := d.property(f)
		if err != nil {
			if e, ok := errors.AsType[*TypeError](err); ok && !e.Pos.IsValid() {
				err = &TypeError{Pos: f.Var.Pos(), Message: fmt.Sprintf("field %s: %s", f.Var.Name(), e.Message)}
			}
			return nil, err
		}
		properties[f.Name] = doc
		if isRequired(t, f) {
			required = append(required, f.Name)
		}
	}
	doc := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		doc["required"] = required
	}
	return doc, nil
}

// isRequired reports whether a field of t has to be there: unless it, or a struct through which it is embedded, is a
// pointer, and unless its tags say otherwise.
func isRequired(t *types.Struct, f Field) bool {
	for _, i := range f.Index {
		typ := t.Field(i).Type()
		if _, isPointer := typ.Underlying().(*types.Pointer); isPointer {
			return false
		}
		t, _ = typ.Underlying().(*types.Struct)
	}
	_, hasDefault := f.Tag.Lookup("default")
	return !hasDefault && !f.OmitEmpty && !f.OmitZero
}

func (d *deriver) property(f Field) (map[string]any, error) {
	doc, err := d.schema(f.Var.Type())
	if err != nil {
		return nil, err
	}
	if f.Quoted {
		doc = map[string]any{"type": "string"}
	}
	description, ok := f.Tag.Lookup("doc")
	if !ok {
		description = d.comment(f.Var)
	}
	if description = strings.TrimSpace(description); description != "" {
		doc["description"] = description
	}
	return doc, applyTags(f, doc)
}
