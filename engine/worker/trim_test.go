//go:build linux

package worker_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker"
)

// TestTrim: a process that has loaded its package divides its program, so that the kernel maps little around what a call uses, and
// calls go on.
func TestTrim(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	inst := load(t, rt, pkg())
	pid := rt.PIDs()[0]
	const most = 512 << 10 // the last part takes what is left
	for end := time.Now().Add(patience); largestCode(t, pid) > most; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a part of the program has %d bytes, want at most %d", largestCode(t, pid), most)
		}
	}
	if _, err := do(t.Context(), inst, "", "x", 0); err != nil {
		t.Error(err)
	}
}

// largestCode returns the length of the largest mapped part of a process's program, in bytes.
func largestCode(t *testing.T, pid int) (most uint64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var from, to uint64
		var mode string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); err != nil {
			t.Fatal(err)
		}
		if mode == "r-xp" && strings.Contains(line, "/") {
			most = max(most, to-from)
		}
	}
	if most == 0 {
		t.Fatal("the process has no code")
	}
	return most
}
