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

// tagged is a value of the program with the site that it comes from, where its static type is known.
type tagged struct {
	site  int
	value any
}

// tag is what rewritten programs call on the arguments of tagged methods.
func (in *instance) tag(site int, v any) any { return tagged{site, v} }

// siteError is a failure of a tagged call.
type siteError struct {
	site int
	err  error
}

func (e *siteError) Error() string { return e.err.Error() }
func (e *siteError) Unwrap() error { return e.err }

// host is the instance as Register sees it.
type host instance

var _ plugin.Host = (*host)(nil)

// Add implements plugin.Host.
func (h *host) Add(spec plugin.Spec, v any) error {
	t, ok := v.(tagged)
	if !ok {
		return errors.New("the type of a handler is not known: call Add on the Registrar itself, not through a variable")
	}
	if err := h.add(spec, t); err != nil {
		return &siteError{t.site, err}
	}
	return nil
}

func (h *host) add(spec plugin.Spec, t tagged) error {
	if err := spec.Validate(); err != nil {
		return err
	}
	if _, taken := h.handlers[spec.Name]; taken {
		return fmt.Errorf("plugin %s is registered twice in this package", spec.Name)
	}
	if spec.Category == "" {
		spec.Category = plugin.Diagnostic
	}
	site := h.sites[t.site]
	handler, err := h.types.handler(site.Type, reflect.ValueOf(t.value))
	if err != nil {
		return fmt.Errorf("plugin %s: %w", spec.Name, err)
	}
	doc, err := h.parameters(spec, handler)
	if err != nil {
		return fmt.Errorf("plugin %s: %w", spec.Name, err)
	}
	h.handlers[spec.Name] = handler
	h.plugins = append(h.plugins, runtime.Plugin{
		Spec: spec, Schema: doc, File: site.Pos.Filename, Line: site.Pos.Line, Column: site.Pos.Column,
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

// Config implements plugin.Host.
func (h *host) Config(v any) error {
	t, ok := v.(tagged)
	if !ok {
		return errors.New("the type of the config is not known: call Config on the Registrar itself, not through a variable")
	}
	if err := h.config(t); err != nil {
		return &siteError{t.site, fmt.Errorf("config: %w", err)}
	}
	return nil
}

func (h *host) config(t tagged) error {
	static := h.sites[t.site].Type
	pointer, ok := static.Underlying().(*types.Pointer)
	if !ok || !isConfig(pointer.Elem()) {
		return fmt.Errorf("want a pointer to a struct or a map, have %s", types.TypeString(static, (*types.Package).Name))
	}
	into := reflect.ValueOf(t.value)
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
func (h *host) OnClose(f func(context.Context) error) { h.onClose = append(h.onClose, f) }
