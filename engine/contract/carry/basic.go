package carry

import (
	"encoding/binary"
	"math"
	"reflect"
)

// basicCodec carries numbers, strings and bools.
func basicCodec(t reflect.Type) codec {
	switch t.Kind() {
	case reflect.Bool:
		return codec{
			func(e *encoder, v reflect.Value) { e.bool(v.Bool()) },
			func(d *decoder, v reflect.Value) { v.SetBool(d.bool()) },
		}
	case reflect.String:
		return codec{
			func(e *encoder, v reflect.Value) { e.string(v.String()) },
			func(d *decoder, v reflect.Value) { v.SetString(d.string()) },
		}
	case reflect.Int8:
		return codec{
			func(e *encoder, v reflect.Value) { e.byte(byte(v.Int())) },
			func(d *decoder, v reflect.Value) { v.SetInt(int64(int8(d.byte()))) },
		}
	case reflect.Uint8:
		return codec{
			func(e *encoder, v reflect.Value) { e.byte(byte(v.Uint())) },
			func(d *decoder, v reflect.Value) { v.SetUint(uint64(d.byte())) },
		}
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		return codec{func(e *encoder, v reflect.Value) { e.int(v.Int()) }, decodeInt}
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return codec{func(e *encoder, v reflect.Value) { e.uint(v.Uint()) }, decodeUint}
	case reflect.Float32:
		return codec{
			func(e *encoder, v reflect.Value) {
				e.buf = binary.LittleEndian.AppendUint32(e.buf, math.Float32bits(float32(v.Float())))
			},
			func(d *decoder, v reflect.Value) {
				v.SetFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(d.take(4)))))
			},
		}
	case reflect.Float64:
		return codec{
			func(e *encoder, v reflect.Value) { e.float(v.Float()) },
			func(d *decoder, v reflect.Value) { v.SetFloat(d.float()) },
		}
	case reflect.Complex64:
		return codec{
			func(e *encoder, v reflect.Value) {
				c := complex64(v.Complex())
				e.buf = binary.LittleEndian.AppendUint32(e.buf, math.Float32bits(real(c)))
				e.buf = binary.LittleEndian.AppendUint32(e.buf, math.Float32bits(imag(c)))
			},
			func(d *decoder, v reflect.Value) {
				b := d.take(8)
				re, im := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
				v.SetComplex(complex128(complex(math.Float32frombits(re), math.Float32frombits(im))))
			},
		}
	default: // Complex128
		return codec{
			func(e *encoder, v reflect.Value) {
				c := v.Complex()
				e.float(real(c))
				e.float(imag(c))
			},
			func(d *decoder, v reflect.Value) {
				re := d.float()
				v.SetComplex(complex(re, d.float()))
			},
		}
	}
}

func (e *encoder) float(f float64) {
	e.buf = binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(f))
}

func (d *decoder) float() float64 { return math.Float64frombits(binary.LittleEndian.Uint64(d.take(8))) }

func decodeInt(d *decoder, v reflect.Value) {
	n := d.int()
	if v.OverflowInt(n) {
		d.malformed("%d does not fit into %s", n, v.Type())
		return
	}
	v.SetInt(n)
}

func decodeUint(d *decoder, v reflect.Value) {
	n := d.uint()
	if v.OverflowUint(n) {
		d.malformed("%d does not fit into %s", n, v.Type())
		return
	}
	v.SetUint(n)
}
