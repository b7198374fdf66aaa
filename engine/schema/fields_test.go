package schema_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/engine/symbols"
)

// declared type-checks a file and returns its package.
func declared(t *testing.T, name string, source any) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	cfg := types.Config{Importer: symbols.Std()}
	pkg, err := cfg.Check("test", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// The fields of a struct, their names and the ways to them are those that encoding/json has.
func TestFieldsAreThoseOfJSON(t *testing.T) {
	pkg := declared(t, "fieldtypes_test.go", nil)
	for _, value := range fieldValues {
		v := reflect.ValueOf(value)
		t.Run(v.Type().Name(), func(t *testing.T) {
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]json.RawMessage
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			got := make(map[string]json.RawMessage)
			for _, f := range schema.Fields(pkg.Scope().Lookup(v.Type().Name()).Type().Underlying().(*types.Struct)) {
				fv, err := v.FieldByIndexErr(f.Index)
				if err != nil {
					continue // under an embedded struct that is nil
				}
				if name := v.Type().FieldByIndex(f.Index).Name; name != f.Var.Name() {
					t.Errorf("%s: the way leads to %s, the field is %s", f.Name, name, f.Var.Name())
				}
				if _, twice := got[f.Name]; twice {
					t.Errorf("two fields %s", f.Name)
				}
				got[f.Name] = encodeField(t, f, fv)
			}
			if !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// encodeField encodes a field as encoding/json does where its tag has the options that were found.
func encodeField(t *testing.T, f schema.Field, v reflect.Value) json.RawMessage {
	t.Helper()
	tag := `json:"x`
	if f.Quoted {
		tag += ",string"
	}
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "X", Type: readable(v).Type(), Tag: reflect.StructTag(tag + `"`)}})).Elem()
	holder.Field(0).Set(readable(v))
	text, err := json.Marshal(holder.Interface())
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]json.RawMessage
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out["x"]
}

// readable returns a value that reflection hands out: of an unexported embedded struct, a copy of its fields.
func readable(v reflect.Value) reflect.Value {
	if v.CanInterface() {
		return v
	}
	var fields []reflect.StructField
	for i := range v.NumField() {
		fields = append(fields, v.Type().Field(i))
	}
	c := reflect.New(reflect.StructOf(fields)).Elem()
	for i := range v.NumField() {
		c.Field(i).Set(v.Field(i))
	}
	return c
}

func TestFieldOptions(t *testing.T) {
	pkg := declared(t, "p.go", "package p\n\ntype T struct {\n\tA int `json:\"a,omitempty\"`\n\tB int `json:\",omitzero\"`\n\tC int `json:\",string\"`\n\tD []int `json:\",string,omitempty,omitzero\" doc:\"d\"`\n}\n")
	fields := schema.Fields(pkg.Scope().Lookup("T").Type().Underlying().(*types.Struct))
	type options struct {
		name                        string
		omitEmpty, omitZero, quoted bool
	}
	var got []options
	for _, f := range fields {
		got = append(got, options{f.Name, f.OmitEmpty, f.OmitZero, f.Quoted})
	}
	want := []options{{"a", true, false, false}, {"B", false, true, false}, {"C", false, false, true}, {"D", true, true, false}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if fields[3].Tag.Get("doc") != "d" {
		t.Errorf("got the tag %s", fields[3].Tag)
	}
}
