//go:build linux

package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
	"github.com/scriptd/scriptd/engine/worker"
	"github.com/scriptd/scriptd/engine/worker/testdata/greeting"
)

// build builds a program of testdata.
func build(b *testing.B, name string) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), name)
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", path, "./testdata/"+name).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return path
}

// startGreeter starts the compiled plugin until the benchmark has ended.
func startGreeter(b *testing.B) *grpc.ClientConn {
	b.Helper()
	client, conn, err := greeting.Start(build(b, "greeter"), false)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Kill)
	return conn
}

// contest measures both sides in turn, a few calls each, so that what else the machine does hits both.
type contest struct{ ours, theirs []time.Duration }

func timed(b *testing.B, into *[]time.Duration, f func() error) {
	b.Helper()
	begin := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	*into = append(*into, time.Since(begin))
}

// report reports the medians and their ratio, and that of the lowest tenth: what it is where nothing else runs.
func (c *contest) report(b *testing.B, unit time.Duration, name string) {
	b.Helper()
	c.reportAs(b, unit, name, "grpc-")
}

func (c *contest) reportAs(b *testing.B, unit time.Duration, name, theirs string) {
	b.Helper()
	slices.Sort(c.ours)
	slices.Sort(c.theirs)
	our, their := c.ours[len(c.ours)/2], c.theirs[len(c.theirs)/2]
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(our)/float64(their), "ratio")
	b.ReportMetric(float64(our)/float64(unit), name)
	b.ReportMetric(float64(their)/float64(unit), theirs+name)
	quiet := len(c.ours) / 10
	b.ReportMetric(float64(c.ours[quiet])/float64(c.theirs[quiet]), "quiet-ratio")
}

// BenchmarkLatency compares a call to an interpreted plugin with one to a compiled plugin of go-plugin's gRPC: medians. The goal
// is a ratio of 0.25.
func BenchmarkLatency(b *testing.B) {
	for _, ends := range []bool{false, true} {
		b.Run(fmt.Sprintf("deadline=%t", ends), func(b *testing.B) {
			inst := load(b, open(b, worker.Options{}), greeting.Package())
			conn := startGreeter(b)
			ctx := context.Background()
			if ends {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Hour)
				defer cancel()
			}
			var c contest
			for b.Loop() {
				for range 20 {
					timed(b, &c.ours, func() error { return greeting.Call(ctx, inst) })
				}
				for range 20 {
					timed(b, &c.theirs, func() error { return greeting.Greet(ctx, conn) })
				}
			}
			c.report(b, time.Microsecond, "µs")
		})
	}
}

// BenchmarkTyped compares a call of a method with one of a plugin, each in a process of its own, and with one of a compiled plugin
// of go-plugin's gRPC that says the same. The goal is 1.1 times the plugin.
func BenchmarkTyped(b *testing.B) {
	rt := typedRuntime(b, worker.Options{})
	typed, untyped := load(b, rt, typedBenchPkg()), load(b, rt, greeting.Package())
	conn := startGreeter(b)
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	for name, theirs := range map[string]func() error{
		"untyped": func() error { return greeting.Call(ctx, untyped) },
		"grpc":    func() error { return greeting.Greet(ctx, conn) },
	} {
		b.Run(name, func(b *testing.B) {
			var c contest
			for b.Loop() {
				for range 20 {
					timed(b, &c.ours, func() error { return greetTyped(ctx, typed) })
				}
				for range 20 {
					timed(b, &c.theirs, theirs)
				}
			}
			c.reportAs(b, time.Microsecond, "µs", name+"-")
		})
	}
}

// BenchmarkCallback measures a call of the host's function by a package in a process of its own, and a stream that it returns.
func BenchmarkCallback(b *testing.B) {
	inst := load(b, typedRuntime(b, worker.Options{}), typedBenchPkg())
	b.Run("function", func(b *testing.B) {
		const each = 100
		n := 0
		f := func(int) (string, error) { n++; return "", nil }
		for b.Loop() {
			if _, err := invoke(b.Context(), inst, "Each", b.Context(), each, f); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/callback")
	})
	b.Run("stream", func(b *testing.B) {
		const size = 10_000_000
		b.SetBytes(size)
		buf := make([]byte, 256<<10)
		for b.Loop() {
			out, err := invoke(b.Context(), inst, "Open", strings.Repeat("x", size/100_000))
			if err != nil {
				b.Fatal(err)
			}
			stream, _ := out[0].(io.ReadCloser)
			if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, stream, buf); n != size || err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

// typedBenchPkg is typedPkg without what it does by itself and what may take long.
func typedBenchPkg() runtime.Package {
	p := typedPkg()
	p.Permissions = runtime.Permissions{}
	short := strings.NewReplacer("\t\"net/http\"\n", "", `http.Dir("/etc")`, "how", "\tgo g.tick()\n", "", "\t\t<-ctx.Done()\n\t\treturn \"\", ctx.Err()\n", "").Replace(typedSource)
	p.Tree = fstest.MapFS{"typed/typed.go": {Data: []byte(short)}}
	return p
}

// BenchmarkThroughput compares 16 callers of one plugin. The ratio is of the times: the goal is a third.
func BenchmarkThroughput(b *testing.B) {
	const callers, each = 16, 50
	inst := load(b, open(b, worker.Options{}), greeting.Package())
	conn := startGreeter(b)
	all := func(f func(context.Context) error) func() error {
		return func() error {
			errs := make([]error, callers)
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					for range each {
						if err := f(b.Context()); err != nil {
							errs[i] = err
						}
					}
				})
			}
			wg.Wait()
			return errors.Join(errs...)
		}
	}
	var c contest
	for b.Loop() {
		timed(b, &c.ours, all(func(ctx context.Context) error { return greeting.Call(ctx, inst) }))
		timed(b, &c.theirs, all(func(ctx context.Context) error { return greeting.Greet(ctx, conn) }))
	}
	c.report(b, callers*each*time.Microsecond, "µs/call")
}

// BenchmarkStart compares the time from nothing to the first answer, in a host as users have them: see testdata/starts. The goal is a
// ratio of 1.2 to a plugin without TLS; with TLS is for those who have it in production.
func BenchmarkStart(b *testing.B) {
	host, greeter := build(b, "starts"), build(b, "greeter")
	for _, tls := range []bool{false, true} {
		b.Run(fmt.Sprintf("tls=%t", tls), func(b *testing.B) {
			cmd := exec.CommandContext(b.Context(), host, greeter, strconv.FormatBool(tls))
			cmd.Stderr = os.Stderr
			in, err := cmd.StdinPipe()
			if err != nil {
				b.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			var c contest
			for b.Loop() {
				var ours, theirs int64 // nanoseconds
				if _, err := fmt.Fprintln(in); err != nil {
					b.Fatal(err)
				}
				if _, err := fmt.Fscanln(out, &ours, &theirs); err != nil {
					b.Fatal(err)
				}
				c.ours, c.theirs = append(c.ours, time.Duration(ours)), append(c.theirs, time.Duration(theirs))
			}
			in.Close()
			if err := cmd.Wait(); err != nil {
				b.Fatal(err)
			}
			c.report(b, time.Millisecond, "ms")
		})
	}
}

// BenchmarkStartFromSpare measures the time from a load to the first answer, with a process that waits. The goal is 5 ms.
func BenchmarkStartFromSpare(b *testing.B) {
	rt := open(b, worker.Options{})
	var times []time.Duration
	for b.Loop() {
		for rt.Spares() == 0 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		var inst runtime.Instance
		timed(b, &times, func() error {
			inst = load(b, rt, greeting.Package())
			return greeting.Call(b.Context(), inst)
		})
		_ = inst.Close(b.Context())
	}
	slices.Sort(times)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(times[len(times)/2])/float64(time.Millisecond), "ms")
}

// BenchmarkWake measures a call of a package whose process has ended because nobody used it. The goal is 50 ms.
func BenchmarkWake(b *testing.B) {
	rt := open(b, worker.Options{Spares: -1, Idle: time.Millisecond})
	inst := load(b, rt, greeting.Package())
	var times []time.Duration
	for b.Loop() {
		for len(rt.PIDs()) > 0 {
			time.Sleep(time.Millisecond)
		}
		timed(b, &times, func() error { return greeting.Call(b.Context(), inst) })
	}
	slices.Sort(times)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(times[len(times)/2])/float64(time.Millisecond), "ms")
}

// BenchmarkMemory measures what a process with a small plugin takes: all of it, and what it does not share with others of the same
// binary. The goal is 20 MB.
func BenchmarkMemory(b *testing.B) {
	for _, spares := range []int{-1, 1} {
		b.Run(map[int]string{-1: "cold", 1: "spare"}[spares], func(b *testing.B) {
			var rss, private float64
			for b.Loop() {
				rt := open(b, worker.Options{Spares: spares})
				for spares > 0 && rt.Spares() == 0 {
					time.Sleep(time.Millisecond)
				}
				pids := rt.PIDs()
				inst := load(b, rt, greeting.Package())
				if err := greeting.Call(b.Context(), inst); err != nil {
					b.Fatal(err)
				}
				if spares < 0 {
					pids = rt.PIDs()
				}
				time.Sleep(time.Second) // it gives back what only loads need
				for range 100 {
					if err := greeting.Call(b.Context(), inst); err != nil {
						b.Fatal(err)
					}
				}
				m := runtimetest.Memory(b, pids[0])
				rss, private = m["Rss"], m["Private_Dirty"]
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(rss, "MB")
			b.ReportMetric(private, "private-MB")
		})
	}
}
