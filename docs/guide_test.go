package docs_test

import (
	"errors"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

// The plugins of the guide run, and answer what it says.
func TestGuideRuns(t *testing.T) {
	tree := fstest.MapFS{}
	for _, s := range snippets(t, "plugins.md", "go") {
		if s.file != "" {
			tree[s.file] = &fstest.MapFile{Data: []byte(s.text)}
		}
	}
	tests := []struct {
		plugin         string
		config, params map[string]any
		want           string
	}{
		{plugin: "hello", params: map[string]any{"name": "Ada"}, want: "hello, Ada"},
		{
			plugin: "search",
			config: map[string]any{"endpoint": "https://api.example.com", "token": "open-sesame"},
			params: map[string]any{"query": "x"},
			want:   "https://api.example.com?q=x",
		},
	}
	for _, tt := range tests {
		t.Run(tt.plugin, func(t *testing.T) {
			inst, err := interp.New().Load(t.Context(), runtime.Package{
				Name: "docs/" + tt.plugin, Tree: tree, Dir: tt.plugin, Config: tt.config,
			})
			if err != nil {
				t.Fatal(err)
			}
			res, err := inst.Call(t.Context(), tt.plugin, tt.params)
			if err != nil || !res.Success || res.Data != tt.want {
				t.Errorf("got %+v, %v; want %q", res, err, tt.want)
			}
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// What the guide says of a plugin without its permission is what the author reads.
func TestGuideShowsDeniedPermission(t *testing.T) {
	_, err := interp.New().Load(t.Context(), runtime.Package{
		Name: "examples/service_status", Tree: os.DirFS("../examples/plugins"), Dir: "service_status",
	})
	var problems runtime.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want problems", err)
	}
	for _, s := range snippets(t, "plugins.md", "") {
		if strings.TrimSpace(s.text) == problems.Error() {
			return
		}
	}
	t.Errorf("the guide does not show\n%s", problems)
}

// The YAML of the guide parses, and its plugin.yaml is one.
func TestGuideYAML(t *testing.T) {
	manifests := 0
	for _, s := range snippets(t, "plugins.md", "yaml") {
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(s.text), &doc); err != nil {
			t.Errorf("%s:%d: %v", s.page, s.line, err)
			continue
		}
		if doc["apiVersion"] == nil {
			continue
		}
		manifests++
		tree := fstest.MapFS{path.Join("p", "plugin.yaml"): {Data: []byte(s.text)}}
		if _, err := interp.ReadManifest(tree, "p"); err != nil {
			t.Errorf("%s:%d: %v", s.page, s.line, err)
		}
	}
	if manifests != 1 {
		t.Errorf("%d examples of plugin.yaml, want 1", manifests)
	}
}
