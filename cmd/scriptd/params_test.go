package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/server"
)

func TestCoerce(t *testing.T) {
	tests := []struct {
		name, text string
		allowed    []string
		want       any
		wantErr    string
	}{
		{"a string", "true", []string{"string"}, "true", ""},
		{"a string or null", "null", []string{"string", "null"}, "null", ""},
		{"an integer", "12", []string{"integer"}, json.Number("12"), ""},
		{"a number with all its digits", "0.10000000000000000001", []string{"number"}, json.Number("0.10000000000000000001"), ""},
		{"a boolean", "true", []string{"boolean"}, true, ""},
		{"an array", `["a"]`, []string{"array"}, []any{"a"}, ""},
		{"an object", `{"a": null}`, []string{"object"}, map[string]any{"a": nil}, ""},
		{"null", "null", []string{"integer", "null"}, nil, ""},
		{"words for an integer", "s3cret", []string{"integer"}, nil, "want integer, as JSON"},
		{"words for one of two", "s3cret", []string{"integer", "null"}, nil, "want integer or null, as JSON"},
		{"two values", "1 2", []string{"integer"}, nil, "want integer, as JSON"},
		{"JSON where anything goes", "1", nil, json.Number("1"), ""},
		{"words where anything goes", "one", nil, "one", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := coerce(tt.text, tt.allowed)
			if msg := errorText(err); msg != tt.wantErr {
				t.Fatalf("error %q, want %q", msg, tt.wantErr)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func TestParamsOnStdinAreBounded(t *testing.T) {
	endless := strings.NewReader(strings.Repeat(" ", server.DefaultMaxBodyBytes+1))
	_, err := paramFlags{whole: "-"}.base(t.Context(), endless)
	if want := "--params: larger than 68157440 bytes"; errorText(err) != want {
		t.Errorf("error %q, want %q", errorText(err), want)
	}
}

func TestParamGoesOverParams(t *testing.T) {
	base := map[string]any{"a": "base", "b": "base"}
	got, err := paramFlags{pairs: []string{"a=x=y", "c="}}.over(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]any{"a": "x=y", "b": "base", "c": ""}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if base["a"] != "base" {
		t.Error("the parameters below were changed")
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
