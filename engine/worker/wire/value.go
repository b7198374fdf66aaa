package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
)

// maxDepth bounds how deep a value is nested. It is as deep as encoding/json decodes.
const maxDepth = 10000

// The forms of a value.
const (
	valueNil byte = iota
	valueFalse
	valueTrue
	valueFloat
	valueFloat32
	valueWhole // a float64 that is a whole number, which is shorter so
	valueInt
	valueUint
	valueNumber // json.Number
	valueString
	valueList
	valueMap
)

// maxWhole is how large a float64 is written as valueWhole: four bytes at most.
const maxWhole = 1 << 27

// Value appends a JSON value: nil, bool, float64, string, json.Number, []any, map[string]any, or another number. The error
// is for what is none, and leaves the payload in no use.
func (p *Payload) Value(v any) error { return p.value(v, 0) }

func (p *Payload) value(v any, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("a value is nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case nil:
		p.Byte(valueNil)
	case bool:
		if v {
			p.Byte(valueTrue)
		} else {
			p.Byte(valueFalse)
		}
	case float64:
		p.float(v)
	case string:
		p.Byte(valueString)
		p.String(v)
	case json.Number:
		p.Byte(valueNumber)
		p.String(string(v))
	case []any:
		p.Byte(valueList)
		p.Uint(uint64(len(v)))
		for _, e := range v {
			if err := p.value(e, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		p.Byte(valueMap)
		p.Uint(uint64(len(v)))
		for k, e := range v {
			p.String(k)
			if err := p.value(e, depth+1); err != nil {
				return err
			}
		}
	default:
		return p.number(v)
	}
	return nil
}

func (p *Payload) float(f float64) {
	if n := int64(f); f >= -maxWhole && f <= maxWhole && float64(n) == f && (n != 0 || !math.Signbit(f)) {
		p.Byte(valueWhole)
		p.Int(n)
		return
	}
	p.Byte(valueFloat)
	p.Float(f)
}

// number appends a number of another type. What is left of the type is its kind.
func (p *Payload) number(v any) error {
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		p.Byte(valueInt)
		p.Int(r.Int())
	case r.CanUint():
		p.Byte(valueUint)
		p.Uint(r.Uint())
	case r.Kind() == reflect.Float32:
		p.Byte(valueFloat32)
		p.Float(r.Float())
	case r.CanFloat():
		p.float(r.Float())
	default:
		return fmt.Errorf("a %T is no JSON value", v)
	}
	return nil
}

// Value takes a JSON value. Other numbers come as int64, uint64 and float32. An empty list or map is never nil.
func (d *Decoder) Value() any { return d.value(0) }

func (d *Decoder) value(depth int) any {
	if depth > maxDepth {
		d.Fail("a value is nested too deep")
		return nil
	}
	switch form := d.Byte(); form {
	case valueNil:
		return nil
	case valueFalse:
		return false
	case valueTrue:
		return true
	case valueFloat:
		return d.Float()
	case valueFloat32:
		return float32(d.Float())
	case valueWhole:
		return float64(d.Int())
	case valueInt:
		return d.Int()
	case valueUint:
		return d.Uint()
	case valueNumber:
		return json.Number(d.String())
	case valueString:
		return d.String()
	case valueList:
		return d.list(depth)
	case valueMap:
		return d.object(depth)
	default:
		d.Fail(fmt.Sprintf("a value of the form %d", form))
		return nil
	}
}

func (d *Decoder) list(depth int) []any {
	list := make([]any, d.Count())
	for i := range list {
		list[i] = d.value(depth + 1)
		if d.err != nil {
			return nil
		}
	}
	return list
}

func (d *Decoder) object(depth int) map[string]any {
	n := d.Count()
	m := make(map[string]any, min(n, 1024)) // what a number alone claims is not believed
	for range n {
		k := d.String()
		m[k] = d.value(depth + 1)
		if d.err != nil {
			return nil
		}
	}
	return m
}
