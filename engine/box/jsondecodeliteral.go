package box

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// literal stores a literal, which ends before end. Quoted says that it was within a string, because of the string option.
func (d *jsonDecoder) literal(p *jsonPlan, v reflect.Value, item []byte, quoted bool, end int) error {
	if len(item) == 0 {
		d.save(d.misquoted(item, p))
		return nil
	}
	if p.odd {
		return d.settle(p, v, func(p *jsonPlan, v reflect.Value) error { return d.literal(p, v, item, quoted, end) })
	}
	to := d.indirect(p, v, item[0] == 'n')
	switch {
	case to.json != nil:
		return errorOf(to.json(to.recv, reflect.ValueOf(item))[0])
	case to.text != nil:
		return d.literalText(p, to, item, quoted, end)
	}
	if to.plan.odd {
		return d.settle(to.plan, to.v, func(p *jsonPlan, v reflect.Value) error { return d.literal(p, v, item, quoted, end) })
	}
	switch item[0] {
	case 'n':
		d.literalNull(to, item, quoted)
	case 't', 'f':
		d.literalBool(to, item, quoted, end)
	case '"':
		return d.literalString(to, item, end)
	default:
		return d.literalNumber(to, item, quoted, end)
	}
	return nil
}

// misquoted is the error for a field with the string option whose string does not hold what it should.
func (d *jsonDecoder) misquoted(item []byte, p *jsonPlan) error {
	return fmt.Errorf("json: invalid use of ,string struct tag, trying to unmarshal %q into %v", item, d.codec.prog.name(p.t))
}

func (d *jsonDecoder) literalText(p *jsonPlan, to jsonTarget, item []byte, quoted bool, end int) error {
	if item[0] != '"' {
		if quoted {
			d.save(d.misquoted(item, p))
			return nil
		}
		value := "number"
		switch item[0] {
		case 'n':
			value = "null"
		case 't', 'f':
			value = "bool"
		}
		d.mismatch(value, p, end)
		return nil
	}
	s, ok := unquoteJSON(item)
	if !ok {
		return d.misquoted(item, p)
	}
	return errorOf(to.text(to.recv, reflect.ValueOf([]byte(s)))[0])
}

func (d *jsonDecoder) literalNull(to jsonTarget, item []byte, quoted bool) {
	if quoted && string(item) != "null" {
		d.save(d.misquoted(item, to.plan))
		return
	}
	switch to.v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
		to.v.SetZero()
	}
}

func (d *jsonDecoder) literalBool(to jsonTarget, item []byte, quoted bool, end int) {
	value := item[0] == 't'
	kind := to.v.Kind()
	switch {
	case quoted && string(item) != "true" && string(item) != "false":
		d.save(d.misquoted(item, to.plan))
	case kind == reflect.Bool:
		to.v.SetBool(value)
	case kind == reflect.Interface && !to.plan.methods:
		to.v.Set(reflect.ValueOf(value))
	case quoted && kind != reflect.Interface:
		d.save(d.misquoted(item, to.plan))
	default:
		d.mismatch("bool", to.plan, end)
	}
}

func (d *jsonDecoder) literalString(to jsonTarget, item []byte, end int) error {
	s, ok := unquoteJSON(item)
	if !ok {
		return d.misquoted(item, to.plan)
	}
	v := to.v
	kind := v.Kind()
	switch {
	case kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			d.save(err)
			return nil
		}
		v.SetBytes(b)
	case kind == reflect.String:
		if v.Type() == jsonNumber && !isJSONNumber(s) {
			return fmt.Errorf("json: invalid number literal, trying to unmarshal %q into Number", item)
		}
		v.SetString(s)
	case kind == reflect.Interface && !to.plan.methods:
		v.Set(reflect.ValueOf(s))
	default:
		d.mismatch("string", to.plan, end)
	}
	return nil
}

func (d *jsonDecoder) literalNumber(to jsonTarget, item []byte, quoted bool, end int) error {
	if c := item[0]; c != '-' && (c < '0' || c > '9') {
		return d.misquoted(item, to.plan)
	}
	v, s := to.v, string(item)
	var bad bool
	switch kind := v.Kind(); {
	case kind == reflect.Interface:
		n, err := d.number(s, end+1)
		switch {
		case err != nil:
			d.save(err)
		case to.plan.methods:
			d.mismatch("number", to.plan, end)
		default:
			v.Set(reflect.ValueOf(n))
		}
	case v.CanInt():
		n, err := strconv.ParseInt(s, 10, 64)
		if bad = err != nil || v.OverflowInt(n); !bad {
			v.SetInt(n)
		}
	case v.CanUint():
		n, err := strconv.ParseUint(s, 10, 64)
		if bad = err != nil || v.OverflowUint(n); !bad {
			v.SetUint(n)
		}
	case v.CanFloat():
		n, err := strconv.ParseFloat(s, v.Type().Bits())
		if bad = err != nil || v.OverflowFloat(n); !bad {
			v.SetFloat(n)
		}
	case v.Type() == jsonNumber:
		v.SetString(s)
	case quoted:
		return d.misquoted(item, to.plan)
	default:
		d.mismatch("number", to.plan, end)
	}
	if bad {
		d.mismatch("number "+s, to.plan, end)
	}
	return nil
}

// number returns a number as an empty interface holds it.
func (d *jsonDecoder) number(s string, off int) (any, error) {
	if d.useNumber {
		return json.Number(s), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, &json.UnmarshalTypeError{Value: "number " + s, Type: reflect.TypeFor[float64](), Offset: int64(d.before + off)}
	}
	return f, nil
}

func isJSONNumber(s string) bool {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	last := s[len(s)-1]
	return last >= '0' && last <= '9' && json.Valid([]byte(s))
}

// unquoteJSON returns what a JSON string says.
func unquoteJSON(item []byte) (string, bool) {
	if len(item) < 2 || item[0] != '"' || item[len(item)-1] != '"' {
		return "", false
	}
	inner := item[1 : len(item)-1]
	simple := true
	for _, c := range inner {
		if c == '\\' || c == '"' || c < ' ' || c >= 0x80 {
			simple = false
			break
		}
	}
	if simple {
		return string(inner), true
	}
	var s string
	if err := json.Unmarshal(item, &s); err != nil {
		return "", false
	}
	return s, true
}
