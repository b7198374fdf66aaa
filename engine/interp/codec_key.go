package interp

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
)

// keyCodec turns the keys of a map into names of an object and back.
type keyCodec struct {
	encode func(reflect.Value) (string, error)
	decode func(name string, to reflect.Value) error
}

var (
	stringKey = &keyCodec{
		encode: func(k reflect.Value) (string, error) { return k.String(), nil },
		decode: func(name string, to reflect.Value) error { to.SetString(name); return nil },
	}
	intKey = &keyCodec{
		encode: func(k reflect.Value) (string, error) { return strconv.FormatInt(k.Int(), 10), nil },
		decode: func(name string, to reflect.Value) error { return decodeInt(json.Number(name), to) },
	}
	uintKey = &keyCodec{
		encode: func(k reflect.Value) (string, error) { return strconv.FormatUint(k.Uint(), 10), nil },
		decode: func(name string, to reflect.Value) error { return decodeUint(json.Number(name), to) },
	}
	textKey = &keyCodec{
		encode: func(k reflect.Value) (string, error) {
			if k.Kind() == reflect.String {
				return k.String(), nil // whatever its methods
			}
			m, ok := reflect.TypeAssert[encoding.TextMarshaler](k)
			if !ok {
				return "", fmt.Errorf("map with keys of type %s has no JSON form: want strings or integers", k.Type())
			}
			text, err := m.MarshalText()
			return string(text), err
		},
		decode: func(name string, to reflect.Value) error {
			u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](to.Addr())
			if !ok {
				return fmt.Errorf("map with keys of type %s cannot be decoded", to.Type())
			}
			return u.UnmarshalText([]byte(name))
		},
	}
)

// keyCodecOf returns the codec of a map's keys: strings, integers, and compiled types that are text.
func keyCodecOf(t types.Type) (*keyCodec, error) {
	if hasAny(t, "MarshalText", "UnmarshalText") {
		return textKey, nil
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		switch info := b.Info(); {
		case info&types.IsString != 0:
			return stringKey, nil
		case info&types.IsUnsigned != 0:
			return uintKey, nil
		case info&types.IsInteger != 0:
			return intKey, nil
		}
	}
	return nil, fmt.Errorf("map with keys of type %s has no JSON form: want strings or integers", t)
}
