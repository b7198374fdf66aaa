package plugin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

func TestSpecValidate(t *testing.T) {
	tests := []struct {
		name string
		spec plugin.Spec
		want string // in the error; empty for none
	}{
		{"only a name", plugin.Spec{Name: "a"}, ""},
		{"everything", plugin.Spec{
			Name: "0_restart-deployment", Description: "d", Category: plugin.Remediation,
			Parameters: `{"type": "object"}`, Timeout: time.Second, Concurrency: 1,
		}, ""},
		{"diagnostic", plugin.Spec{Name: "a", Category: plugin.Diagnostic}, ""},
		{"longest name", plugin.Spec{Name: strings.Repeat("a", 64)}, ""},
		{"no name", plugin.Spec{Description: "d"}, "set Spec.Name"},
		{"name too long", plugin.Spec{Name: strings.Repeat("a", 65)}, "at most 64"},
		{"upper case", plugin.Spec{Name: "Hello"}, `"Hello"`},
		{"begins with a dash", plugin.Spec{Name: "-hello"}, `"-hello"`},
		{"begins with an underscore", plugin.Spec{Name: "_hello"}, `"_hello"`},
		{"space", plugin.Spec{Name: "hello world"}, `"hello world"`},
		{"new line at the end", plugin.Spec{Name: "hello\n"}, `"hello\n"`},
		{"letters beyond ASCII", plugin.Spec{Name: "grüße"}, `"grüße"`},
		{"path", plugin.Spec{Name: "a/b"}, `"a/b"`},
		{"category", plugin.Spec{Name: "a", Category: "Diagnostic"}, `category "Diagnostic"`},
		{"timeout", plugin.Spec{Name: "a", Timeout: -time.Second}, "negative timeout -1s"},
		{"concurrency", plugin.Spec{Name: "a", Concurrency: -1}, "negative concurrency -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.spec.Validate()
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}
