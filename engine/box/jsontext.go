package box

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// appendJSONString appends s as a JSON string.
func appendJSONString(b []byte, s string, escapeHTML bool) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && (!escapeHTML || c != '<' && c != '>' && c != '&') {
				i++
				continue
			}
			b = append(b, s[done:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\b':
				b = append(b, `\b`...)
			case '\f':
				b = append(b, `\f`...)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[done:i]...), `\ufffd`...)
			done = i + size
		case r == '\u2028', r == '\u2029': // JavaScript takes them for ends of lines
			b = append(append(b, s[done:i]...), `\u202`...)
			b = append(b, hex[r&15])
			done = i + size
		}
		i += size
	}
	return append(append(b, s[done:]...), '"')
}

// appendJSONFloat appends a float as JavaScript writes it.
func appendJSONFloat(b []byte, v reflect.Value, quoted bool) ([]byte, error) {
	f, bits := v.Float(), v.Type().Bits()
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, &json.UnsupportedValueError{Value: v, Str: strconv.FormatFloat(f, 'g', -1, bits)}
	}
	if quoted {
		b = append(b, '"')
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 {
		small, large := abs < 1e-6, abs >= 1e21
		if bits == 32 {
			small, large = float32(abs) < 1e-6, float32(abs) >= 1e21
		}
		if small || large {
			format = 'e'
		}
	}
	b = strconv.AppendFloat(b, f, format, -1, bits)
	if n := len(b); format == 'e' && n >= 4 && string(b[n-4:n-1]) == "e-0" {
		b = append(b[:n-2], b[n-1])
	}
	if quoted {
		b = append(b, '"')
	}
	return b, nil
}

// hostJSON returns the JSON of a compiled value.
func hostJSON(x any, escapeHTML bool) ([]byte, error) {
	if escapeHTML {
		b, err := json.Marshal(x)
		return b, unboxed(err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(x); err != nil {
		return nil, unboxed(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// unboxed returns what went wrong within a Box that compiled code asked for its JSON.
func unboxed(err error) error {
	var outer *json.MarshalerError
	for errors.As(err, &outer) && outer.Type == reflect.TypeFor[Box]() {
		err = outer.Err
	}
	return err
}

// addressless undoes in an error that a value of type rt was passed as a pointer to it.
func addressless(err error, rt reflect.Type) error {
	if failed, ok := errors.AsType[*json.MarshalerError](err); ok && failed.Type == reflect.PointerTo(rt) {
		failed.Type = rt
	}
	return err
}
