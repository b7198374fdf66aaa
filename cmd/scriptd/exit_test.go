package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
	"github.com/scriptd/scriptd/sources"
)

func TestExitStatus(t *testing.T) {
	origin := func(kind sources.Kind) error {
		return &sourceError{"team", sources.Fail(kind, errors.New("no"), "list refs")}
	}
	code := &sourceError{"team", runtime.Problems{{File: "a.go", Line: 1, Column: 2, Message: "no"}}}
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, 0},
		{"usage", usagef("what?"), 2},
		{"invalid parameters", &engine.InvalidError{Plugin: "p"}, 2},
		{"no such plugin", fmt.Errorf("%w %q", engine.ErrNotFound, "p"), 3},
		{"no such package", fmt.Errorf("%w %q", engine.ErrNoPackage, "team/p"), 3},
		{"no such version", fmt.Errorf("roll back team/p: %w", engine.ErrNoVersion), 3},
		{"a version that does not load", fmt.Errorf("roll back team/p: %w", runtime.Problems{{Message: "no"}}), 65},
		{"the plugin's bound", fmt.Errorf("p: %w", engine.ErrTimeout), 5},
		{"the caller's bound", context.DeadlineExceeded, 5},
		{"source code", code, 65},
		{"busy", engine.ErrBusy, 75},
		{"stopped", fmt.Errorf("call p: %w", engine.ErrStopped), 75},
		{"quarantined", fmt.Errorf("call p: %w", engine.ErrQuarantined), 75},
		{"an origin out of reach", origin(sources.Transient), 75},
		{"an origin that is not there", origin(sources.NotFound), 78},
		{"wrong credentials", origin(sources.Denied), 78},
		{"a tree that is refused", origin(sources.Refused), 78},
		{"an unset secret", origin(sources.Misconfigured), 78},
		{"the configuration", fmt.Errorf("load: %w", config.Errors{{Message: "no"}}), 78},
		{"interrupted", fmt.Errorf("call: %w", context.Canceled), 130},
		{"anything else", fs.ErrPermission, 70},
		{"several, all transient", worst([]error{origin(sources.Transient), origin(sources.Transient)}), 75},
		{"several, one in source code", worst([]error{origin(sources.Transient), code}), 65},
		{"several, one to configure", worst([]error{code, origin(sources.Denied), origin(sources.Transient)}), 78},
		{"several, of which none", worst(nil), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := exitStatus(tt.err); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAnswerStatus(t *testing.T) {
	tests := []struct {
		name string
		res  plugin.Result
		want int
	}{
		{"success", plugin.Result{Success: true}, 0},
		{"failure", plugin.Result{Error: "no"}, 1},
		{"refused parameter", plugin.Result{Error: "no", Invalid: true}, 2},
		{"worth a retry", plugin.Result{Error: "no", Retry: true}, 75},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := answerStatus(tt.res); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

func TestPanicShowsItsStack(t *testing.T) {
	res := plugin.Result{Error: "a.go:3:2: panic: no", Stack: "index\n\ta.go:3:2\nhandler\n\ta.go:9:1\n"}
	tests := []struct {
		output format
		want   string
	}{
		{formatText, "p: a.go:3:2: panic: no\nindex\n\ta.go:3:2\nhandler\n\ta.go:9:1"},
		{formatJSON, "p: a.go:3:2: panic: no"}, // the envelope has it
	}
	for _, tt := range tests {
		t.Run(string(tt.output), func(t *testing.T) {
			err := answerError("p", res, tt.output)
			if err.Error() != tt.want || exitStatus(err) != exitFailed {
				t.Errorf("got %q, status %d; want %q, status %d", err, exitStatus(err), tt.want, exitFailed)
			}
		})
	}
}

func TestSourceErrorListsEachProblem(t *testing.T) {
	err := &sourceError{"team", runtime.Problems{
		{File: "a.go", Line: 1, Column: 2, Message: "one"},
		{File: "b.go", Line: 3, Column: 4, Message: "two"},
	}}
	if got, want := err.Error(), "source team:\n  a.go:1:2: one\n  b.go:3:4: two"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
