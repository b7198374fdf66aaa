package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The commands of the README, run in this folder, print what stands there. A line that ends in … begins so.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	transcript := regexp.MustCompile("(?s)```\n(\\$ .*?)```").FindSubmatch(text)
	if transcript == nil {
		t.Fatal("there are no commands in README.md")
	}
	for block := range strings.SplitSeq(strings.TrimPrefix(string(transcript[1]), "$ "), "\n$ ") {
		command, want, _ := strings.Cut(block, "\n")
		args, ok := strings.CutPrefix(command, "go run . ")
		if !ok {
			t.Fatalf("%s: want go run", command)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(args)...) //nolint:gosec // this binary
		cmd.Env = append(os.Environ(), asHost+"=1", "XDG_CACHE_HOME="+t.TempDir())
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		got := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		for i, line := range strings.Split(strings.TrimRight(want, "\n"), "\n") {
			begin, open := strings.CutSuffix(line, "…")
			if i >= len(got) || strings.TrimRight(got[i], " ") != line && (!open || !strings.HasPrefix(got[i], begin)) {
				t.Errorf("%s: line %d is not %q:\n%s", command, i+1, line, out)
				break
			}
		}
	}
}
