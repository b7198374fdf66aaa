package carry

import (
	"encoding"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"reflect"
)

// methodsCodec carries types by their own methods. It begins with whether there is a value: a map or slice may be nil.
func methodsCodec(n *node) codec {
	t, f := n.typ, n.form
	byValue := t.Implements(pairs[f-formBinary].to)
	mayBeNil := false
	switch t.Kind() {
	case reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		mayBeNil = true
	}
	return codec{
		func(e *encoder, v reflect.Value) {
			if mayBeNil && v.IsNil() {
				e.byte(0)
				return
			}
			e.byte(1)
			if !byValue {
				if !v.CanAddr() {
					addressable := reflect.New(t).Elem()
					addressable.Set(v)
					v = addressable
				}
				v = v.Addr()
			}
			b, err := marshal(f, v.Interface())
			if err != nil {
				e.failf("%s: %w", t, err)
			}
			e.bytes(b)
		},
		func(d *decoder, v reflect.Value) {
			if !d.bool() {
				return
			}
			b := d.raw()
			if !d.charge(len(b), 1) {
				return
			}
			if err := unmarshal(f, v.Addr().Interface(), append([]byte(nil), b...)); err != nil {
				d.fail(fmt.Errorf("%s: %w", t, err))
			}
		},
	}
}

func marshal(f form, v any) (b []byte, err error) {
	defer recovered(&err)
	switch f {
	case formBinary:
		m, _ := v.(encoding.BinaryMarshaler)
		return m.MarshalBinary()
	case formGob:
		m, _ := v.(gob.GobEncoder)
		return m.GobEncode()
	case formJSON:
		m, _ := v.(json.Marshaler)
		return m.MarshalJSON()
	default:
		m, _ := v.(encoding.TextMarshaler)
		return m.MarshalText()
	}
}

func unmarshal(f form, v any, b []byte) (err error) {
	defer recovered(&err)
	switch f {
	case formBinary:
		m, _ := v.(encoding.BinaryUnmarshaler)
		return m.UnmarshalBinary(b)
	case formGob:
		m, _ := v.(gob.GobDecoder)
		return m.GobDecode(b)
	case formJSON:
		m, _ := v.(json.Unmarshaler)
		return m.UnmarshalJSON(b)
	default:
		m, _ := v.(encoding.TextUnmarshaler)
		return m.UnmarshalText(b)
	}
}

// recovered makes an error of a panic in a method of a value.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}
