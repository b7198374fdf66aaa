// Package plugins_test holds what is true of every example.
package plugins_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/goccy/go-yaml"

	externalapi "github.com/scriptd/scriptd/examples/plugins/external_api"
	"github.com/scriptd/scriptd/examples/plugins/hello"
	restartdeployment "github.com/scriptd/scriptd/examples/plugins/restart_deployment"
	servicestatus "github.com/scriptd/scriptd/examples/plugins/service_status"
	"github.com/scriptd/scriptd/plugin"
)

// host is the side of a Registrar that the engine has, as far as Register sees it.
type host struct {
	config   map[string]any
	specs    []plugin.Spec
	handlers []any
	closers  []func(context.Context) error
}

func (h *host) Add(spec plugin.Spec, handler any) error {
	h.specs = append(h.specs, spec)
	h.handlers = append(h.handlers, handler)
	return spec.Validate()
}

func (h *host) Config(into any) error {
	data, err := json.Marshal(h.config)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func (h *host) OnClose(f func(context.Context) error) { h.closers = append(h.closers, f) }

// examples are the packages of this folder.
var examples = map[string]struct {
	register func(*plugin.Registrar) error
	category plugin.Category
	config   map[string]any
}{
	"hello":          {register: hello.Register},
	"service_status": {register: servicestatus.Register, category: plugin.Diagnostic},
	"external_api": {
		register: externalapi.Register,
		category: plugin.Diagnostic,
		config:   map[string]any{"endpoint": "https://api.example.com/search", "token": "open-sesame", "timeout": 5},
	},
	"restart_deployment": {
		register: restartdeployment.Register,
		category: plugin.Remediation,
		config:   map[string]any{"server": "https://kubernetes.default.svc"},
	},
}

// manifest is plugin.yaml.
type manifest struct {
	Name        string              `yaml:"name"`
	Version     string              `yaml:"version"`
	APIVersion  int                 `yaml:"apiVersion"`
	Description string              `yaml:"description"`
	Permissions map[string][]string `yaml:"permissions"`
}

func TestExamples(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		found++
		t.Run(e.Name(), func(t *testing.T) { testExample(t, e.Name()) })
	}
	if found != len(examples) {
		t.Errorf("%d folders, %d examples in the table", found, len(examples))
	}
}

func testExample(t *testing.T, name string) {
	t.Helper()
	example, ok := examples[name]
	if !ok {
		t.Fatal("not in the table of examples")
	}
	h := &host{config: example.config}
	if err := example.register(plugin.NewRegistrar(h)); err != nil {
		t.Fatalf("register: %v", err)
	}
	if len(h.specs) != 1 || h.specs[0].Name != name || h.specs[0].Category != example.category {
		t.Fatalf("registered %+v, want one plugin %s of category %q", h.specs, name, example.category)
	}
	checkHandler(t, h.handlers[0])
	for _, closer := range h.closers {
		if err := closer(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
	}

	text, err := os.ReadFile(filepath.Join(name, "plugin.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var got manifest
	if err := yaml.UnmarshalWithOptions(text, &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if got.Name != name || got.APIVersion != 1 || got.Version == "" || got.Description != h.specs[0].Description {
		t.Errorf("plugin.yaml says %+v, Register says %+v", got, h.specs[0])
	}
}

// checkHandler reports a handler that is not func(context.Context, P) (R, error).
func checkHandler(t *testing.T, handler any) {
	t.Helper()
	f := reflect.TypeOf(handler)
	if f.Kind() != reflect.Func || f.NumIn() != 2 || f.NumOut() != 2 ||
		f.In(0) != reflect.TypeFor[context.Context]() || f.Out(1) != reflect.TypeFor[error]() {
		t.Errorf("the handler is a %s", f)
	}
}

// A package that cannot work with its configuration says so when it is loaded, not at the first call.
func TestRegisterRefusesConfig(t *testing.T) {
	tests := []struct {
		name   string
		plugin string
		config map[string]any
	}{
		{"external_api without endpoint", "external_api", map[string]any{"token": "open-sesame"}},
		{"external_api in the clear", "external_api", map[string]any{"endpoint": "http://example.com", "token": "open-sesame"}},
		{"external_api of a wrong type", "external_api", map[string]any{"endpoint": 1}},
		{"restart_deployment without server", "restart_deployment", nil},
		{"restart_deployment of a wrong type", "restart_deployment", map[string]any{"server": true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := &host{config: tt.config}
			if err := examples[tt.plugin].register(plugin.NewRegistrar(h)); err == nil || len(h.specs) != 0 {
				t.Errorf("got %v and %d plugins, want an error and none", err, len(h.specs))
			}
		})
	}
}
