package plugin_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/scriptd/scriptd/plugin"
)

// host keeps what is registered. Its errors are what the engine would answer.
type host struct {
	specs     []plugin.Spec
	handlers  map[string]any
	config    func(into any) error
	closers   []func(context.Context) error
	healths   []func(context.Context) error
	errOfNext error
}

func (h *host) Add(spec plugin.Spec, handler any) error {
	if h.errOfNext != nil {
		return h.errOfNext
	}
	h.specs = append(h.specs, spec)
	if h.handlers == nil {
		h.handlers = map[string]any{}
	}
	h.handlers[spec.Name] = handler
	return nil
}

func (h *host) Config(into any) error { return h.config(into) }

func (h *host) OnClose(f func(context.Context) error) { h.closers = append(h.closers, f) }
func (h *host) Health(f func(context.Context) error)  { h.healths = append(h.healths, f) }

func TestRegistrarPassesOn(t *testing.T) {
	errConfig, errTaken, errClose := errors.New("config"), errors.New("taken"), errors.New("close")
	h := &host{config: func(into any) error {
		*into.(*int) = 42
		return errConfig
	}}
	r := plugin.NewRegistrar(h)

	spec := plugin.Spec{Name: "one", Description: "first", Category: plugin.Remediation, Concurrency: 2}
	if err := r.Add(spec, func() string { return "handler" }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(h.specs, []plugin.Spec{spec}) {
		t.Errorf("the host got %+v, want %+v", h.specs, spec)
	}
	if f, ok := h.handlers["one"].(func() string); !ok || f() != "handler" {
		t.Errorf("the host got the handler %T, want the one that was added", h.handlers["one"])
	}

	h.errOfNext = errTaken
	if err := r.Add(spec, nil); !errors.Is(err, errTaken) {
		t.Errorf("Add: got %v, want the host's error", err)
	}

	var cfg int
	if err := r.Config(&cfg); !errors.Is(err, errConfig) || cfg != 42 {
		t.Errorf("Config: got %v and %d, want the host's error and value", err, cfg)
	}

	r.OnClose(func(context.Context) error { return errClose })
	if len(h.closers) != 1 || !errors.Is(h.closers[0](t.Context()), errClose) {
		t.Errorf("the host got %d functions, want the one that was registered", len(h.closers))
	}
	r.Health(func(context.Context) error { return errClose })
	if len(h.healths) != 1 || !errors.Is(h.healths[0](t.Context()), errClose) {
		t.Errorf("the host got %d health functions, want the one that was registered", len(h.healths))
	}
	// A host that does not ask for health, such as a fake in the test of a plugin, is a host all the same.
	plugin.NewRegistrar(struct{ plugin.Host }{h}).Health(func(context.Context) error { return nil })
	if len(h.healths) != 1 {
		t.Errorf("the host got %d health functions through one that has no method for them", len(h.healths))
	}
}
