package runtime_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

func TestCrashError(t *testing.T) {
	for _, tt := range []struct {
		err  runtime.CrashError
		want string
	}{
		{
			runtime.CrashError{
				Package: "s/p", Reason: "fatal error: stack overflow", Plugin: "hello", File: "p/p.go", Line: 3, Column: 7,
				Output: "fatal error: stack overflow\n\ngoroutine 1\n",
			},
			"s/p crashed: fatal error: stack overflow, in plugin hello of p/p.go:3:7",
		},
		{
			runtime.CrashError{Package: "s/p", Culprit: "s/q", Reason: "fatal error: stack overflow", Plugin: "hello", File: "q/q.go", Line: 3, Column: 7},
			"s/p crashed with s/q: fatal error: stack overflow, in plugin hello of q/q.go:3:7",
		},
		{runtime.CrashError{Package: "s/p", Reason: "signal: killed"}, "s/p crashed: signal: killed"},
	} {
		err := fmt.Errorf("call: %w", &tt.err)
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		crash, ok := errors.AsType[*runtime.CrashError](err)
		if !errors.Is(err, runtime.ErrCrashed) || !plugin.IsRetryable(err) || plugin.IsInvalid(err) || !ok || crash.Reason != tt.err.Reason {
			t.Errorf("%s: is not what it should be", err)
		}
	}
}
