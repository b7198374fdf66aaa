package interp

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"go/types"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// maxExact is the largest integer up to which a float64 holds every integer.
const maxExact = 1 << 53

var (
	boolCodec   = codec{encodeBool, decodeBool}
	stringCodec = codec{encodeString, decodeString}
	intCodec    = codec{encodeInt, decodeInt}
	uintCodec   = codec{encodeUint, decodeUint}
	floatCodec  = codec{encodeFloat, decodeFloat}
	bytesCodec  = codec{encodeBytes, decodeBytes} // for []byte: base64 in JSON
)

func basicCodec(c *codec, b *types.Basic) error {
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		*c = boolCodec
	case info&types.IsString != 0:
		*c = stringCodec
	case info&types.IsUnsigned != 0:
		*c = uintCodec
	case info&types.IsInteger != 0:
		*c = intCodec
	case info&types.IsFloat != 0:
		*c = floatCodec
	default:
		return fmt.Errorf("type %s has no JSON form", b)
	}
	return nil
}

func encodeBool(v reflect.Value, _ int) (any, error) { return v.Bool(), nil }

func encodeString(v reflect.Value, _ int) (any, error) {
	return strings.ToValidUTF8(v.String(), "\ufffd"), nil
}

func encodeInt(v reflect.Value, _ int) (any, error) {
	n := v.Int()
	if -maxExact <= n && n <= maxExact {
		return float64(n), nil
	}
	return json.Number(strconv.FormatInt(n, 10)), nil
}

func encodeUint(v reflect.Value, _ int) (any, error) {
	n := v.Uint()
	if n <= maxExact {
		return float64(n), nil
	}
	return json.Number(strconv.FormatUint(n, 10)), nil
}

func encodeFloat(v reflect.Value, _ int) (any, error) {
	f := v.Float()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%v has no JSON form", f)
	}
	if v.Kind() == reflect.Float32 { // as short as encoding/json writes it
		return strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	}
	return f, nil
}

func decodeBool(from any, to reflect.Value) error {
	switch b := from.(type) {
	case nil:
	case bool:
		to.SetBool(b)
	default:
		return wrongType("boolean", from)
	}
	return nil
}

func decodeString(from any, to reflect.Value) error {
	switch s := from.(type) {
	case nil:
	case string:
		to.SetString(s)
	default:
		return wrongType("string", from)
	}
	return nil
}

// numeral returns a JSON number as text that the strconv functions read; whole numbers without fraction or exponent.
func numeral(from any) (string, bool) {
	switch n := from.(type) {
	case json.Number:
		if f, err := n.Float64(); err == nil && strings.ContainsAny(string(n), ".eE") && f == math.Trunc(f) && math.Abs(f) <= maxExact {
			return strconv.FormatFloat(f, 'f', -1, 64), true
		}
		return string(n), true
	case float64:
		return strconv.FormatFloat(n, 'f', -1, 64), true
	}
	v := reflect.ValueOf(from)
	switch {
	case !v.IsValid():
		return "", false
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits()), true
	}
	return "", false
}

func decodeInt(from any, to reflect.Value) error {
	if f, ok := from.(float64); ok && f == math.Trunc(f) && math.Abs(f) <= maxExact && !to.OverflowInt(int64(f)) {
		to.SetInt(int64(f))
		return nil
	}
	return decodeNumber(from, "integer", func(text string) error {
		n, err := strconv.ParseInt(text, 10, to.Type().Bits())
		if err == nil {
			to.SetInt(n)
		}
		return err
	})
}

func decodeUint(from any, to reflect.Value) error {
	return decodeNumber(from, "integer", func(text string) error {
		n, err := strconv.ParseUint(text, 10, to.Type().Bits())
		if err == nil {
			to.SetUint(n)
		}
		return err
	})
}

func decodeFloat(from any, to reflect.Value) error {
	if f, ok := from.(float64); ok && !to.OverflowFloat(f) {
		to.SetFloat(f)
		return nil
	}
	return decodeNumber(from, "number", func(text string) error {
		f, err := strconv.ParseFloat(text, to.Type().Bits())
		if err == nil {
			to.SetFloat(f)
		}
		return err
	})
}

func decodeNumber(from any, want string, set func(string) error) error {
	if from == nil {
		return nil
	}
	text, ok := numeral(from)
	if !ok {
		return wrongType(want, from)
	}
	if set(text) != nil {
		return fmt.Errorf("number does not fit: want %s", want)
	}
	return nil
}

func wrongType(want string, have any) error {
	name := "object"
	switch have.(type) {
	case bool:
		name = "boolean"
	case string:
		name = "string"
	case []any:
		name = "array"
	default:
		if _, ok := numeral(have); ok {
			name = "number"
		}
	}
	return fmt.Errorf("want %s, got %s", want, name)
}

func encodeBytes(v reflect.Value, _ int) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	return base64.StdEncoding.EncodeToString(v.Bytes()), nil
}

func decodeBytes(from any, to reflect.Value) error {
	if from == nil {
		to.SetZero()
		return nil
	}
	s, ok := from.(string)
	if !ok {
		return wrongType("string", from)
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return fmt.Errorf("want base64: %w", err)
	}
	to.SetBytes(data)
	return nil
}
