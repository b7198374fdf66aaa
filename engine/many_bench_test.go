package engine_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
)

// BenchmarkManyPackages measures 200 packages, each in a process of its own: how long an engine takes to serve them all from its
// cache, with the origin away, and what memory the processes take together.
func BenchmarkManyPackages(b *testing.B) {
	const packages = 200
	dir := b.TempDir()
	for i := range packages {
		name := fmt.Sprintf("p%d", i)
		write(b, dir, map[string]string{name + "/p.go": greeter(name, "v")})
	}
	opts := engine.Options{Cache: diskCache(b, b.TempDir()), Isolation: engine.IsolationNone, Sources: []engine.Source{folder(b, "local", dir)}}
	open(b, opts)
	opts.Isolation, opts.Sources[0].From = engine.IsolationProcess, away{}
	for b.Loop() {
		start := time.Now()
		e, err := engine.New(b.Context(), opts)
		if err != nil {
			b.Fatal(err)
		}
		for i := range packages {
			if got := call(b, e, fmt.Sprintf("p%d", i)); got != "v world" {
				b.Fatal(got)
			}
		}
		b.ReportMetric(time.Since(start).Seconds(), "s")
		time.Sleep(time.Second)
		var rss, own float64
		for _, pid := range children(b) {
			m := runtimetest.Memory(b, pid)
			rss, own = rss+m["Rss"], own+m["Pss"]
		}
		b.ReportMetric(float64(len(children(b))), "processes")
		b.ReportMetric(rss, "MB")
		b.ReportMetric(own, "proportional-MB")
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// children returns the processes that this one has started, and that still run.
func children(tb testing.TB) []int {
	tb.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", os.Getpid()))
	if err != nil {
		tb.Skip(err)
	}
	var text []byte
	for _, e := range entries {
		of, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", os.Getpid(), e.Name()))
		text = append(text, of...)
	}
	var pids []int
	for field := range bytes.FieldsSeq(text) {
		pid, err := strconv.Atoi(string(field))
		if err != nil {
			tb.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}
