package plugin_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/plugin"
)

func TestLog(t *testing.T) {
	var buf bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&buf, nil)).With("plugin", "hello")
	ctx := plugin.WithCall(t.Context(), &plugin.Call{Log: logger})
	ctx, cancel := context.WithCancel(ctx) // contexts made of the call's belong to the call
	defer cancel()
	plugin.Log(ctx).Info("greeted", "name", "Ada")
	if got := buf.String(); !strings.Contains(got, "msg=greeted plugin=hello name=Ada") {
		t.Errorf("logged %q", got)
	}
}

func TestLogOutsideOfCall(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"no call":                t.Context(),
		"call without a logger":  plugin.WithCall(t.Context(), &plugin.Call{}),
		"call that is not there": plugin.WithCall(t.Context(), nil),
	} {
		if got := plugin.Log(ctx); got != slog.Default() {
			t.Errorf("%s: got %v, want slog.Default", name, got)
		}
	}
}

func TestProgress(t *testing.T) {
	type report struct {
		done, total int
		note        string
	}
	var got []report
	ctx := plugin.WithCall(t.Context(), &plugin.Call{Progress: func(done, total int, note string) {
		got = append(got, report{done, total, note})
	}})
	plugin.Progress(ctx, 1, 3, "one")
	plugin.Progress(ctx, 2, 0, "")
	if len(got) != 2 || got[0] != (report{1, 3, "one"}) || got[1] != (report{2, 0, ""}) {
		t.Errorf("got %+v", got)
	}
}

// A handler reports the same whether anybody listens or not: in its own tests nobody does.
func TestProgressUnheard(t *testing.T) {
	plugin.Progress(t.Context(), 1, 2, "")
	plugin.Progress(plugin.WithCall(t.Context(), &plugin.Call{}), 1, 2, "")
	plugin.Progress(plugin.WithCall(t.Context(), nil), 1, 2, "")
}

func TestCallFrom(t *testing.T) {
	outer, inner := &plugin.Call{}, &plugin.Call{}
	ctx := plugin.WithCall(t.Context(), outer)
	if plugin.CallFrom(t.Context()) != nil || plugin.CallFrom(ctx) != outer {
		t.Error("got another call than the context carries")
	}
	if plugin.CallFrom(plugin.WithCall(ctx, inner)) != inner || plugin.CallFrom(ctx) != outer {
		t.Error("the inner call does not stand before the outer one")
	}
}
