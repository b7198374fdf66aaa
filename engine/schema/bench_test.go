package schema

import "testing"

// flat is what the schema of most plugins is like.
const flat = `{"type":"object","properties":{"name":{"type":"string","default":"world"},"count":{"type":"integer","minimum":1,"maximum":60,"default":5},
	"kind":{"type":"string","enum":["a","b"]}},"required":["kind"],"additionalProperties":false}`

func BenchmarkCompile(b *testing.B) {
	doc, err := Parse(flat)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	doc, err := Parse(flat)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Compile(doc)
	if err != nil {
		b.Fatal(err)
	}
	for name, params := range map[string]map[string]any{
		"all":      {"name": "Ada", "count": 7.0, "kind": "b"},
		"defaults": {"kind": "b"},
		"fault":    {"kind": "c"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Apply(params)
			}
		})
	}
}
