package box_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/box"
)

// show is how the tests compare results: the text and the error.
func show(b []byte, err error) string {
	if err != nil {
		return string(b) + " error: " + err.Error()
	}
	return string(b)
}

func jsonValues() []any {
	n, three := 3, jInt(3)
	at := time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
	raw := json.RawMessage(` {"a" : "<" } `)
	shared := &jNode{Val: 9}
	color := jColor{255, 0, 16}
	return []any{
		nil, 1, jInt(2), "a\"<\u2028é\xff\x01\t", jString("x&y"), []byte("hi"), jBytes("yo"), jBytes(nil),
		[3]byte{1, 2, 3},
		true, 2.0,
		1e21, 1e-7, float32(0.1), jFloat(1e-9), []int(nil),
		[]int{},
		map[string]int(nil),
		map[jInt]jString{2: "b", 1: "a", -5: "c"},
		jPoint{1, 2.5},
		&jPoint{},
		[]jPoint{{}},
		[2]bool{true},
		struct{}{},
		[]any{1, "x", nil, jPoint{}, map[string]any{"k": jLevel(1)}},
		at, time.Second, json.Number("1.10"), json.Number(""), json.Number("x"), (*jPoint)(nil),
		struct {
			A any
			B error
			C *int
		}{},
		struct {
			A any `json:"a,omitempty"`
			B error
			C *jInt `json:",string"`
		}{color, jErr{4}, &three},
		jAccount{Name: "n", password: "p", Secret: "s", Dash: 1, NoTag: true, Num: 5},
		jDoc{jBase{1, "k"}, &JMeta{"m", nil}, "t"},
		jDoc{},
		&jDoc{},
		jTagged{jBase{2, "q"}, "own"},
		jClash{JA{1, 2}, JB{3}},
		jDiamond{jLeft{jBase{1, "a"}}, jRight{}},
		jViaPointer{&jBase{1, "z"}, 2},
		jViaPointer{},
		jDeep1{jDeep2{&JDeep3{"d"}}},
		jDeep1{},
		jNonStruct{jStrings{"a"}, 1, 2, jFaced{3}, jStrings{}},
		jNonStruct{},
		color, &color, jLevel(1),
		[]jLevel{1, 2},
		jLevel(-1),
		map[string]jLevel{"a": -1},
		map[jLevel]int{2: 1, 10: 2},
		jBadKeys{-3: 1},
		jShirt{
			C: color, P: &color, L: []jColor{color}, M: map[string]jLevel{"x": 1}, K: map[jLevel]jString{10: "ten", 2: "two"},
			I: map[jInt]bool{3: true}, A: jLevel(2), Arr: [2]jLevel{3, 4}, E: struct{ In jLevel }{5}, Err: jErr{7}, F: jFaced{1}, B: jBytes("b"),
		},
		jShirt{A: &color, Err: errors.New("opaque"), F: &jFaced{2}},
		map[string]any{"c": color, "l": []any{jLevel(1), nil, &color}},
		map[string]error{"e": errors.New("opaque"), "j": jErr{7}},
		[]JFace{jFaced{1}, nil, &jFaced{2}},
		jHolder{},
		&jHolder{S: []jByPointer{{3}}, P: &jByPointer{2}, M: map[string]jByPointer{"k": {6}}},
		jHolder{S: []jByPointer{{3}}, P: &jByPointer{2}, T: "t", U: []jTextByPointer{"u"}, W: map[jTextByPointer]jTextByPointer{"k": "v"}},
		jByPointer{5},
		[]*jByPointer{{4}, nil},
		map[string]jByPointer{"k": {6}},
		struct{ C any }{&jByPointer{7}},
		jFailing{},
		jInvalid{},
		map[string]any{"f": jFailing{}},
		&jFailing{},
		[]jFailing{{}},
		make(chan int), make(jChan),
		jUnsupported{},
		jUnsupportedKey{},
		jUnsupportedKey(nil), math.Inf(1), 1i, jFloat(float32(math.NaN())),
		jOmit{},
		jOmit{I: 1, S: []int{}, Sz: []int{}, P: &n, Z: jZeroer{42}, An: 0, Az: 0, Zp: &jZeroer{1}, IP: jZeroer{1}},
		jOmit{S: []int{0}, M: map[string]int{"a": 0}, Iz: jPoint{1, 0}, T: at, Z: jZeroer{1}, Pz: jPointerZeroer{42}, IP: jZeroer{42}, Zp: &jZeroer{42}},
		&jOmit{Pz: jPointerZeroer{42}, B: jBytes("x"), L: 1, Kz: "k", IP: (*jZeroer)(nil)},
		jQuoted{1, true, 0, `q<"`, &three, 3, []int{1}, "5", "k<&", color},
		jQuoted{},
		&jNode{Val: 1, Kids: []*jNode{{Val: 2, Kids: []*jNode{{Val: 3}}}, nil, shared, shared}, Next: &jNode{}},
		jNode{},
		jTree{"a": {"b": nil, "c": {}}},
		jTree(nil),
		jList{{}, nil, {{}}},
		jRaw{"t", json.RawMessage(`{ "a" : "<" }`), nil, "12.50", at, 5, map[string]any{"x": jLevel(1)}, []any{jPoint{}, &raw}},
		jRaw{Opt: &raw},
		jRaw{Data: json.RawMessage("{")},
		jEvent{jStamp{1}, "e"},
		jEventP{&jStamp{2}, "p"},
		&jEvent{jStamp{1}, "e"},
		jTimed{at, 5},
		[]jEvent{{}},
		struct{ jStamp }{jStamp{4}},
		jOpt[int]{5, true},
		jPage[jOpt[string]]{Items: []jOpt[string]{{"a", true}, {}}, Next: jOpt[int]{1, true}},
		jPage[jPoint]{By: map[string]jPoint{"p": {1, 2}}},
		map[string]jOpt[jChan]{"x": {nil, true}},
		[]jTimed{{}},
		[]error{jErr{1}, nil},
		[]fmt.Stringer{time.Second},
		map[any]int{},
		map[bool]int{},
		[]any{func() {}},
		[][]jKey{{"a"}, nil},
	}
}

func TestJSONMarshal(t *testing.T) {
	m := newMirror(t, "shadowtypes_test.go")
	marshal := m.prog.Funcs()["encoding/json.Marshal"].(func(any) ([]byte, error))
	indent := m.prog.Funcs()["encoding/json.MarshalIndent"].(func(any, string, string) ([]byte, error))
	encode := m.prog.Funcs()["(*encoding/json.Encoder).Encode"].(func(*json.Encoder, any) error)
	for i, v := range jsonValues() {
		t.Run(fmt.Sprintf("%d %T", i, v), func(t *testing.T) {
			boxed := m.box(v)
			if got, want := show(marshal(boxed)), show(json.Marshal(v)); got != want {
				t.Errorf("Marshal\ngot  %s\nwant %s", got, want)
			}
			if got, want := show(indent(boxed, ">", "  ")), show(json.MarshalIndent(v, ">", "  ")); got != want {
				t.Errorf("MarshalIndent\ngot  %s\nwant %s", got, want)
			}
			if got, want := show(indent([]any{boxed, 1}, "", "  ")), show(json.MarshalIndent([]any{v, 1}, "", "  ")); got != want {
				t.Errorf("MarshalIndent within a list\ngot  %s\nwant %s", got, want)
			}
			var got, want bytes.Buffer
			gotEncoder, wantEncoder := json.NewEncoder(&got), json.NewEncoder(&want)
			for _, e := range []*json.Encoder{gotEncoder, wantEncoder} {
				e.SetEscapeHTML(false)
				e.SetIndent("", " ")
			}
			gotErr, wantErr := encode(gotEncoder, boxed), wantEncoder.Encode(v)
			if got, want := show(got.Bytes(), gotErr), show(want.Bytes(), wantErr); got != want {
				t.Errorf("Encode without escapes\ngot  %s\nwant %s", got, want)
			}
			// A Box cannot know whether what is around it escapes HTML, which shows in strings within strings.
			if b, ok := boxed.(box.Box); ok && reflect.TypeOf(v) != reflect.TypeFor[jQuoted]() {
				type host struct{ V any }
				if got, want := show(marshal(host{b})), show(json.Marshal(host{v})); got != want {
					t.Errorf("Marshal within a compiled struct\ngot  %s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestJSONCycles(t *testing.T) {
	m := newMirror(t, "shadowtypes_test.go")
	marshal := m.prog.Funcs()["encoding/json.Marshal"].(func(any) ([]byte, error))
	loop := &jNode{}
	loop.Next = loop
	slice := make(jList, 1)
	slice[0] = slice
	for _, v := range []any{loop} {
		if got, want := show(marshal(m.box(v))), show(json.Marshal(v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
