package interp

import (
	"errors"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
)

func TestReadManifest(t *testing.T) {
	tests := []struct {
		name, text string
		want       Manifest
		err        string
	}{
		{"empty", "", Manifest{APIVersion: 1}, ""},
		{"comments only", "# nothing\n\n", Manifest{APIVersion: 1}, ""},
		{
			"flat", "name: hello\nversion: 1.0.0\napiVersion: 1\ndescription: Greet somebody\n",
			Manifest{Name: "hello", Version: "1.0.0", APIVersion: 1, Description: "Greet somebody"},
			"",
		},
		{"versions are text", "version: 1.10\n", Manifest{Version: "1.10", APIVersion: 1}, ""},
		{"versions are text, in quotes", "version: '1.10'\n", Manifest{Version: "1.10", APIVersion: 1}, ""},
		{"versions are text, with a comment", "version: 1.10 # of ten\n", Manifest{Version: "1.10", APIVersion: 1}, ""},
		{"all of YAML", "---\nname: \"hello: world\"\ndescription: >\n  Greet\n  somebody\npermissions:\n  net: [\"*.example.com:443\"]\n  env:\n  - A\n", Manifest{
			Name: "hello: world", Description: "Greet somebody\n", APIVersion: 1,
			Permissions: runtime.Permissions{Net: []string{"*.example.com:443"}, Env: []string{"A"}},
		}, ""},
		{"no value", "name:\napiVersion:\n", Manifest{APIVersion: 1}, ""},
		{"apiVersion 0", "apiVersion: 0\n", Manifest{}, "p/plugin.yaml:1:13: apiVersion 0: this engine speaks apiVersion 1"},
		{"apiVersion 2", "# c\nname: x\napiVersion: 2\n", Manifest{}, "p/plugin.yaml:3:13: apiVersion 2: this engine speaks apiVersion 1"},
		{"apiVersion 2 in quotes", "{\"apiVersion\": 2}\n", Manifest{}, "p/plugin.yaml: apiVersion 2: this engine speaks apiVersion 1"},
		{"unknown key", "name: x\nvresion: 1\n", Manifest{}, `p/plugin.yaml:2:1: unknown field "vresion"`},
		{"key twice", "name: x\nname: y\n", Manifest{}, `p/plugin.yaml:2:1: mapping key "name" already defined at [1:1]`},
		{"wrong type", "apiVersion: one\n", Manifest{}, "p/plugin.yaml:1:13: cannot unmarshal string into Go struct field .APIVersion of type int"},
		{"wrong type of a version", "version: [1]\n", Manifest{}, "p/plugin.yaml: want a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadManifest(fstest.MapFS{"p/plugin.yaml": {Data: []byte(tt.text)}}, "p")
			if text := errorText(err); text != tt.err {
				t.Fatalf("error %q, want %q", text, tt.err)
			}
			var problems runtime.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Errorf("error of type %T", err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got, err := ReadManifest(fstest.MapFS{}, "p"); err != nil || !reflect.DeepEqual(got, Manifest{APIVersion: 1}) {
		t.Errorf("no manifest: got %+v, %v", got, err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What is read without YAML is what YAML says.
func FuzzFlatManifest(f *testing.F) {
	for _, seed := range []string{
		"name: hello\nversion: 1.0.0\napiVersion: 1\ndescription: Greet somebody\n", "name: a b  \n# c\n\nversion: 1e3\n", "name: null\n", "name: Yes\n",
		"description: it's (fine)/so-so.\n", "apiVersion: 12\n", "name: a\r\n", "version: 0x1F\n", "version: 2026-01-02\n", "name: a - b\n", "version: 1.2.3-rc.1\n",
		"name: inf\n", "description: a--- b\n", "name: N\n", "version: 1-\n", "version: 010\n", "version: 1_0\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		flat, ok := flatManifest(text)
		if !ok {
			return
		}
		full, err := parseManifest([]byte(text))
		if err != nil || !reflect.DeepEqual(flat, full) {
			t.Errorf("%q: read %+v, YAML says %+v, %v", text, flat, full, err)
		}
	})
}
