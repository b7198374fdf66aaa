package box

import (
	"encoding/gob"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strings"
)

// gobFuncs stands in for encoding/gob. It has values in their erased form. Fields that are not exported are exported there,
// so a copy is sent in which they are zero: such fields do not travel.
func (p *Program) gobFuncs() map[string]any {
	return map[string]any{
		"(*encoding/gob.Encoder).Encode": func(e *gob.Encoder, x any) error {
			return p.gobEncode(x, func(sent any) error { return e.Encode(sent) })
		},
		"(*encoding/gob.Encoder).EncodeValue": func(e *gob.Encoder, v reflect.Value) error {
			if !v.IsValid() {
				return e.EncodeValue(v)
			}
			return p.gobEncode(v.Interface(), func(sent any) error { return e.EncodeValue(reflect.ValueOf(sent)) })
		},
		"(*encoding/gob.Decoder).Decode": p.gobDecode,
	}
}

func (p *Program) gobEncode(x any, send func(any) error) error {
	b, ok := Unwrap(x).(Box)
	if !ok {
		return send(x)
	}
	v := even(b.T.Type, reflect.ValueOf(b.V))
	if err := p.gobType(b.T.Type, map[*Type]bool{}); err != nil {
		return err
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return send(v.Interface()) // which panics
	}
	sent := reflect.New(v.Type()).Elem()
	gobCopy(b.T.Type, sent, v)
	return gobRenamed(send(sent.Interface()), b.T, v.Type())
}

func (p *Program) gobDecode(d *gob.Decoder, x any) error {
	b, ok := Unwrap(x).(Box)
	if !ok {
		return d.Decode(x)
	}
	v := reflect.ValueOf(b.V)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		if err := p.gobType(b.T.Type, map[*Type]bool{}); err != nil {
			return err
		}
	}
	return gobRenamed(d.Decode(b.V), b.T, v.Type())
}

// gobRenamed names the author's type in an error.
func gobRenamed(err error, t *Type, rt reflect.Type) error {
	if err == nil || !strings.Contains(err.Error(), rt.String()) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), rt.String(), t.String()))
}

// gobType reports what encoding/gob would have to do with values of a type and cannot with their erased form.
func (p *Program) gobType(t types.Type, seen map[*Type]bool) error {
	id := p.Type(t)
	if seen[id] {
		return nil
	}
	seen[id] = true
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if n.Obj().Pkg() == nil || p.isHostType(n) {
			return nil
		}
		for _, name := range []string{"GobEncode", "GobDecode", "MarshalBinary", "UnmarshalBinary"} {
			found, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
			if _, ok := found.(*types.Func); ok {
				return fmt.Errorf("gob: not supported by the interpreter: method %s of %s", name, p.name(t))
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return p.gobType(u.Elem(), seen)
	case *types.Slice:
		return p.gobType(u.Elem(), seen)
	case *types.Array:
		return p.gobType(u.Elem(), seen)
	case *types.Map:
		return errors.Join(p.gobType(u.Key(), seen), p.gobType(u.Elem(), seen))
	case *types.Struct:
		sent := 0
		for f := range u.Fields() {
			switch f.Type().Underlying().(type) {
			case *types.Chan, *types.Signature:
				continue
			}
			if !f.Exported() {
				continue
			}
			sent++
			if err := p.gobType(f.Type(), seen); err != nil {
				return err
			}
		}
		if sent == 0 && u.NumFields() > 0 {
			return fmt.Errorf("gob: type %s has no exported fields", p.name(t))
		}
	}
	return nil
}

// isHostType reports whether a named type is one of compiled code, which the universe has under its own package.
func (p *Program) isHostType(n *types.Named) bool {
	if n.TypeArgs().Len() > 0 {
		return false // there is no compiled one: it comes from source, whatever its package
	}
	u, ok := p.universe.(interface{ Has(path string) bool })
	return ok && (u.Has(n.Obj().Pkg().Path()) || !n.Obj().Pos().IsValid()) // a host's package may mention one without a table
}

// gobCopy sets to, of the same type as v, to what of v is sent.
func gobCopy(t types.Type, to, v reflect.Value) {
	if odd(t, v.Type()) || isHost(v.Type()) {
		to.Set(v)
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if !v.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
			gobCopy(u.Elem(), to.Elem(), v.Elem())
		}
	case *types.Slice:
		if !v.IsNil() {
			to.Set(reflect.MakeSlice(to.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				gobCopy(u.Elem(), to.Index(i), v.Index(i))
			}
		}
	case *types.Array:
		for i := range v.Len() {
			gobCopy(u.Elem(), to.Index(i), v.Index(i))
		}
	case *types.Map:
		if !v.IsNil() {
			to.Set(reflect.MakeMapWithSize(to.Type(), v.Len()))
			for of := v.MapRange(); of.Next(); {
				elem := reflect.New(to.Type().Elem()).Elem()
				gobCopy(u.Elem(), elem, of.Value())
				to.SetMapIndex(of.Key(), elem)
			}
		}
	case *types.Struct:
		for i := range u.NumFields() {
			if u.Field(i).Exported() {
				gobCopy(u.Field(i).Type(), to.Field(i), v.Field(i))
			}
		}
	default:
		to.Set(v)
	}
}
