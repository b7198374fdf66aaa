package box_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

type jsonRead struct {
	into any // a pointer, whose copies are decoded into
	json []string
}

func jsonReads() []jsonRead {
	five := jInt(5)
	item := func() *jItem {
		p := &five
		return &jItem{
			Name: "old", Tags: jStrings{"a", "b", "c"}, Attrs: jAttrs{"k": 1}, Next: &jItem{Name: "next"}, Pos: [3]int{7, 8, 9},
			Any: &jPoint{1, 2}, Face: &jFaced{4}, Levels: map[jLevel]*jColor{1: {1, 2, 3}}, PP: &p, Bytes: jBytes("old"),
		}
	}
	items := []string{
		`{"name":"a","status":200,"tags":["x",null],"attrs":{"w":1.5},"next":{"name":"b","pos":[1,2,3,4]},"pos":[9],"any":{"k":[1,"s",null,true]}}`,
		`{"status":300}`, `{"Face":1}`, `{"Face":{"Side":3}}`, `{"Face":null}`, `{"Face":[1]}`, `{"Face":"x"}`, `{"Face":true}`, `{"Any":{"X":9}}`, `{"Any":null}`,
		`{"Any":[1,{"a":[]},12345678901234567890,"\u00e9\ud83d\ude00\ud800"]}`, `{"Any":1e999}`, `{"Any":[1e999,2],"Name":"later"}`,
		`{"Inner":{"A":1,"B":["k"]}}`, `{"Inner":{"A":"x","B":[1]}}`, `{"Inner":[]}`, `{"Tags":["z"]}`, `{"Tags":[]}`, `{"Tags":null}`, `{"Tags":{}}`, `{"Tags":3}`,
		`{"Attrs":{"z":2}}`, `{"Attrs":null}`, `{"Attrs":{"z":"s","y":3}}`, `{"Attrs":[1]}`, `{"Next":{"Status":3,"Next":{"Next":{"Name":"deep"}}}}`,
		`{"Next":{"Next":{"Status":"x"}},"Name":"n"}`, `{"Next":null}`, `{"Pos":[1,2]}`, `{"Pos":[1,2,3,4,5]}`, `{"Pos":null}`, `{"Pos":"x"}`,
		`{"Level":"L<4"}`, `{"Level":4}`, `{"Level":null}`, `{"Level":"x"}`, `{"Level":[1]}`, `{"Level":{}}`, `{"Level":true}`,
		`{"Levels":{"L<3":"#010203","L<1":null}}`, `{"Levels":{"x":"#010203"}}`, `{"Levels":{"L<3":5}}`, `{"Ints":{"1":{"Name":"one"},"-2":{}}}`,
		`{"Ints":{"x":{"Name":"one"},"3":{}}}`, `{"PP":7}`, `{"PP":null}`, `{"PP":"x"}`, `{"Bytes":"aGk="}`, `{"Bytes":"!!"}`, `{"Bytes":[104,105]}`, `{"Bytes":null}`,
		`{"F32":1e39}`, `{"F32":0.1}`, `{"NAME":"caps","name":"exact"}`, `{"Name":1,"Status":"x"}`, ` { "Name" : "sp" , "Pos" : [ 1 , 2 ] } `,
		`[1]`, `null`, `"s"`, `1`, `true`, ``, `{`, `{"Name":"a"} x`, `{"A":1,}`, "{\"Name\":\"\xff\\n\\u0041\"}",
	}
	return []jsonRead{
		{new(jItem), items},
		{item(), items},
		{&struct{ I *jItem }{item()}, []string{`{"I":{"Name":"a","Status":"x"}}`, `{"i":null}`, `{"I":{"Next":{"Pos":["x"]}}}`}},
		{new(jAccount), []string{`{"NAME":"x","password":"leak","Secret":"y","-":3,"notag":true,"num":"77","Other":4,"unknown":[1,{"a":"]"}]}`, `{"num":5}`, `{"num":"x"}`, `{"num":""}`, `{"hidden":{"X":1}}`}},
		{new(jDoc), []string{`{"ID":5,"Kind":"K","kind":"meta","Tags":["a"],"Title":"T"}`, `{"Tags":[1]}`, `{"ID":"x"}`, `{"JMeta":{}}`}},
		{new(jViaPointer), []string{`{"C":1}`, `{"ID":1,"C":2}`}},
		{&jViaPointer{jBase: &jBase{}}, []string{`{"ID":1,"C":2}`}},
		{new(jTagged), []string{`{"base":{"ID":3,"Kind":"x"},"ID":"own"}`, `{"base":{"ID":"x"}}`}},
		{new(jDeep1), []string{`{"Deep":"x","jDeep2":{"Deep":"y"}}`, `{"Deep":1}`}},
		{new(jClash), []string{`{"X":1,"Only":2}`}},
		{new(jNonStruct), []string{`{"JInt":3,"Other":["x"],"jStrings":["y"],"int":3}`, `{"JFace":{}}`}},
		{new(jQuoted), []string{
			`{"a":"5","B":"true","c":"1.5","d":"\"in\"","e":"9","f":"\"L<3\"","h":"7","J":"#010203"}`, `{"a":5}`, `{"B":"x"}`, `{"d":"x"}`, `{"e":null}`, `{"e":"null"}`,
			`{"e":"nul"}`, `{"c":"\"x\""}`, `{"a":""}`, `{"a":[1]}`, `{"B":true}`, `{"f":"3"}`, `{"f":"L<3"}`, `{"h":"x"}`, `{"I":"\"k\""}`, `{"d":"\"a"}`, `{"a":"true"}`, `{"a":" 1"}`,
		}},
		{new(jShirt), []string{
			`{"C":"#0a0b0c","P":"#010203","L":["#111111"],"M":{"x":"L<1"},"K":{"L<2":"v"},"I":{"3":true},"Arr":["L<1"],"E":{"In":"L<9"}}`,
			`{"C":5}`, `{"P":null,"C":null}`, `{"L":[1]}`, `{"M":{"x":1}}`, `{"Err":{}}`, `{"Err":null}`, `{"F":"x"}`, `{"K":{"bad":"v"}}`,
		}},
		{&jShirt{A: &jShirt{}, Err: &jErrPointer{}, F: &jFaced{}}, []string{`{"A":{"B":"aGk="},"Err":{"Code":3},"F":{"Side":2}}`, `{"A":{"C":1}}`, `{"A":5}`}},
		{new(jFailing), []string{`{}`, `1`}},
		{new([]jFailing), []string{`[{}]`}},
		{&struct {
			A int
			F jFailing
			Z int
		}{}, []string{`{"A":1,"F":{},"Z":2}`, `{"A":"x","F":1,"Z":2}`}},
		{new(jRaw), []string{
			`{"Type":"t","Data":{"R": 1.5},"Opt":null,"N":12.50,"When":"2020-01-02T03:04:05Z","For":5,"Any":{"a":1},"List":[1,{}]}`, `{"N":"12"}`, `{"N":"x"}`, `{"N":{}}`,
			`{"When":5}`, `{"When":"x"}`, `{"Any":[1]}`, `{"For":"x"}`, `{"Data":null,"Opt":[ 1 ]}`,
		}},
		{&jRaw{Any: map[string]any{"keep": jPoint{1, 2}, "a": &jPoint{}}, List: []any{&jPoint{1, 2}, jPoint{3, 4}}}, []string{`{"Any":{"a":{"X":1}},"List":[{"X":5},{"X":6},7]}`}},
		{new(jNode), []string{`{"v":1,"kids":[{"v":2,"kids":[{"v":3}]},null],"Next":{"v":4,"Next":{"v":5}}}`, `{"kids":[{"v":"x"}],"up":{}}`, `{"Next":null}`}},
		{new(jTree), []string{`{"a":{"b":null,"c":{}}}`, `{"a":1}`, `null`}},
		{new(jList), []string{`[[],null,[[]]]`, `[1]`}},
		{new(jPage[jOpt[string]]), []string{`{"items":["a",null],"next":7,"By":{"k":"v"}}`, `{"items":[1]}`, `{"next":"x"}`}},
		{new(jPage[jPoint]), []string{`{"items":[{"X":1}],"By":{"k":{"Y":2}}}`, `{"items":[{"X":"x"}]}`, `{"By":{"k":1}}`, `{"items":{}}`}},
		{new(map[string]jOpt[[]string]), []string{`{"k":["x"]}`, `{"k":[1]}`}},
		{new(jLevel), []string{`"L<7"`, `7`, `null`}},
		{new(*jLevel), []string{`"L<7"`, `null`}},
		{new(jPoint), []string{`{"x":1,"Y":2}`, `[]`}},
		{new([]jPoint), []string{`[{"X":1},{}]`, `[1,{"X":2}]`, `{}`}},
		{new([2]jKey), []string{`["a"]`, `["a","b","c"]`, `[1]`}},
		{&[]jPoint{{1, 2}, {3, 4}}, []string{`[{"X":9}]`, `[null,null,null]`}},
		{new(map[jPoint]int), []string{`{"a":1}`}},
		{new(map[jLevel]int), []string{`{"L<1":1}`, `{"q":1}`}},
		{new(jBytes), []string{`"aGk="`, `5`}},
		{new(jEvent), []string{`{"Name":"n"}`}},
		{new(jTimed), []string{`"2020-01-02T03:04:05Z"`, `{"X":1}`}},
		{new([]jTimed), []string{`["2020-01-02T03:04:05Z"]`}},
		{new(jStringByte), []string{`{"A":"x","B":1}`}},
		{new(any), []string{`{"a":[1]}`, `1`}},
		{new(jChan), []string{`1`, `null`, `[]`}},
		{(*jPoint)(nil), []string{`{}`}},
		{jPoint{}, []string{`{}`, `x`}},
		{nil, []string{`{}`}},
		{jKey("k"), []string{`1`}},
	}
}

func TestJSONUnmarshal(t *testing.T) {
	m := newMirror(t, "shadowtypes_test.go")
	unmarshal := m.prog.Funcs()["encoding/json.Unmarshal"].(func([]byte, any) error)
	decode := m.prog.Funcs()["(*encoding/json.Decoder).Decode"].(func(*json.Decoder, any) error)
	for i, read := range jsonReads() {
		for _, text := range read.json {
			t.Run(fmt.Sprintf("%d %T %s", i, read.into, text), func(t *testing.T) {
				compare := func(how string, got, want func(any) error) {
					t.Helper()
					boxed := m.box(read.into)
					into := m.copied(read.into)
					gotErr, wantErr := got(boxed), want(into)
					if errorText(gotErr) != errorText(wantErr) {
						t.Errorf("%s\ngot  error %v\nwant error %v", how, gotErr, wantErr)
					}
					if reached := m.compiled(boxed); !reflect.DeepEqual(reached, into) {
						t.Errorf("%s\ngot  %s\nwant %s", how, dump(reached), dump(into))
					}
				}
				compare("Unmarshal", func(v any) error { return unmarshal([]byte(text), v) },
					func(v any) error { return json.Unmarshal([]byte(text), v) })
				made := func() *json.Decoder {
					d := json.NewDecoder(strings.NewReader(text + " 1"))
					d.UseNumber()
					d.DisallowUnknownFields()
					return d
				}
				compare("Decode", func(v any) error { return decode(made(), v) }, func(v any) error { return made().Decode(v) })
			})
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	if failed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%v at %d in %s.%s of %v", err, failed.Offset, failed.Struct, failed.Field, failed.Type)
	}
	return err.Error()
}

func dump(v any) string {
	b, err := json.Marshal(v)
	return fmt.Sprintf("%+v %s %v", v, b, err)
}
