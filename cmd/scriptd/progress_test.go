package main

import (
	"strings"
	"sync"
	"testing"
)

func TestProgressLine(t *testing.T) {
	tests := []struct {
		name        string
		done, total int
		note, want  string
	}{
		{"nothing yet", 0, 4, "starting", "[" + strings.Repeat(" ", 30) + "] 0/4  starting"},
		{"half", 2, 4, "", "[" + strings.Repeat("=", 15) + strings.Repeat(" ", 15) + "] 2/4"},
		{"more than all", 9, 4, "", "[" + strings.Repeat("=", 30) + "] 4/4"},
		{"less than nothing", -1, 4, "", "[" + strings.Repeat(" ", 30) + "] 0/4"},
		{"nobody knows", 7, 0, "rows", "7 done  rows"},
		{"a note of several lines", 7, 0, "a\nb\x1b[2J", "7 done  a b[2J"},
		{"a long note", 7, 0, strings.Repeat("é", 60), "7 done  " + strings.Repeat("é", 39) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := progressLine(tt.done, tt.total, tt.note); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestProgressLeavesNothingBehind(t *testing.T) {
	var out strings.Builder
	p := &progress{w: &out}
	var calls sync.WaitGroup
	for i := range 20 {
		calls.Go(func() { p.update(i, 20, "") })
	}
	calls.Wait()
	p.clear()
	p.clear()
	text := out.String()
	if !strings.HasSuffix(text, eraseLine) || strings.HasSuffix(text, eraseLine+eraseLine) {
		t.Errorf("ends with %q, want one %q", text[max(0, len(text)-20):], eraseLine)
	}
	if newProgress(&out) != nil {
		t.Error("a bar on what is no terminal")
	}
}
