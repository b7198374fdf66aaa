package carry

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"reflect"
	"testing"
)

type small struct {
	Name  string
	Count int
	Price float64
	Tags  []string
	On    bool
}

func BenchmarkSmallStruct(b *testing.B) {
	v := small{"a name", 42, 9.5, []string{"one", "two"}, true}
	b.Run("carry", func(b *testing.B) {
		m := methodOf(b, typeOf[small]())
		args := []reflect.Value{reflect.ValueOf(v)}
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if buf, err = m.AppendArgs(nil, buf[:0], args); err != nil {
				b.Fatal(err)
			}
			if _, err = m.Args(b.Context(), nil, buf); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(buf)), "B/value")
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		var n int
		for b.Loop() {
			text, err := json.Marshal(v)
			if err != nil {
				b.Fatal(err)
			}
			var got small
			if err := json.Unmarshal(text, &got); err != nil {
				b.Fatal(err)
			}
			n = len(text)
		}
		b.ReportMetric(float64(n), "B/value")
	})
	b.Run("gob", func(b *testing.B) { // with the types sent once
		var buf bytes.Buffer
		enc, dec := gob.NewEncoder(&buf), gob.NewDecoder(&buf)
		b.ReportAllocs()
		for b.Loop() {
			if err := enc.Encode(v); err != nil {
				b.Fatal(err)
			}
			var got small
			if err := dec.Decode(&got); err != nil {
				b.Fatal(err)
			}
		}
	})
}
