package main

import "testing"

func TestHint(t *testing.T) {
	names := []string{"hello", "help_desk", "restart_deployment", "service_status"}
	tests := []struct{ name, typed, want string }{
		{"a letter missing", "helo", "did you mean hello?"},
		{"a letter too many", "helloo", "did you mean hello?"},
		{"two letters swapped", "hlelo", "did you mean hello?"},
		{"another separator", "service-status", "did you mean service_status?"},
		{"the beginning of a name", "restart", "did you mean restart_deployment?"},
		{"the beginning of two names", "hel", "did you mean hello or help_desk?"},
		{"nothing like it", "backup", "see scriptd list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := hint(nearest(tt.typed, names), "scriptd list"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
