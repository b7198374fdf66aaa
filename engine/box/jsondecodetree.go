package box

import (
	"fmt"
	"reflect"
	"strconv"
)

// array reads an array. The data is at its bracket.
func (d *jsonDecoder) array(p *jsonPlan, v reflect.Value) error {
	to := d.indirect(p, v, false)
	if to.json != nil {
		return d.method(to)
	}
	if to.text != nil {
		d.mismatch("array", p, d.off+1)
		d.skip()
		return nil
	}
	p, v = to.plan, to.v
	if p.odd {
		return d.settle(p, v, d.array)
	}
	switch {
	case v.Kind() == reflect.Interface && !p.methods:
		v.Set(reflect.ValueOf(d.arrayAny()))
		return nil
	case v.Kind() != reflect.Array && v.Kind() != reflect.Slice:
		d.mismatch("array", p, d.off+1)
		d.skip()
		return nil
	}
	d.enter(p)
	defer d.leave()
	elem := p.elem()
	i := 0
	for d.next(']', i == 0) {
		if v.Kind() == reflect.Slice {
			if i >= v.Cap() {
				v.Grow(1)
			}
			if i >= v.Len() {
				v.SetLen(i + 1)
			}
		}
		var to reflect.Value
		if i < v.Len() {
			to = v.Index(i)
		}
		if err := d.value(elem, to); err != nil {
			return err
		}
		i++
	}
	if v.Kind() == reflect.Array {
		for ; i < v.Len(); i++ {
			v.Index(i).SetZero()
		}
		return nil
	}
	if i < v.Len() {
		v.SetLen(i)
	}
	if i == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	return nil
}

// object reads an object. The data is at its brace.
func (d *jsonDecoder) object(p *jsonPlan, v reflect.Value) error {
	to := d.indirect(p, v, false)
	if to.json != nil {
		return d.method(to)
	}
	if to.text != nil {
		d.mismatch("object", p, d.off+1)
		d.skip()
		return nil
	}
	p, v = to.plan, to.v
	if p.odd {
		return d.settle(p, v, d.object)
	}
	switch v.Kind() {
	case reflect.Interface:
		if !p.methods {
			v.Set(reflect.ValueOf(d.objectAny()))
			return nil
		}
	case reflect.Map:
		if isJSONKey(v.Type().Key().Kind()) || p.key().readers.text != nil {
			return d.mapping(p, v)
		}
	case reflect.Struct:
		if isHost(v.Type()) {
			return d.host(v)
		}
		return d.structure(p, v)
	}
	d.mismatch("object", p, d.off+1)
	d.skip()
	return nil
}

func (d *jsonDecoder) structure(p *jsonPlan, v reflect.Value) error {
	d.enter(p)
	defer d.leave()
	s := p.structure()
	owner, depth := d.owner, len(d.path)
	for first := true; d.next('}', first); first = false {
		key, _ := d.key()
		f := s.field(key)
		var to reflect.Value
		var plan *jsonPlan
		if f != nil {
			to = d.way(f, v)
			if plan = s.plans[f]; plan == nil && to.IsValid() {
				plan = d.codec.plan(f.typ, to.Type())
			}
			d.owner, d.path = p.t, append(d.path, f.name)
		} else if d.strict {
			d.save(fmt.Errorf("json: unknown field %q", key))
		}
		if f == nil || !to.IsValid() || !f.quoted {
			if err := d.value(plan, to); err != nil {
				return err
			}
		} else if err := d.quoted(plan, to); err != nil {
			return err
		}
		d.owner, d.path = owner, d.path[:depth]
	}
	return nil
}

// way follows the index of a field, and makes embedded structs where there are none.
func (d *jsonDecoder) way(f *jsonField, v reflect.Value) reflect.Value {
	for n, i := range f.index {
		if n > 0 {
			step := f.steps[n-1]
			at := v
			if v = even(step.Type(), v); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
				if !step.Exported() {
					d.save(fmt.Errorf("json: cannot set embedded pointer to unexported struct: %v", d.codec.prog.name(pointee(step.Type()))))
					return reflect.Value{}
				}
				rt := d.open.erased(step.Type())
				if v.IsValid() {
					rt = v.Type()
				}
				if rt == nil {
					return reflect.Value{}
				}
				v = reflect.New(rt.Elem())
				at.Set(v)
			}
			if v.Kind() == reflect.Pointer {
				v = v.Elem()
			}
		}
		if n < len(f.index)-1 {
			d.path = append(d.path, f.steps[n].Name())
		}
		v = v.Field(i)
	}
	return v
}

// quoted reads a field with the string option.
func (d *jsonDecoder) quoted(p *jsonPlan, v reflect.Value) error {
	switch d.data[d.off] {
	case 'n':
		return d.literal(p, v, d.token(), false, d.off)
	case '"':
		s, _ := unquoteJSON(d.token())
		return d.literal(p, v, []byte(s), true, d.off)
	}
	d.skip()
	d.save(fmt.Errorf("json: invalid use of ,string struct tag, trying to unmarshal unquoted value into %v", d.codec.prog.name(p.t)))
	return nil
}

func (d *jsonDecoder) mapping(p *jsonPlan, v reflect.Value) error {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	d.enter(p)
	defer d.leave()
	elem := reflect.New(v.Type().Elem()).Elem()
	for first := true; d.next('}', first); first = false {
		at := d.off + 1
		key, item := d.key()
		elem.SetZero()
		if err := d.value(p.elem(), elem); err != nil {
			return err
		}
		k, err := d.mapKey(p, v.Type().Key(), key, item, at)
		if err != nil {
			return err
		}
		if k.IsValid() {
			v.SetMapIndex(k, elem)
		}
	}
	return nil
}

// mapKey returns the key of a map for that of an object. It is invalid where an error was saved.
func (d *jsonDecoder) mapKey(p *jsonPlan, rt reflect.Type, key string, item []byte, at int) (reflect.Value, error) {
	k := reflect.New(rt)
	keys := p.key()
	if keys.readers.text != nil {
		err := d.literal(keys, k, item, true, at)
		return k.Elem(), err
	}
	k = k.Elem()
	bad := false
	switch {
	case k.Kind() == reflect.String:
		k.SetString(key)
	case k.CanInt():
		n, err := strconv.ParseInt(key, 10, 64)
		if bad = err != nil || k.OverflowInt(n); !bad {
			k.SetInt(n)
		}
	default:
		n, err := strconv.ParseUint(key, 10, 64)
		if bad = err != nil || k.OverflowUint(n); !bad {
			k.SetUint(n)
		}
	}
	if bad {
		d.mismatch("number "+key, d.codec.plan(pointee(keys.t), rt), at)
		return reflect.Value{}, nil
	}
	return k, nil
}
