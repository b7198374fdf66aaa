package box

import (
	"encoding/binary"
	"errors"
	"go/types"
	"io"
	"reflect"
	"strings"
)

// binaryFuncs stands in for encoding/binary, which the erased form of a value suits: names and methods do not matter to it.
func (p *Program) binaryFuncs() map[string]any {
	return map[string]any{
		"encoding/binary.Read": func(r io.Reader, order binary.ByteOrder, data any) error {
			return p.retyped(data, binary.Read(r, order, p.raw(data)), clearBlank)
		},
		"encoding/binary.Decode": func(b []byte, order binary.ByteOrder, data any) (int, error) {
			n, err := binary.Decode(b, order, p.raw(data))
			return n, p.retyped(data, err, clearBlank)
		},
		"encoding/binary.Write": func(w io.Writer, order binary.ByteOrder, data any) error {
			return p.retyped(data, binary.Write(w, order, p.raw(data)), nil)
		},
		"encoding/binary.Encode": func(b []byte, order binary.ByteOrder, data any) (int, error) {
			n, err := binary.Encode(b, order, p.raw(data))
			return n, p.retyped(data, err, nil)
		},
		"encoding/binary.Append": func(b []byte, order binary.ByteOrder, data any) ([]byte, error) {
			b, err := binary.Append(b, order, p.raw(data))
			return b, p.retyped(data, err, nil)
		},
		"encoding/binary.Size": func(v any) int { return binary.Size(p.raw(v)) },
	}
}

// retyped names the author's type in an error. After a success it calls then, if that is not nil, with what data points to.
func (p *Program) retyped(data any, err error, then func(types.Type, reflect.Value)) error {
	b, ok := Unwrap(data).(Box)
	if !ok || b.V == nil {
		return err
	}
	v := reflect.ValueOf(b.V)
	if err == nil {
		if then != nil {
			then(b.T.Type, v)
		}
		return nil
	}
	if text, ok := strings.CutSuffix(err.Error(), v.Type().String()); ok {
		return errors.New(text + b.T.String())
	}
	return err
}

// clearBlank sets blank fields to zero: encoding/binary skips what was written for them.
func clearBlank(t types.Type, v reflect.Value) {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if !v.IsNil() {
			clearBlank(u.Elem(), v.Elem())
		}
	case *types.Slice:
		if _, basic := u.Elem().Underlying().(*types.Basic); !basic {
			for i := range v.Len() {
				clearBlank(u.Elem(), v.Index(i))
			}
		}
	case *types.Array:
		if _, basic := u.Elem().Underlying().(*types.Basic); !basic {
			for i := range v.Len() {
				clearBlank(u.Elem(), v.Index(i))
			}
		}
	case *types.Struct:
		if isHost(v.Type()) {
			return
		}
		for i := range u.NumFields() {
			if u.Field(i).Name() == "_" {
				v.Field(i).SetZero()
			} else {
				clearBlank(u.Field(i).Type(), v.Field(i))
			}
		}
	}
}
