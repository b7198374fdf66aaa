package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/plugin"
)

// siteError is a failure of a call whose place is known.
type siteError struct {
	site int
	err  error
}

func (e *siteError) Error() string { return e.err.Error() }
func (e *siteError) Unwrap() error { return e.err }

// host is the instance as Register sees it.
type host instance

var (
	_ plugin.HealthHost   = (*host)(nil)
	_ plugin.ContractHost = (*host)(nil)
)

// Add implements plugin.Host. The program calls add instead, except where it does not know what it calls.
func (h *host) Add(plugin.Spec, any) error {
	return errors.New("the type of a handler is not known: call Add on the Registrar itself, not through a variable")
}

// Config implements plugin.Host, as Add does.
func (h *host) Config(any) error {
	return errors.New("the type of the config is not known: call Config on the Registrar itself, not through a variable")
}

// add is Registrar.Add for the program. The handler comes in a box where its type is one of the program.
func (in *instance) add(site int, _ *plugin.Registrar, spec plugin.Spec, handler any) error {
	if err := (*host)(in).add(site, spec, handler); err != nil {
		return &siteError{site, err}
	}
	return nil
}

func (h *host) add(site int, spec plugin.Spec, v any) error {
	if err := spec.Validate(); err != nil {
		return err
	}
	if _, taken := h.handlers[spec.Name]; taken {
		return fmt.Errorf("plugin %s is registered twice in this package", spec.Name)
	}
	if spec.Category == "" {
		spec.Category = plugin.Diagnostic
	}
	static, value := h.types.opened(v)
	if static == nil {
		return fmt.Errorf("plugin %s: handler is nil", spec.Name)
	}
	pos := h.sites[site]
	handler, err := h.types.handler(static, value, h.types.brief[pos])
	if err != nil {
		return fmt.Errorf("plugin %s: %w", spec.Name, err)
	}
	doc, err := h.parameters(spec, handler)
	if err != nil {
		return fmt.Errorf("plugin %s: %w", spec.Name, err)
	}
	handler.in, handler.what = (*instance)(h), "call "+spec.Name
	handler.jobs.New = func() any { return handler.newJob() }
	h.handlers[spec.Name] = handler
	h.plugins = append(h.plugins, runtime.Plugin{
		Spec: spec, Schema: doc, File: pos.Filename, Line: pos.Line, Column: pos.Column,
	})
	return nil
}

// parameters returns the schema of a plugin's parameters.
func (h *host) parameters(spec plugin.Spec, handler *handler) (map[string]any, error) {
	switch {
	case spec.Parameters != nil:
		return schema.Parse(spec.Parameters)
	case handler.params == nil:
		return map[string]any{"type": "object", "properties": map[string]any{}, "additionalProperties": false}, nil
	default:
		return schema.Derive(handler.params, h.types.comment)
	}
}

// config is Registrar.Config for the program.
func (in *instance) config(site int, _ *plugin.Registrar, v any) error {
	if err := (*host)(in).config(v); err != nil {
		return &siteError{site, fmt.Errorf("config: %w", err)}
	}
	return nil
}

func (h *host) config(v any) error {
	static, into := h.types.opened(v)
	if static == nil {
		return errors.New("want a pointer to a struct or a map, have nil")
	}
	pointer, ok := static.Underlying().(*types.Pointer)
	if !ok || !isConfig(pointer.Elem()) {
		return fmt.Errorf("want a pointer to a struct or a map, have %s", types.TypeString(static, (*types.Package).Name))
	}
	if into.Kind() != reflect.Pointer || into.IsNil() {
		return fmt.Errorf("want a pointer to a struct or a map, have nil")
	}
	doc, err := schema.Derive(pointer.Elem(), h.types.comment)
	if err != nil {
		return err
	}
	s, err := schema.Compile(doc)
	if err != nil {
		return err
	}
	values, faults := s.Apply(h.pkg.Config)
	if len(faults) > 0 {
		parts := make([]string, len(faults))
		for i, f := range faults {
			parts[i] = f.String()
		}
		return errors.New(strings.Join(parts, "; "))
	}
	c, err := h.types.codec(pointer.Elem())
	if err != nil {
		return err
	}
	return c.decode(values, into.Elem())
}

func isConfig(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Map:
		return true
	}
	return false
}

// OnClose implements plugin.Host.
func (h *host) OnClose(f func(context.Context) error) {
	if f == nil {
		return
	}
	h.onCloseMu.Lock()
	defer h.onCloseMu.Unlock()
	h.onClose = append(h.onClose, f)
}

// Health implements plugin.Host.
func (h *host) Health(f func(context.Context) error) {
	if f != nil {
		h.health = append(h.health, f)
	}
}
