package box_test

import (
	"encoding/json"
	"testing"
)

func benchRecord() *jRecord {
	return &jRecord{
		ID: 42, Name: "a name", Email: "who@example.org", Active: true, Score: 3.25, Tags: []jKey{"a", "b", "c"},
		Attrs: map[string]string{"k": "v", "l": "w"}, Parent: &jPoint{1, 2}, Points: []jPoint{{1, 2}, {3, 4}}, Note: "text with \"quotes\"",
	}
}

func BenchmarkJSON(b *testing.B) {
	m := newMirror(b, "shadowtypes_test.go")
	marshal := m.prog.Funcs()["encoding/json.Marshal"].(func(any) ([]byte, error))
	unmarshal := m.prog.Funcs()["encoding/json.Unmarshal"].(func([]byte, any) error)
	v := benchRecord()
	text, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, marshal func(any) ([]byte, error), unmarshal func([]byte, any) error, from, into any) {
		b.Run("Marshal/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := marshal(from); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Unmarshal/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := unmarshal(text, into); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("compiled", json.Marshal, json.Unmarshal, v, new(jRecord))
	run("erased", marshal, unmarshal, m.box(v), m.box(new(jRecord)))
}
