package box

import (
	"go/types"
	"reflect"
)

// newStructEncoder returns how structs of a type of the program are written.
func (c *jsonCodec) newStructEncoder(t types.Type, rt reflect.Type) jsonEncode {
	fields := c.prog.jsonFields(t, rt)
	encoders := make([]jsonEncode, len(fields))
	isZero := make([]func(reflect.Value) bool, len(fields))
	for i, f := range fields {
		if f.rt == nil {
			encoders[i] = c.oddEncoder(f.typ)
			continue
		}
		encoders[i] = c.encoder(f.typ, f.rt)
		if f.omitZero {
			isZero[i] = c.prog.zeroTest(f.typ, f.rt)
		}
	}
	return func(e *jsonEncoder, v reflect.Value, _ bool) error {
		e.buf = append(e.buf, '{')
		first := true
		for i := range fields {
			f := &fields[i]
			fv, ok := f.of(v)
			if !ok || f.omitEmpty && isEmpty(f.typ, fv) || f.omitZero && c.isZero(f, isZero[i], fv) {
				continue
			}
			if !first {
				e.buf = append(e.buf, ',')
			}
			first = false
			if e.escapeHTML {
				e.buf = append(e.buf, f.escapedKey...)
			} else {
				e.buf = append(e.buf, f.plainKey...)
			}
			if err := encoders[i](e, fv, f.quoted); err != nil {
				return err
			}
		}
		e.buf = append(e.buf, '}')
		return nil
	}
}

// of returns the field of a struct. It reports false where a pointer on the way is nil.
func (f *jsonField) of(v reflect.Value) (reflect.Value, bool) {
	if len(f.index) == 1 {
		return v.Field(f.index[0]), true
	}
	for n, i := range f.index {
		if n > 0 {
			v = even(f.steps[n-1].Type(), v)
			if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
				return reflect.Value{}, false
			}
			if v.Kind() == reflect.Pointer {
				v = v.Elem()
			}
		}
		v = v.Field(i)
	}
	return v, true
}

func (c *jsonCodec) isZero(f *jsonField, test func(reflect.Value) bool, v reflect.Value) bool {
	if test == nil {
		return c.prog.IsZero(f.typ, v)
	}
	return test(v)
}

// isEmpty reports what the option omitempty asks.
func isEmpty(t types.Type, v reflect.Value) bool {
	v = even(t, v)
	if !v.IsValid() {
		return true
	}
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		if a, ok := t.Underlying().(*types.Array); ok {
			return a.Len() == 0
		}
		return v.Len() == 0
	case reflect.Struct, reflect.Func, reflect.Chan, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	}
	return v.IsZero()
}

// IsZero reports whether v, which holds a value of type t, is zero as the option omitzero means it.
func (p *Program) IsZero(t types.Type, v reflect.Value) bool {
	v = even(t, v)
	return !v.IsValid() || p.zeroTest(t, v.Type())(v)
}

// zeroTest returns what the option omitzero asks: the IsZero method of a type where there is one.
func (p *Program) zeroTest(t types.Type, rt reflect.Type) func(reflect.Value) bool {
	call := func(m method, v reflect.Value) bool { return m(v)[0].Bool() }
	if m := p.method(t, rt, "IsZero", sigIsZero); m != nil {
		return func(v reflect.Value) bool {
			switch v.Kind() {
			case reflect.Interface:
				if v.IsNil() {
					return true
				}
				if _, held := p.dynamic(v); held.Kind() == reflect.Pointer && held.IsNil() {
					return true
				}
			case reflect.Pointer:
				if v.IsNil() {
					return true
				}
			}
			return call(m, v)
		}
	}
	if m := p.pointerMethod(t, rt, "IsZero", sigIsZero); m != nil {
		return func(v reflect.Value) bool {
			if !v.CanAddr() {
				copied := reflect.New(v.Type()).Elem()
				copied.Set(v)
				v = copied
			}
			return call(m, v.Addr())
		}
	}
	return func(v reflect.Value) bool { return isZero(t, v) }
}

// isZero reports whether a value is that of its type which was never set.
func isZero(t types.Type, v reflect.Value) bool {
	if v = even(t, v); !v.IsValid() || v.IsZero() {
		return true
	}
	if s, ok := t.Underlying().(*types.Struct); ok && !isHost(v.Type()) {
		for i := range s.NumFields() {
			if !isZero(s.Field(i).Type(), v.Field(i)) {
				return false
			}
		}
		return true
	}
	return false
}
