package runtimetest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
)

// Memory returns what /proc/PID/smaps_rollup tells of a process on Linux, see proc(5), in MB: "Rss" for one, "Pss", "Private_Dirty".
func Memory(tb testing.TB, pid int) map[string]float64 {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		tb.Fatal(err)
	}
	all := make(map[string]float64)
	for line := range bytes.Lines(text) {
		name, rest, _ := bytes.Cut(line, []byte(":"))
		if fields := bytes.Fields(rest); len(fields) == 2 && string(fields[1]) == "kB" {
			kb, _ := strconv.ParseFloat(string(fields[0]), 64)
			all[string(name)] = kb / 1000
		}
	}
	return all
}
