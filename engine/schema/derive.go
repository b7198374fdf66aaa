package schema

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"math"
	"slices"
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
	d := &deriver{comment: comment, recursive: make(map[*types.Named]bool), defs: make(map[string]any)}
	doc, err := d.schema(t)
	if err != nil {
		return nil, err
	}
	if len(d.defs) == 0 {
		return doc, nil
	}
	root := maps.Clone(doc)
	if ref, ok := doc["$ref"].(string); ok { // the type contains itself: its properties belong to the root too
		root = maps.Clone(d.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any))
	}
	root["$defs"] = d.defs
	return root, nil
}

type deriver struct {
	comment   func(*types.Var) string
	stack     []*types.Named
	recursive map[*types.Named]bool // types that contain themselves
	defs      map[string]any
}

// schema returns the schema of a type. A type that contains itself becomes a definition and is referred to.
func (d *deriver) schema(t types.Type) (map[string]any, error) {
	t = types.Unalias(t)
	named, ok := t.(*types.Named)
	if !ok {
		return d.literal(t)
	}
	if doc, ok := wellKnown(named); ok {
		return doc, nil
	}
	ref := map[string]any{"$ref": "#/$defs/" + named.Obj().Name()}
	if slices.Contains(d.stack, named) {
		d.recursive[named] = true
		return ref, nil
	}
	d.stack = append(d.stack, named)
	doc, err := d.literal(named.Underlying())
	d.stack = d.stack[:len(d.stack)-1]
	if err != nil || !d.recursive[named] {
		return doc, err
	}
	d.defs[named.Obj().Name()] = doc
	return ref, nil
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
		if !mapKey(t.Key()) {
			return nil, &TypeError{Message: fmt.Sprintf("map with keys of type %s: want strings or integers", t.Key())}
		}
		items, err := d.schema(t.Elem())
		return map[string]any{"type": "object", "additionalProperties": items}, err
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
		_, pointer := f.Var.Type().Underlying().(*types.Pointer)
		_, hasDefault := f.Tag.Lookup("default")
		if !pointer && !hasDefault && !f.OmitEmpty && !f.OmitZero {
			required = append(required, f.Name)
		}
	}
	doc := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		doc["required"] = required
	}
	return doc, nil
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

func mapKey(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsString|types.IsInteger) != 0
}

// ranges are the bounds of the sized integers. Those of 64 bits are left to decoding: a JSON number cannot say them
// exactly.
var ranges = map[types.BasicKind][2]float64{
	types.Int8: {math.MinInt8, math.MaxInt8}, types.Int16: {math.MinInt16, math.MaxInt16}, types.Int32: {math.MinInt32, math.MaxInt32},
	types.Uint8: {0, math.MaxUint8}, types.Uint16: {0, math.MaxUint16}, types.Uint32: {0, math.MaxUint32},
}

func basicSchema(b *types.Basic) (map[string]any, error) {
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		return map[string]any{"type": "boolean"}, nil
	case info&types.IsString != 0:
		return map[string]any{"type": "string"}, nil
	case info&types.IsInteger != 0:
		doc := map[string]any{"type": "integer"}
		if r, ok := ranges[b.Kind()]; ok {
			doc["minimum"], doc["maximum"] = r[0], r[1]
		} else if info&types.IsUnsigned != 0 {
			doc["minimum"] = 0.0
		}
		return doc, nil
	case info&types.IsFloat != 0:
		return map[string]any{"type": "number"}, nil
	}
	return nil, &TypeError{Message: fmt.Sprintf("type %s has no JSON form", b)}
}

// wellKnown returns the schemas of compiled types that encode themselves.
func wellKnown(t *types.Named) (map[string]any, bool) {
	obj := t.Obj()
	if obj.Pkg() == nil {
		return nil, false
	}
	switch obj.Pkg().Path() + "." + obj.Name() {
	case "time.Time":
		return map[string]any{"type": "string", "format": "date-time"}, true
	case "encoding/json.Number":
		return map[string]any{"type": "number"}, true
	case "encoding/json.RawMessage":
		return map[string]any{}, true
	}
	switch {
	case Has(t, "UnmarshalJSON"):
		return map[string]any{}, true
	case Has(t, "UnmarshalText"):
		return map[string]any{"type": "string"}, true
	}
	return nil, false
}

// Has reports whether a type, or a pointer to it, has a method of that name.
func Has(t types.Type, method string) bool {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, nil, method)
	_, ok := obj.(*types.Func)
	return ok
}
