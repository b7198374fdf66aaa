package schema

import (
	"fmt"
	"go/types"
	"math"
)

// rangeOf is the bounds of a sized integer. Those of 64 bits are left to decoding: a JSON number cannot say them exactly.
func rangeOf(kind types.BasicKind) (least, most float64, ok bool) {
	switch kind {
	case types.Int8:
		return math.MinInt8, math.MaxInt8, true
	case types.Int16:
		return math.MinInt16, math.MaxInt16, true
	case types.Int32:
		return math.MinInt32, math.MaxInt32, true
	case types.Uint8:
		return 0, math.MaxUint8, true
	case types.Uint16:
		return 0, math.MaxUint16, true
	case types.Uint32:
		return 0, math.MaxUint32, true
	}
	return 0, 0, false
}

func basicSchema(b *types.Basic) (map[string]any, error) {
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		return map[string]any{"type": "boolean"}, nil
	case info&types.IsString != 0:
		return map[string]any{"type": "string"}, nil
	case info&types.IsInteger != 0:
		doc := map[string]any{"type": "integer"}
		if least, most, ok := rangeOf(b.Kind()); ok {
			doc["minimum"], doc["maximum"] = least, most
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
