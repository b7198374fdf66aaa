package box_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// randomTypes makes types out of those of shadowtypes_test.go, and values of them.
type randomTypes struct{ *rand.Rand }

var randomNamed = []reflect.Type{
	reflect.TypeFor[jInt](), reflect.TypeFor[jString](), reflect.TypeFor[jBytes](), reflect.TypeFor[jStrings](), reflect.TypeFor[jAttrs](),
	reflect.TypeFor[jFloat](), reflect.TypeFor[jPoint](), reflect.TypeFor[jAccount](), reflect.TypeFor[jDoc](), reflect.TypeFor[jTagged](),
	reflect.TypeFor[jColor](), reflect.TypeFor[jLevel](), reflect.TypeFor[jByPointer](), reflect.TypeFor[jTextByPointer](),
	reflect.TypeFor[jZeroer](), reflect.TypeFor[jPointerZeroer](), reflect.TypeFor[jQuoted](), reflect.TypeFor[jNode](), reflect.TypeFor[jTree](),
	reflect.TypeFor[jOpt[int]](), reflect.TypeFor[jPage[jPoint]](), reflect.TypeFor[JFace](), reflect.TypeFor[any](), reflect.TypeFor[error](),
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[int16](), reflect.TypeFor[float64](),
	reflect.TypeFor[string](), reflect.TypeFor[time.Time](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[json.Number](), reflect.TypeFor[jRecord](),
}

func (r randomTypes) typ(depth int) reflect.Type {
	if depth == 0 {
		return randomNamed[r.IntN(len(randomNamed))]
	}
	switch r.IntN(8) {
	case 0:
		return reflect.PointerTo(r.typ(depth - 1))
	case 1:
		return reflect.SliceOf(r.typ(depth - 1))
	case 2:
		return reflect.ArrayOf(r.IntN(3), r.typ(depth-1))
	case 3:
		keys := []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[jInt](), reflect.TypeFor[jLevel](), reflect.TypeFor[jKey](), reflect.TypeFor[uint8]()}
		return reflect.MapOf(keys[r.IntN(len(keys))], r.typ(depth-1))
	case 4, 5:
		return r.structure(depth)
	}
	return r.typ(0)
}

func (r randomTypes) structure(depth int) reflect.Type {
	var fields []reflect.StructField
	names := []string{"Alpha", "Beta", "Gamma", "ID", "X", "Kind", "Name"}
	tags := []string{"", "", `json:"a"`, `json:"x"`, `json:",omitempty"`, `json:"b,omitzero"`, `json:",string"`, `json:"-"`, `json:"c,omitempty,string"`, `json:"kind"`}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	embedded := []reflect.Type{reflect.TypeFor[JA](), reflect.TypeFor[JB](), reflect.TypeFor[JMeta](), reflect.TypeFor[*JMeta](), reflect.TypeFor[JDeep3]()}
	if r.IntN(3) == 0 {
		t := embedded[r.IntN(len(embedded))]
		name := t.Name()
		if t.Kind() == reflect.Pointer {
			name = t.Elem().Name()
		}
		fields = append(fields, reflect.StructField{Name: name, Type: t, Anonymous: true, Tag: reflect.StructTag(tags[r.IntN(4)])})
	}
	for _, name := range names[:r.IntN(5)] {
		fields = append(fields, reflect.StructField{Name: name, Type: r.typ(depth - 1), Tag: reflect.StructTag(tags[r.IntN(len(tags))])})
	}
	return reflect.StructOf(fields)
}

func (r randomTypes) fill(v reflect.Value, depth int) {
	if r.IntN(6) == 0 {
		return
	}
	v = mirrorOpen(v)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.IntN(100) - 2))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64N(100))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(r.IntN(1000)) / 8)
	case reflect.String:
		v.SetString([]string{"", "a", "<b>", "5", "true", "null", "é\n"}[r.IntN(7)])
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem(), depth-1)
		}
	case reflect.Slice:
		if depth > 0 && v.Type() != reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
			for i := range v.Len() {
				r.fill(v.Index(i), depth-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			r.fill(v.Index(i), depth)
		}
	case reflect.Map:
		if depth > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range r.IntN(3) {
				key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				r.fill(key, 1)
				r.fill(elem, depth-1)
				v.SetMapIndex(key, elem)
			}
		}
	case reflect.Interface:
		held := []any{nil, 1, "s", jPoint{1, 2}, &jPoint{3, 4}, jLevel(2), []any{jInt(1)}, map[string]any{"k": jFaced{}}, jErr{1}, &jColor{1, 2, 3}, jFaced{2}, &jFaced{5}}
		if x := reflect.ValueOf(held[r.IntN(len(held))]); x.IsValid() && x.Type().AssignableTo(v.Type()) {
			v.Set(x)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1000), 0).UTC()))
			return
		}
		for _, f := range v.Fields() {
			r.fill(f, depth)
		}
	}
}

// compareRandom makes a type, two values of it, and reads the JSON of one, which it may have damaged, into the other.
func compareRandom(t *testing.T, m *mirror, seed uint64) {
	t.Helper()
	r := randomTypes{rand.New(rand.NewPCG(seed, 7))}
	rt := r.typ(3)
	from, into := reflect.New(rt), reflect.New(rt)
	r.fill(from.Elem(), 4)
	r.fill(into.Elem(), 4)
	marshal := m.prog.Funcs()["encoding/json.Marshal"].(func(any) ([]byte, error))
	unmarshal := m.prog.Funcs()["encoding/json.Unmarshal"].(func([]byte, any) error)
	for _, v := range []any{from.Interface(), from.Elem().Interface()} {
		if got, want := show(marshal(m.box(v))), show(json.Marshal(v)); got != want {
			t.Fatalf("seed %d: Marshal of %v\ngot  %s\nwant %s", seed, rt, got, want)
		}
	}
	text, err := json.Marshal(from.Interface())
	if err != nil {
		return
	}
	for range r.IntN(3) {
		if at := r.IntN(len(text)); text[at] >= '0' && text[at] <= '9' || text[at] >= 'a' && text[at] <= 'z' {
			text[at] = "0123456789aAkx\"[{"[r.IntN(17)]
		}
	}
	boxed, compiled := m.box(into.Interface()), m.copied(into.Interface())
	gotErr, wantErr := unmarshal(text, boxed), json.Unmarshal(text, compiled)
	if errorText(gotErr) != errorText(wantErr) {
		t.Fatalf("seed %d: Unmarshal of %s into %v\ngot  error %s\nwant error %s", seed, text, rt, errorText(gotErr), errorText(wantErr))
	}
	got := reflect.New(reflect.PointerTo(rt)).Elem()
	m.from(got, reflect.ValueOf(rawOf(boxed)))
	if !reflect.DeepEqual(got.Interface(), compiled) {
		t.Fatalf("seed %d: Unmarshal of %s into %v\ngot  %s\nwant %s", seed, text, rt, dump(got.Interface()), dump(compiled))
	}
}

func TestJSONRandom(t *testing.T) {
	m := newMirror(t, "shadowtypes_test.go")
	n := 4000
	if testing.Short() {
		n = 500
	}
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { compareRandom(t, m, uint64(seed)) })
	}
}

func FuzzJSON(f *testing.F) {
	m := newMirror(f, "shadowtypes_test.go")
	f.Add(uint64(1 << 40))
	f.Fuzz(func(t *testing.T, seed uint64) { compareRandom(t, m, seed) })
}
