package engine_test

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/scriptd/scriptd/engine"
)

func TestDecodeParams(t *testing.T) {
	tests := []struct {
		name, text string
		want       map[string]any
		wantErr    string
	}{
		{"nothing", "", nil, ""},
		{"blanks", " \n", nil, ""},
		{"an object", `{"a": 12345678901234567890, "b": [true]}`, map[string]any{"a": json.Number("12345678901234567890"), "b": []any{true}}, ""},
		{"an empty object", `{}`, map[string]any{}, ""},
		{"null", `null`, nil, "parameters are a JSON object, not null"},
		{"an array", `[1]`, nil, "parameters are a JSON object, not an array"},
		{"a string", `"x"`, nil, "parameters are a JSON object, not a string"},
		{"a number", `1`, nil, "parameters are a JSON object, not a number"},
		{"words", `name=bob`, nil, "not JSON, at byte 2: invalid character 'a' in literal null (expecting 'u')"},
		{"half an object", `{"a": `, nil, "not JSON: the text ends too early"},
		{"two objects", `{} {}`, nil, "not JSON: something follows the object, at byte 4"},
		{"an object and words", `{} x`, nil, "not JSON: something follows the object, at byte 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := engine.DecodeParams(strings.NewReader(tt.text))
			if msg := errorText(err); msg != tt.wantErr {
				t.Fatalf("error %q, want %q", msg, tt.wantErr)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDecodeParamsKeepsErrorsOfTheReader(t *testing.T) {
	broken := errors.New("line is dead")
	for _, text := range []string{`{"a": `, `{"a": 1}   `} {
		_, err := engine.DecodeParams(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %q: error %v, want one that wraps %v", text, err, broken)
		}
	}
}

// Whatever comes over the wire is one JSON object, or nothing, or an error.
func FuzzDecodeParams(f *testing.F) {
	for _, text := range []string{"", " ", `{}`, `{"a": 1e999}`, `{"a": {"a": 1}, "a": null}`, `{} {}`, `{}]`, `[1]`, `{"a": "\ud800"}`, "{\"\xff\": 0}", `nul`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := engine.DecodeParams(strings.NewReader(text))
		trimmed := strings.Trim(text, " \t\r\n")
		isObject := strings.HasPrefix(trimmed, "{") && json.Valid([]byte(text))
		switch {
		case (err == nil) != (isObject || trimmed == ""):
			t.Errorf("got %v, %v", got, err)
		case (got == nil) != (err != nil || trimmed == ""):
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
