package docs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"

	"github.com/scriptd/scriptd/config"
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

// The YAML of the guide is what it says: configuration files, a plugin.yaml, parts of them.
func TestGuideYAML(t *testing.T) {
	t.Setenv("API_TOKEN", "open-sesame")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	configs, manifests := 0, 0
	for _, s := range snippets(t, "plugins.md", "yaml") {
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(s.text), &doc); err != nil {
			t.Errorf("%s:%d: %v", s.page, s.line, err)
			continue
		}
		switch {
		case doc["sources"] != nil:
			configs++
			file := filepath.Join(t.TempDir(), "scriptd.yaml")
			write(t, file, s.text)
			if _, err := config.Load(file); err != nil {
				t.Errorf("%s:%d: %v", s.page, s.line, err)
			}
		case doc["apiVersion"] != nil:
			manifests++
			tree := fstest.MapFS{"p/plugin.yaml": {Data: []byte(s.text)}}
			if _, err := interp.ReadManifest(tree, "p"); err != nil {
				t.Errorf("%s:%d: %v", s.page, s.line, err)
			}
		}
	}
	if configs != 1 || manifests != 1 {
		t.Errorf("%d configuration files and %d of plugin.yaml, want 1 and 1", configs, manifests)
	}
}
