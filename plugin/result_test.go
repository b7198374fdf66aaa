package plugin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/scriptd/scriptd/plugin"
)

func TestErrorMarks(t *testing.T) {
	plain := errors.New("plain")
	tests := []struct {
		name           string
		err            error
		text           string
		invalid, retry bool
	}{
		{"plain", plain, "plain", false, false},
		{"invalid", plugin.Invalid("size %d: want less", 7), "size 7: want less", true, false},
		{"retryable", plugin.Retryable(plain), "plain", false, true},
		{"wrapped invalid", fmt.Errorf("query: %w", plugin.Invalid("no")), "query: no", true, false},
		{"wrapped retryable", fmt.Errorf("query: %w", plugin.Retryable(plain)), "query: plain", false, true},
		{"retryable of invalid", plugin.Retryable(plugin.Invalid("no")), "no", true, true},
		{"invalid of retryable", plugin.Invalid("no: %w", plugin.Retryable(plain)), "no: plain", true, true},
		{"joined, the second invalid", errors.Join(plugin.Retryable(plain), plugin.Invalid("no")), "plain\nno", true, true},
		{"joined under both", errors.Join(plain, fmt.Errorf("%w, %w", plugin.Retryable(plain), plugin.Invalid("no"))), "plain\nplain, no", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.text {
				t.Errorf("text %q, want %q", got, tt.text)
			}
			if got := plugin.IsInvalid(tt.err); got != tt.invalid {
				t.Errorf("IsInvalid: %t, want %t", got, tt.invalid)
			}
			if got := plugin.IsRetryable(tt.err); got != tt.retry {
				t.Errorf("IsRetryable: %t, want %t", got, tt.retry)
			}
		})
	}
}

func TestNoErrorHasNoMarks(t *testing.T) {
	if err := plugin.Retryable(nil); err != nil {
		t.Errorf("Retryable(nil): %v, want nil", err)
	}
	if plugin.IsInvalid(nil) || plugin.IsRetryable(nil) {
		t.Error("nil is invalid or worth a retry")
	}
}

// What is marked is still found.
func TestMarkedErrorsUnwrap(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}
	for name, err := range map[string]error{
		"invalid":   plugin.Invalid("read: %w", path),
		"retryable": plugin.Retryable(fmt.Errorf("read: %w", path)),
	} {
		found, ok := errors.AsType[*fs.PathError](err)
		if !errors.Is(err, fs.ErrNotExist) || !ok || found != path {
			t.Errorf("%s: %v hides what it wraps", name, err)
		}
	}
}

// The names of the envelope are what every client relies on.
func TestResultEncodesAsEnvelope(t *testing.T) {
	tests := []struct {
		name   string
		result plugin.Result
		want   string
	}{
		{
			"zero",
			plugin.Result{},
			`{"success":false,"data":null,"message":"","error":"","retry":false,"duration_ms":0}`,
		},
		{
			"all",
			plugin.Result{
				Success: true, Data: []int{1}, Message: "m", Error: "e", Retry: true, Invalid: true,
				Plugin: "p", Revision: "r", Digest: "d", DurationMS: 1.5,
			},
			`{"success":true,"data":[1],"message":"m","error":"e","retry":true,` +
				`"plugin":"p","revision":"r","digest":"d","duration_ms":1.5}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.result)
			if err != nil || string(got) != tt.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}
