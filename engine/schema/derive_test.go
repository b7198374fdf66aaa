package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/engine/symbols"
)

// derive derives the schema of the type P of a source, with backquotes written as quotes. A comment in the source is the
// comment of the field before it.
func derive(t *testing.T, source string) (map[string]any, *token.FileSet, error) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", strings.ReplaceAll(source, "'", "`"), parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: make(map[*ast.Ident]types.Object)}
	cfg := types.Config{Importer: symbols.Std()}
	pkg, err := cfg.Check("test", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	comments := make(map[*types.Var]string)
	ast.Inspect(file, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && len(f.Names) > 0 && f.Comment != nil {
			comments[info.Defs[f.Names[0]].(*types.Var)] = f.Comment.Text()
		}
		return true
	})
	doc, err := schema.Derive(pkg.Scope().Lookup("P").Type(), func(v *types.Var) string { return comments[v] })
	return doc, fset, err
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDeriveTypes(t *testing.T) {
	tests := []struct{ typ, want string }{
		{"string", `{"type":"string"}`},
		{"bool", `{"type":"boolean"}`},
		{"int", `{"type":"integer"}`},
		{"int64", `{"type":"integer"}`},
		{"uint", `{"minimum":0,"type":"integer"}`},
		{"uint64", `{"minimum":0,"type":"integer"}`},
		{"int8", `{"maximum":127,"minimum":-128,"type":"integer"}`},
		{"byte", `{"maximum":255,"minimum":0,"type":"integer"}`},
		{"rune", `{"maximum":2147483647,"minimum":-2147483648,"type":"integer"}`},
		{"uint16", `{"maximum":65535,"minimum":0,"type":"integer"}`},
		{"float32", `{"type":"number"}`},
		{"float64", `{"type":"number"}`},
		{"any", `{}`},
		{"interface{}", `{}`},
		{"*int", `{"type":"integer"}`},
		{"**string", `{"type":"string"}`},
		{"[]int", `{"items":{"type":"integer"},"type":"array"}`},
		{"[3]string", `{"items":{"type":"string"},"maxItems":3,"type":"array"}`},
		{"[]byte", `{"contentEncoding":"base64","type":"string"}`},
		{"[2]byte", `{"items":{"maximum":255,"minimum":0,"type":"integer"},"maxItems":2,"type":"array"}`},
		{"[][]any", `{"items":{"items":{},"type":"array"},"type":"array"}`},
		{"map[string]any", `{"additionalProperties":{},"type":"object"}`},
		{"map[string][]int", `{"additionalProperties":{"items":{"type":"integer"},"type":"array"},"type":"object"}`},
		{"map[int]bool", `{"additionalProperties":{"type":"boolean"},"propertyNames":{"pattern":"^-?[0-9]+$"},"type":"object"}`},
		{"map[netip.Addr]int", `{"additionalProperties":{"type":"integer"},"type":"object"}`},
		{"struct{}", `{"additionalProperties":false,"properties":{},"type":"object"}`},
		{"struct{ A int; b int }", `{"additionalProperties":false,"properties":{"A":{"type":"integer"}},"required":["A"],"type":"object"}`},
		{"time.Time", `{"format":"date-time","type":"string"}`},
		{"*time.Time", `{"format":"date-time","type":"string"}`},
		{"time.Duration", `{"type":"integer"}`},
		{"json.Number", `{"type":"number"}`},
		{"json.RawMessage", `{}`},
		{"netip.Addr", `{"type":"string"}`},
		{"big.Int", `{}`},
		{"named", `{"type":"string"}`},
		{"list", `{"items":{"type":"string"},"type":"array"}`},
		{"alias", `{"type":"string"}`},
		{"pair[string, int]", `{"additionalProperties":false,"properties":{"K":{"type":"string"},"V":{"type":"integer"}},"required":["K","V"],"type":"object"}`},
	}
	for _, tt := range tests {
		t.Run(tt.typ, func(t *testing.T) {
			doc, _, err := derive(t, `package p
import ("time"; "encoding/json"; "net/netip"; "math/big")
var _, _, _, _ = time.Now, json.Valid, netip.ParseAddr, big.NewInt
type named string
type list []named
type alias = named
type pair[K comparable, V any] struct { K K; V V }
type P struct{ F `+tt.typ+` }`)
			if err != nil {
				t.Fatal(err)
			}
			if got := jsonText(t, doc["properties"].(map[string]any)["F"]); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if _, err := schema.Compile(doc); err != nil {
				t.Errorf("does not compile: %v", err)
			}
		})
	}
}

func TestDeriveTags(t *testing.T) {
	tests := []struct{ field, want string }{
		{"F int 'doc:\"seconds\"' // not this", `{"description":"seconds","type":"integer"}`},
		{"F int // the comment", `{"description":"the comment","type":"integer"}`},
		{"F int 'doc:\"\"' // not this", `{"type":"integer"}`},
		{"F int 'minimum:\"1\" maximum:\"60\"'", `{"maximum":60,"minimum":1,"type":"integer"}`},
		{"F float64 'minimum:\"-1.5\" exclusiveMaximum:\"1e3\"'", `{"exclusiveMaximum":1000,"minimum":-1.5,"type":"number"}`},
		{"F int 'exclusiveMinimum:\"0\" multipleOf:\"5\"'", `{"exclusiveMinimum":0,"multipleOf":5,"type":"integer"}`},
		{"F uint8 'minimum:\"-5\" maximum:\"1000\"'", `{"maximum":255,"minimum":0,"type":"integer"}`},
		{"F uint8 'minimum:\"5\" maximum:\"10\"'", `{"maximum":10,"minimum":5,"type":"integer"}`},
		{"F *int 'minimum:\"1\"'", `{"minimum":1,"type":"integer"}`},
		{"F string 'minLength:\"1\" maxLength:\"9\" pattern:\"^a+$\" format:\"uri\"'", `{"format":"uri","maxLength":9,"minLength":1,"pattern":"^a+$","type":"string"}`},
		{"F []int 'minItems:\"1\" maxItems:\"9\"'", `{"items":{"type":"integer"},"maxItems":9,"minItems":1,"type":"array"}`},
		{"F [3]int 'minItems:\"1\" maxItems:\"9\"'", `{"items":{"type":"integer"},"maxItems":3,"minItems":1,"type":"array"}`},
		{"F string 'enum:\"a,b, c d\"'", `{"enum":["a","b","c d"],"type":"string"}`},
		{"F int 'enum:\"1,2\"'", `{"enum":[1,2],"type":"integer"}`},
		{"F []string 'enum:\"a,b\"'", `{"items":{"enum":["a","b"],"type":"string"},"type":"array"}`},
		{"F any 'enum:\"1,true,null\"'", `{"enum":[1,true,null]}`},
		{"F string 'secret:\"true\"'", `{"type":"string","writeOnly":true}`},
		{"F string 'secret:\"false\"'", `{"type":"string"}`},
		{"F string 'default:\"\"'", `{"default":"","type":"string"}`},
		{"F string 'default:\"5\"'", `{"default":"5","type":"string"}`},
		{"F int 'default:\"5\"'", `{"default":5,"type":"integer"}`},
		{"F int64 'default:\"9007199254740993\"'", `{"default":9007199254740993,"type":"integer"}`},
		{"F bool 'default:\"true\"'", `{"default":true,"type":"boolean"}`},
		{"F []string 'default:\"a, b\"'", `{"default":["a","b"],"items":{"type":"string"},"type":"array"}`},
		{"F []string 'default:\"[\\\"a,b\\\"]\"'", `{"default":["a,b"],"items":{"type":"string"},"type":"array"}`},
		{"F []string 'default:\"\"'", `{"default":[],"items":{"type":"string"},"type":"array"}`},
		{"F []int 'default:\"[1]\"'", `{"default":[1],"items":{"type":"integer"},"type":"array"}`},
		{"F map[string]int 'default:\"{\\\"a\\\":1}\"'", `{"additionalProperties":{"type":"integer"},"default":{"a":1},"type":"object"}`},
		{"F time.Time 'default:\"2026-01-02T03:04:05Z\"'", `{"default":"2026-01-02T03:04:05Z","format":"date-time","type":"string"}`},
		{"F int 'json:\",string\"'", `{"type":"string"}`},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			doc, _, err := derive(t, "package p\nimport \"time\"\nvar _ = time.Now\ntype P struct {\n\t"+tt.field+"\n}\n")
			if err != nil {
				t.Fatal(err)
			}
			if got := jsonText(t, doc["properties"].(map[string]any)["F"]); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if _, err := schema.Compile(doc); err != nil {
				t.Errorf("does not compile: %v", err)
			}
		})
	}
}

func TestDeriveRequired(t *testing.T) {
	doc, _, err := derive(t, `package p
type P struct {
	A int
	B *int
	C int 'json:",omitempty"'
	D int 'json:"d,omitzero"'
	E int 'default:"1"'
	F int 'json:"f"'
	g int
	H int 'json:"-"'
	Inner
	*Pointed
	Named Inner
	I []int
	J any
}
type Inner struct { X int; Y *int }
type Pointed struct { Z int }
`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := jsonText(t, doc["required"]), `["A","f","X","Named","I","J"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDeriveRecursive(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{
			"itself", "type P struct { V int; Next *P }",
			`{"$defs":{"P":{"additionalProperties":false,"properties":{"Next":{"$ref":"#/$defs/P"},"V":{"type":"integer"}},"required":["V"],"type":"object"}},` +
				`"additionalProperties":false,"properties":{"Next":{"$ref":"#/$defs/P"},"V":{"type":"integer"}},"required":["V"],"type":"object"}`,
		},
		{
			"within", "type P struct { Root Node 'doc:\"the root\"' }\ntype Node struct { Kids []Node }",
			`{"$defs":{"Node":{"additionalProperties":false,"properties":{"Kids":{"items":{"$ref":"#/$defs/Node"},"type":"array"}},"required":["Kids"],"type":"object"}},` +
				`"additionalProperties":false,"properties":{"Root":{"$ref":"#/$defs/Node","description":"the root"}},"required":["Root"],"type":"object"}`,
		},
		{
			"each other, and names that cannot be used", "type P struct { A Größe }\ntype Größe struct { B *B }\ntype B struct { A map[string]Größe }",
			`{"$defs":{"T1":{"additionalProperties":false,"properties":{"B":{"additionalProperties":false,"properties":{"A":{"additionalProperties":{"$ref":"#/$defs/T1"},"type":"object"}},` +
				`"required":["A"],"type":"object"}},"type":"object"}},"additionalProperties":false,"properties":{"A":{"$ref":"#/$defs/T1"}},"required":["A"],"type":"object"}`,
		},
		{
			"instances of one type", "type P struct { A L[int]; B L[string] }\ntype L[T any] struct { V T; Next *L[T] }",
			`{"$defs":{"L":{"additionalProperties":false,"properties":{"Next":{"$ref":"#/$defs/L"},"V":{"type":"integer"}},"required":["V"],"type":"object"},` +
				`"T2":{"additionalProperties":false,"properties":{"Next":{"$ref":"#/$defs/T2"},"V":{"type":"string"}},"required":["V"],"type":"object"}},` +
				`"additionalProperties":false,"properties":{"A":{"$ref":"#/$defs/L"},"B":{"$ref":"#/$defs/T2"}},"required":["A","B"],"type":"object"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, _, err := derive(t, "package p\n"+tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := jsonText(t, doc); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if _, err := schema.Compile(doc); err != nil {
				t.Errorf("does not compile: %v", err)
			}
		})
	}
}

func TestDeriveErrors(t *testing.T) {
	tests := []struct{ field, want string }{
		{"F func()", "2:18: field F: type func() has no JSON form"},
		{"F chan int", "2:18: field F: type chan int has no JSON form"},
		{"F complex128", "2:18: field F: type complex128 has no JSON form"},
		{"F error", "2:18: field F: type error has no JSON form"},
		{"F interface{ M() }", "2:18: field F: type interface{M()} has no JSON form"},
		{"F []func()", "2:18: field F: type func() has no JSON form"},
		{"F map[float64]int", "2:18: field F: map with keys of type float64: want strings or integers"},
		{"F map[struct{}]int", "2:18: field F: map with keys of type struct{}: want strings or integers"},
		{"A int; F struct { G struct { H func() } }", "2:47: field H: type func() has no JSON form"},
		{"F int 'minimum:\"x\"'", `2:18: field F: tag minimum:"x": want a number`},
		{"F int 'minimum:\"NaN\"'", `2:18: field F: tag minimum:"NaN": want a number`},
		{"F string 'minimum:\"1\"'", `2:18: field F: tag minimum:"1": only fields of JSON type integer or number have one`},
		{"F any 'maximum:\"1\"'", `2:18: field F: tag maximum:"1": only fields of JSON type integer or number have one`},
		{"F int 'minLength:\"1\"'", `2:18: field F: tag minLength:"1": only fields of JSON type string have one`},
		{"F string 'minLength:\"-1\"'", `2:18: field F: tag minLength:"-1": want a whole number`},
		{"F string 'maxLength:\"1.5\"'", `2:18: field F: tag maxLength:"1.5": want a whole number`},
		{"F string 'minItems:\"1\"'", `2:18: field F: tag minItems:"1": only fields of JSON type array have one`},
		{"F int 'multipleOf:\"0\"'", `2:18: field F: tag multipleOf:"0": want a number above 0`},
		{"F int 'pattern:\"a\"'", `2:18: field F: tag pattern:"a": only strings have one`},
		{"F string 'pattern:\"[\"'", "2:18: field F: tag pattern:\"[\": error parsing regexp: missing closing ]: `[`"},
		{"F int 'format:\"uri\"'", `2:18: field F: tag format:"uri": only strings have one`},
		{"F string 'secret:\"yes\"'", `2:18: field F: tag secret:"yes": want true or false`},
		{"F int 'enum:\"1,b\"'", `2:18: field F: tag enum:"1,b": want a value of JSON type integer`},
		{"F int 'enum:\"1.5\"'", `2:18: field F: tag enum:"1.5": want integer, got number`},
		{"F int 'enum:\"1,1\"'", `2:18: field F: tag enum:"1,1": 1 is there twice`},
		{"F []string 'enum:\"a,a\"'", `2:18: field F: tag enum:"a,a": a is there twice`},
		{"F int 'default:\"x\"'", `2:18: field F: tag default:"x": want a value of JSON type integer`},
		{"F int 'default:\"1 2\"'", `2:18: field F: tag default:"1 2": want a value of JSON type integer`},
		{"F int 'default:\"true\"'", `2:18: field F: tag default:"true": want integer, got boolean`},
		{"F int 'default:\"61\" maximum:\"60\"'", `2:18: field F: tag default:"61": want at most 60`},
		{"F string 'default:\"c\" enum:\"a,b\"'", `2:18: field F: tag default:"c": want one of "a", "b"`},
		{"F string 'default:\"x\" format:\"uri\"'", `2:18: field F: tag default:"x": want the format uri`},
		{"F []int 'default:\"[1,true]\"'", `2:18: field F: tag default:"[1,true]": /1: want integer, got boolean`},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			_, fset, err := derive(t, "package p\ntype P struct {  "+tt.field+" }")
			var e *schema.TypeError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			at := fset.Position(e.Pos)
			if got := fmt.Sprintf("%d:%d: %s", at.Line, at.Column, e.Message); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	for _, typ := range []string{"func()", "chan int", "map[bool]int"} {
		_, _, err := derive(t, "package p\ntype P "+typ)
		var e *schema.TypeError
		if !errors.As(err, &e) || e.Pos.IsValid() {
			t.Errorf("%s: got %v", typ, err)
		}
	}
}

// A type that mentions others over and over does not make a schema without end.
func TestDeriveIsBounded(t *testing.T) {
	var source strings.Builder
	source.WriteString("package p\ntype P struct { A, B *T0 }\n")
	for i := range 40 {
		fmt.Fprintf(&source, "type T%d struct { A, B *T%d }\n", i, i+1)
	}
	source.WriteString("type T40 struct{}\n")
	if _, _, err := derive(t, source.String()); err == nil || !strings.Contains(err.Error(), "too large for a schema") {
		t.Errorf("got %v", err)
	}
}

func TestDeriveWithoutComments(t *testing.T) {
	pkg := declared(t, "p.go", "package p\ntype P struct { A int }\n")
	doc, err := schema.Derive(pkg.Scope().Lookup("P").Type(), nil)
	if err != nil || jsonText(t, doc["required"]) != `["A"]` {
		t.Errorf("got %v, %v", doc, err)
	}
}
