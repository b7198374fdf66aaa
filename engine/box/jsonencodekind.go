package box

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// newKindEncoder returns how values of a type without methods are written.
func (c *jsonCodec) newKindEncoder(t types.Type, rt reflect.Type) jsonEncode {
	switch rt.Kind() {
	case reflect.Bool:
		return encodeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return encodeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return encodeUint
	case reflect.Float32, reflect.Float64:
		return encodeFloat
	case reflect.String:
		if rt == reflect.TypeFor[json.Number]() {
			return encodeByHost
		}
		return encodeString
	case reflect.Interface:
		return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
			if v.IsNil() {
				e.buf = append(e.buf, "null"...)
				return nil
			}
			return e.any(Unwrap(v.Interface()), quoted)
		}
	case reflect.Struct:
		if isHost(rt) {
			return encodeByHost
		}
		return c.newStructEncoder(t, rt)
	case reflect.Map:
		return c.newMapEncoder(t, rt)
	case reflect.Slice:
		return c.newSliceEncoder(t, rt)
	case reflect.Array:
		return c.newArrayEncoder(t.Underlying().(*types.Array).Elem(), rt)
	case reflect.Pointer:
		return c.newPointerEncoder(t, rt)
	default:
		return c.unsupported(t, rt)
	}
}

func (c *jsonCodec) unsupported(t types.Type, rt reflect.Type) jsonEncode {
	return func(*jsonEncoder, reflect.Value, bool) error {
		return &json.UnsupportedTypeError{Type: c.prog.named(t, rt)}
	}
}

func (e *jsonEncoder) quote(quoted bool) {
	if quoted {
		e.buf = append(e.buf, '"')
	}
}

func encodeBool(e *jsonEncoder, v reflect.Value, quoted bool) error {
	e.quote(quoted)
	e.buf = strconv.AppendBool(e.buf, v.Bool())
	e.quote(quoted)
	return nil
}

func encodeInt(e *jsonEncoder, v reflect.Value, quoted bool) error {
	e.quote(quoted)
	e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	e.quote(quoted)
	return nil
}

func encodeUint(e *jsonEncoder, v reflect.Value, quoted bool) error {
	e.quote(quoted)
	e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	e.quote(quoted)
	return nil
}

func encodeFloat(e *jsonEncoder, v reflect.Value, quoted bool) error {
	b, err := appendJSONFloat(e.buf, v, quoted)
	if err == nil {
		e.buf = b
	}
	return err
}

func encodeString(e *jsonEncoder, v reflect.Value, quoted bool) error {
	if quoted {
		inner := appendJSONString(nil, v.String(), e.escapeHTML)
		e.buf = appendJSONString(e.buf, string(inner), false)
		return nil
	}
	e.buf = appendJSONString(e.buf, v.String(), e.escapeHTML)
	return nil
}

// encodeByHost writes a value of a compiled type by encoding/json.
func encodeByHost(e *jsonEncoder, v reflect.Value, quoted bool) error {
	var from any
	switch {
	case v.CanAddr():
		from = v.Addr().Interface()
	default:
		from = v.Interface()
	}
	if quoted {
		if n, ok := reflect.TypeAssert[json.Number](v); ok {
			from = struct {
				N json.Number `json:"n,string"`
			}{n}
			b, err := hostJSON(from, e.escapeHTML)
			if err != nil {
				return err
			}
			e.buf = append(e.buf, b[len(`{"n":`):len(b)-1]...)
			return nil
		}
	}
	b, err := hostJSON(from, e.escapeHTML)
	if err != nil {
		return addressless(err, v.Type())
	}
	e.buf = append(e.buf, b...)
	return nil
}

func (c *jsonCodec) newPointerEncoder(t types.Type, rt reflect.Type) jsonEncode {
	elem := c.encoder(t.Underlying().(*types.Pointer).Elem(), rt.Elem())
	return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		done, err := e.deeper(t, v)
		if err != nil {
			return err
		}
		defer done()
		return elem(e, v.Elem(), quoted)
	}
}

func (c *jsonCodec) newSliceEncoder(t types.Type, rt reflect.Type) jsonEncode {
	elem := t.Underlying().(*types.Slice).Elem()
	if rt.Elem().Kind() == reflect.Uint8 && c.prog.pointerMethod(elem, rt.Elem(), "MarshalJSON", sigMarshal) == nil &&
		c.prog.pointerMethod(elem, rt.Elem(), "MarshalText", sigMarshal) == nil {
		return encodeBytes
	}
	elements := c.newArrayEncoder(elem, rt)
	return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		done, err := e.deeper(t, v)
		if err != nil {
			return err
		}
		defer done()
		return elements(e, v, quoted)
	}
}

func encodeBytes(e *jsonEncoder, v reflect.Value, _ bool) error {
	if v.IsNil() {
		e.buf = append(e.buf, "null"...)
		return nil
	}
	e.buf = append(e.buf, '"')
	e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
	e.buf = append(e.buf, '"')
	return nil
}

func (c *jsonCodec) newArrayEncoder(elem types.Type, rt reflect.Type) jsonEncode {
	encode := c.encoder(elem, rt.Elem())
	return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		e.buf = append(e.buf, '[')
		for i := range v.Len() {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			if err := encode(e, v.Index(i), quoted); err != nil {
				return err
			}
		}
		e.buf = append(e.buf, ']')
		return nil
	}
}

func (c *jsonCodec) newMapEncoder(t types.Type, rt reflect.Type) jsonEncode {
	m := t.Underlying().(*types.Map)
	text := c.prog.method(m.Key(), rt.Key(), "MarshalText", sigMarshal)
	if text == nil && !isJSONKey(rt.Key().Kind()) {
		return c.unsupported(t, rt)
	}
	encode := c.encoder(m.Elem(), rt.Elem())
	type entry struct {
		key   string
		value reflect.Value
	}
	return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		done, err := e.deeper(t, v)
		if err != nil {
			return err
		}
		defer done()
		entries := make([]entry, 0, v.Len())
		for iter := v.MapRange(); iter.Next(); {
			key, err := jsonKeyName(iter.Key(), text)
			if err != nil {
				return fmt.Errorf("json: encoding error for type %q: %q", c.prog.name(t), err.Error())
			}
			entries = append(entries, entry{key, iter.Value()})
		}
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
		e.buf = append(e.buf, '{')
		for i, x := range entries {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			e.buf = append(appendJSONString(e.buf, x.key, e.escapeHTML), ':')
			if err := encode(e, x.value, quoted); err != nil {
				return err
			}
		}
		e.buf = append(e.buf, '}')
		return nil
	}
}

func isJSONKey(k reflect.Kind) bool {
	return k == reflect.String || k >= reflect.Int && k <= reflect.Uintptr
}

// jsonKeyName returns the key of an object for a key of a map.
func jsonKeyName(k reflect.Value, text method) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if text != nil {
		if k.Kind() == reflect.Pointer && k.IsNil() {
			return "", nil
		}
		out := text(k)
		return string(out[0].Bytes()), errorOf(out[1])
	}
	if k.CanInt() {
		return strconv.FormatInt(k.Int(), 10), nil
	}
	return strconv.FormatUint(k.Uint(), 10), nil
}
