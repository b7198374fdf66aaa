package client_test

import (
	"errors"
	"testing"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/plugin"
)

const apiSource = `package tests

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Times int ` + "`json:\"times\" minimum:\"1\"`" + `
}

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "double", Description: "Doubles."}, func(_ context.Context, p Params) (int, error) { return 2 * p.Times, nil }),
		r.Add(plugin.Spec{Name: "fail"}, func(context.Context) error { return plugin.Retryable(errors.New("out of paper")) }),
	)
}
`

func TestTheRestOfTheAPI(t *testing.T) {
	h := greeterHost(t, nil)
	h.put(t, "tests/tests.go", apiSource)
	c := connect(t, serve(t, h.Engine, nil).url+"/", nil)
	ctx := t.Context()
	if err := errors.Join(c.Healthy(ctx), c.Ready(ctx)); err != nil {
		t.Error(err)
	}
	if list, err := c.Plugins(ctx); err != nil || len(list) != 2 || list[0].Name != "double" || list[0].Source != "local" || list[0].Digest == "" {
		t.Errorf("plugins: got %+v, %v", list, err)
	}
	d, err := c.Describe(ctx, "double")
	if err != nil || d.Description != "Doubles." || d.Parameters["type"] != "object" || len(d.Imports) == 0 {
		t.Errorf("describe: got %+v, %v", d, err)
	}
	if res, err := c.Run(ctx, "double", map[string]any{"times": 21}); err != nil || !res.Success || res.Data != 42.0 || res.Plugin != "double" {
		t.Errorf("run: got %+v, %v", res, err)
	}
	if res, err := c.Run(ctx, "fail", nil); err != nil || res.Success || res.Error != "out of paper" || !res.Retry {
		t.Errorf("run: got %+v, %v", res, err)
	}
	if list, err := c.Sources(ctx); err != nil || len(list) != 1 || !list[0].Ready || list[0].LastSync.IsZero() {
		t.Errorf("sources: got %+v, %v", list, err)
	}
	if r, err := c.Sync(ctx, "local"); err != nil || r.Source != "local" || r.Changed || r.Error != "" {
		t.Errorf("sync: got %+v, %v", r, err)
	}
	if list, err := c.Implementations(ctx); err != nil || len(list) != 1 || list[0].Contract != "greeter" || list[0].Version != 1 || list[0].Name != "english" {
		t.Errorf("implementations: got %+v, %v", list, err)
	}
}

func TestProblems(t *testing.T) {
	h := greeterHost(t, nil)
	h.put(t, "tests/tests.go", apiSource)
	s := serve(t, h.Engine, nil)
	c := connect(t, s.url, nil)
	_, describe := c.Describe(t.Context(), "absent")
	_, run := c.Run(t.Context(), "absent", nil)
	_, invalid := c.Run(t.Context(), "double", map[string]any{"times": 0})
	_, array := c.Run(t.Context(), "double", []int{1})
	_, sync := c.Sync(t.Context(), "absent")
	for _, tt := range []struct {
		err, is error
		status  int
	}{
		{describe, client.ErrNotFound, 404},
		{run, client.ErrNotFound, 404},
		{invalid, client.ErrInvalid, 422},
		{array, nil, 400},
		{sync, client.ErrNoSource, 404},
	} {
		p, ok := errors.AsType[*client.Problem](tt.err)
		if !ok || p.Status != tt.status || p.Detail == "" || tt.is != nil && !errors.Is(tt.err, tt.is) || plugin.IsRetryable(tt.err) {
			t.Errorf("got %v, %+v, want %d, %v", tt.err, p, tt.status, tt.is)
		}
	}
	if p, ok := errors.AsType[*client.Problem](invalid); !ok || len(p.Fields) != 1 || p.Fields[0].Pointer != "/times" {
		t.Errorf("got %+v", p)
	}
	other := connect(t, s.url+"/nothing", nil)
	if err := other.Healthy(t.Context()); err == nil || errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
