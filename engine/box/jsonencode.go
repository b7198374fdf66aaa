package box

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"sync"
)

// jsonEncoder writes values as encoding/json would write those of the program.
type jsonEncoder struct {
	codec      *jsonCodec
	buf        []byte
	escapeHTML bool
	depth      int
	seen       map[any]bool
}

// jsonEncode writes a value of one type. Quoted is the string option of the field that holds it.
type jsonEncode func(e *jsonEncoder, v reflect.Value, quoted bool) error

// jsonCodec is what a program's types mean to encoding/json.
type jsonCodec struct {
	prog     *Program
	encoders sync.Map // of jsonEncode, by jsonKey
	plans    sync.Map // of *jsonPlan, by jsonKey
}

// jsonKey is a type, and the reflect type that values of it have.
type jsonKey struct {
	t  *Type
	rt reflect.Type
}

// json returns the program's codec.
func (p *Program) json() *jsonCodec {
	c, ok := p.memo.Load(jsonKey{})
	if !ok {
		c, _ = p.memo.LoadOrStore(jsonKey{}, &jsonCodec{prog: p})
	}
	return c.(*jsonCodec)
}

// marshal returns the JSON of what an any holds.
func (c *jsonCodec) marshal(x any, escapeHTML bool) ([]byte, error) {
	e := jsonEncoder{codec: c, escapeHTML: escapeHTML, buf: make([]byte, 0, 256)}
	if err := e.any(Unwrap(x), false); err != nil {
		return nil, err
	}
	return e.buf, nil
}

// any writes what an interface holds, after Unwrap.
func (e *jsonEncoder) any(x any, quoted bool) error {
	switch x := x.(type) {
	case nil:
		e.buf = append(e.buf, "null"...)
		return nil
	case Box:
		v := reflect.ValueOf(x.V)
		return e.codec.encoderOf(x.T, v.Type())(e, v, quoted)
	default:
		v := reflect.ValueOf(x)
		return e.codec.hostEncoder(v.Type())(e, v, quoted)
	}
}

// hostEncoder returns how values of a type that is known by reflection are written.
func (c *jsonCodec) hostEncoder(rt reflect.Type) jsonEncode {
	key := jsonKey{rt: rt}
	if f, ok := c.encoders.Load(key); ok {
		return f.(jsonEncode)
	}
	f := c.encoder(c.prog.universe.TypeOf(rt), rt)
	c.encoders.Store(key, f)
	return f
}

// encoder returns how values of a type are written.
func (c *jsonCodec) encoder(t types.Type, rt reflect.Type) jsonEncode {
	return c.encoderOf(c.prog.Type(t), rt)
}

func (c *jsonCodec) encoderOf(t *Type, rt reflect.Type) jsonEncode {
	key := jsonKey{t, rt}
	if f, ok := c.encoders.Load(key); ok {
		return f.(jsonEncode)
	}
	// A type that leads to itself finds this function while its own is being made.
	made := sync.OnceValue(func() jsonEncode { return c.newEncoder(t.Type, rt) })
	f, loaded := c.encoders.LoadOrStore(key, jsonEncode(func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		return made()(e, v, quoted)
	}))
	if loaded {
		return f.(jsonEncode)
	}
	c.encoders.Store(key, made())
	return made()
}

func (c *jsonCodec) newEncoder(t types.Type, rt reflect.Type) jsonEncode {
	if odd(t, rt) {
		return c.oddEncoder(t)
	}
	plainly := func() jsonEncode { return c.newKindEncoder(t, rt) }
	if m := c.prog.method(t, rt, "MarshalText", sigMarshal); m != nil {
		plainly = func() jsonEncode { return textEncoder(t, rt, m) }
	}
	if m := c.prog.method(t, rt, "MarshalJSON", sigMarshal); m != nil {
		plainly = func() jsonEncode { return marshalerEncoder(t, rt, m) }
	}
	if rt.Kind() == reflect.Pointer {
		return plainly()
	}
	// Where the value can be addressed, the methods of the pointer count too. MarshalJSON of the value comes before
	// MarshalText of the pointer.
	if m := c.prog.pointerMethod(t, rt, "MarshalJSON", sigMarshal); m != nil {
		return addressed(marshalerEncoder(t, rt, m), plainly())
	}
	if c.prog.method(t, rt, "MarshalJSON", sigMarshal) == nil {
		if m := c.prog.pointerMethod(t, rt, "MarshalText", sigMarshal); m != nil {
			return addressed(textEncoder(t, rt, m), plainly())
		}
	}
	return plainly()
}

func addressed(yes, no jsonEncode) jsonEncode {
	return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		if v.CanAddr() {
			return yes(e, v.Addr(), quoted)
		}
		return no(e, v, quoted)
	}
}

// oddEncoder writes values that are not kept in their erased form.
func (c *jsonCodec) oddEncoder(t types.Type) jsonEncode {
	return func(e *jsonEncoder, v reflect.Value, quoted bool) error {
		v = even(t, v)
		if !v.IsValid() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		return c.encoder(t, v.Type())(e, v, quoted)
	}
}

// marshalerEncoder calls MarshalJSON.
func marshalerEncoder(t types.Type, rt reflect.Type, m method) jsonEncode {
	return func(e *jsonEncoder, v reflect.Value, _ bool) error {
		if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		out := m(v)
		err := errorOf(out[1])
		if err == nil {
			err = e.compact(out[0].Bytes())
		}
		if err != nil {
			return &json.MarshalerError{Type: e.codec.prog.named(t, rt), Err: err}
		}
		return nil
	}
}

// compact writes the JSON that a method returned.
func (e *jsonEncoder) compact(b []byte) error {
	out := bytes.NewBuffer(e.buf)
	at := out.Len()
	if err := json.Compact(out, b); err != nil {
		return err
	}
	e.buf = out.Bytes()
	if e.escapeHTML && needsHTMLEscape(e.buf[at:]) {
		text := bytes.Clone(e.buf[at:])
		out = bytes.NewBuffer(e.buf[:at])
		json.HTMLEscape(out, text)
		e.buf = out.Bytes()
	}
	return nil
}

func needsHTMLEscape(b []byte) bool {
	return bytes.ContainsAny(b, "<>&\u2028\u2029")
}

// textEncoder calls MarshalText.
func textEncoder(t types.Type, rt reflect.Type, m method) jsonEncode {
	return func(e *jsonEncoder, v reflect.Value, _ bool) error {
		if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		out := m(v)
		if err := errorOf(out[1]); err != nil {
			return textError(e.codec.prog.named(t, rt), err)
		}
		e.buf = appendJSONString(e.buf, string(out[0].Bytes()), e.escapeHTML)
		return nil
	}
}

// failingText is there to make encoding/json report an error of MarshalText: it marks the error in a field of its own.
type failingText struct{ err error }

func (f failingText) MarshalText() ([]byte, error) { return nil, f.err }

func textError(rt reflect.Type, err error) error {
	_, failed := json.Marshal(failingText{err})
	if made, ok := errors.AsType[*json.MarshalerError](failed); ok {
		made.Type = rt
		return made
	}
	return failed
}

// deeper notes that the value behind v is being written, and fails where it is already.
func (e *jsonEncoder) deeper(t types.Type, v reflect.Value) (func(), error) {
	const unchecked = 1000 // so deep values are rarely cycles
	e.depth++
	if e.depth <= unchecked {
		return func() { e.depth-- }, nil
	}
	type place struct {
		pointer any
		length  int
	}
	at := place{pointer: v.UnsafePointer()}
	switch v.Kind() {
	case reflect.Slice:
		at.length = v.Len()
	case reflect.Pointer:
		at.pointer = v.Interface()
	}
	if e.seen[at] {
		return nil, &json.UnsupportedValueError{Value: v, Str: fmt.Sprintf("encountered a cycle via %s", e.codec.prog.name(t))}
	}
	if e.seen == nil {
		e.seen = make(map[any]bool)
	}
	e.seen[at] = true
	return func() { e.depth--; delete(e.seen, at) }, nil
}
