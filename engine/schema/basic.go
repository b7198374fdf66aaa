package schema

import (
	"fmt"
	"go/types"
	"math"
)

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
