package box

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// jsonDecoder reads JSON, which is known to be valid, into values as encoding/json would into those of the program.
type jsonDecoder struct {
	codec *jsonCodec
	data  []byte
	off   int
	// before is how much came before the data, for errors.
	before int

	useNumber, strict bool

	// saved is the first error that did not end the decoding.
	saved error
	// owner is the innermost struct that is being read, and path the way to the place, for errors.
	owner types.Type
	path  []string
	// open are the values that are being read.
	open opened
}

// unmarshal reads data into what x points to.
func (d *jsonDecoder) unmarshal(x any) error {
	t, v := d.codec.prog.dynamicOf(x)
	if t == nil {
		return &json.InvalidUnmarshalError{}
	}
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &json.InvalidUnmarshalError{Type: d.codec.prog.named(t, v.Type())}
	}
	return d.read(t, v)
}

// read reads data into v, which holds a value of type t.
func (d *jsonDecoder) read(t types.Type, v reflect.Value) error {
	d.space()
	if err := d.value(d.codec.plan(t, v.Type()), v); err != nil {
		return d.placed(err)
	}
	return d.saved
}

// placed says in an error where it happened.
func (d *jsonDecoder) placed(err error) error {
	failed, ok := err.(*json.UnmarshalTypeError) //nolint:errorlint // encoding/json does not look behind what methods wrap
	if !ok || d.owner == nil && len(d.path) == 0 {
		return err
	}
	path := d.path
	if failed.Field != "" {
		path = append(slices.Clip(path), failed.Field)
	}
	failed.Struct, failed.Field = "", strings.Join(path, ".")
	if d.owner != nil {
		failed.Struct = d.codec.prog.bareName(d.owner)
	}
	return err
}

// save notes an error that does not end the decoding.
func (d *jsonDecoder) save(err error) {
	if d.saved == nil {
		d.saved = d.placed(err)
	}
}

func (d *jsonDecoder) mismatch(value string, p *jsonPlan, off int) {
	d.save(&json.UnmarshalTypeError{Value: value, Type: d.codec.prog.named(p.t, p.rt), Offset: int64(d.before + off)})
}

// value reads a value into v, which may be invalid: then it is skipped.
func (d *jsonDecoder) value(p *jsonPlan, v reflect.Value) error {
	if !v.IsValid() {
		d.skip()
		return nil
	}
	if p.odd {
		return d.settle(p, v, d.value)
	}
	switch d.data[d.off] {
	case '[':
		return d.array(p, v)
	case '{':
		return d.object(p, v)
	default:
		return d.literal(p, v, d.token(), false, d.off)
	}
}

// settle reads into a value that is not kept in its erased form.
func (d *jsonDecoder) settle(p *jsonPlan, v reflect.Value, read func(*jsonPlan, reflect.Value) error) error {
	if v.Kind() == reflect.Struct {
		return read(d.codec.plan(p.t, v.Type().Field(0).Type), v.Field(0))
	}
	var rt reflect.Type
	if v.IsNil() {
		rt = d.open.erased(p.t)
	} else {
		rt = v.Elem().Type()
	}
	if rt == nil {
		d.save(fmt.Errorf("json: type %s cannot be made here", d.codec.prog.name(p.t)))
		d.skip()
		return nil
	}
	made := reflect.New(rt).Elem()
	if !v.IsNil() {
		made.Set(v.Elem())
	}
	err := read(d.codec.plan(p.t, rt), made)
	v.Set(made)
	return err
}

// enter notes that a value is being read.
func (d *jsonDecoder) enter(p *jsonPlan) { d.open = append(d.open, typed{p.t, p.rt}) }

func (d *jsonDecoder) leave() { d.open = d.open[:len(d.open)-1] }

// jsonTarget is where pointers and interfaces led: to a method, or to a value.
type jsonTarget struct {
	jsonReaders
	recv reflect.Value
	plan *jsonPlan
	v    reflect.Value
}

// indirect follows pointers, which it allocates, and interfaces that hold pointers, up to what has a method that reads JSON
// or to a value. For null it ends at the first pointer that can be set.
func (d *jsonDecoder) indirect(p *jsonPlan, v reflect.Value, null bool) jsonTarget {
	read := func(r jsonReaders, recv reflect.Value) (jsonTarget, bool) {
		if r.json != nil {
			return jsonTarget{jsonReaders: jsonReaders{json: r.json}, recv: recv}, true
		}
		if r.text != nil && !null {
			return jsonTarget{jsonReaders: jsonReaders{text: r.text}, recv: recv}, true
		}
		return jsonTarget{}, false
	}
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		if found, ok := read(p.readers, v.Addr()); ok {
			return found
		}
	}
	for {
		if p.odd && v.Kind() == reflect.Struct {
			p, v = d.codec.plan(p.t, v.Type().Field(0).Type), v.Field(0)
			continue
		}
		if v.Kind() == reflect.Interface && !v.IsNil() {
			t, held := d.codec.prog.dynamic(v)
			if held.Kind() == reflect.Pointer && !held.IsNil() && (!null || held.Elem().Kind() == reflect.Pointer) {
				p, v = d.codec.plan(t, held.Type()), held
				continue
			}
		}
		if v.Kind() != reflect.Pointer || null && v.CanSet() {
			return jsonTarget{plan: p, v: v}
		}
		if holdsItself(v) {
			return jsonTarget{plan: p.elem(), v: v.Elem()}
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if found, ok := read(p.readers, v); ok {
			return found
		}
		p, v = p.elem(), v.Elem()
	}
}

// holdsItself reports whether v points to an interface that holds v.
func holdsItself(v reflect.Value) bool {
	to := v.Elem()
	return to.Kind() == reflect.Interface && to.Elem().Kind() == reflect.Pointer && to.Elem().Pointer() == v.Pointer()
}

// method calls UnmarshalJSON with a value from the data.
func (d *jsonDecoder) method(to jsonTarget) error {
	at := d.off
	d.skip()
	return errorOf(to.json(to.recv, reflect.ValueOf(d.data[at:d.off:d.off]))[0])
}

// host reads the value that begins here into a value of a compiled type.
func (d *jsonDecoder) host(v reflect.Value) error {
	at := d.off
	d.skip()
	from := json.NewDecoder(bytes.NewReader(d.data[at:d.off]))
	if d.useNumber {
		from.UseNumber()
	}
	if d.strict {
		from.DisallowUnknownFields()
	}
	err := from.Decode(v.Addr().Interface())
	failed, ok := err.(*json.UnmarshalTypeError) //nolint:errorlint // as above
	if !ok {
		return err
	}
	failed.Offset += int64(d.before + at)
	if inner := failed.Struct; d.saved == nil {
		d.save(failed)
		if inner != "" {
			failed.Struct = inner
		}
	}
	return nil
}
