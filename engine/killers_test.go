//go:build linux

package engine_test

import (
	"context"
	"log/slog"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// killers is a package each of whose calls ends its process, or is a burden for all others, in its own way.
const killers = `package killers

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Kind string
}

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "kill"}, kill),
		r.Add(plugin.Spec{Name: "works"}, func(context.Context) (int, error) { return 1, nil }),
	)
}

func kill(ctx context.Context, p Params) (string, error) {
	switch p.Kind {
	case "recursion":
		return fmt.Sprint(deeper(1)), nil
	case "String that prints itself":
		return fmt.Sprint(&endless{1}), nil
	case "map":
		m := make(map[int]int)
		for range 8 {
			go func() {
				for i := 0; ; i++ {
					m[i%100] = i
				}
			}()
		}
		<-ctx.Done()
	case "unlock":
		var mu sync.Mutex
		mu.Unlock()
	case "large allocation":
		return fmt.Sprint(len(make([]byte, 1<<40))), nil
	case "memory":
		var all [][]byte
		for {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
		}
	case "panic in a goroutine":
		go func() { panic("it did") }()
		time.Sleep(100 * time.Millisecond)
		return "went on", nil
	case "log.Fatal":
		log.Default().Fatal("fatal")
	case "flag":
		flag.NewFlagSet("x", flag.ExitOnError).Parse([]string{"-no-such-flag"})
	case "exit":
		os.Exit(3)
	case "output":
		line := strings.Repeat("x", 1<<16)
		for range 1 << 14 {
			fmt.Println(line)
		}
		return "printed", nil
	case "standard streams":
		for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
			f.Close()
		}
		for fd := range 3 {
			os.NewFile(uintptr(fd), "").Close()
		}
		fmt.Println("said nowhere")
		return "closed", nil
	case "all descriptors":
		for fd := range 100 {
			os.NewFile(uintptr(fd), "").Close()
		}
		<-ctx.Done()
	case "fork bomb":
		exec.Command("sh", "-c", "f() { [ $1 = 12 ] && exec sleep 60; f $(($1+1)) & f $(($1+1)) & wait; }; f 0").Run() // it has an end
		<-ctx.Done()
	case "stop":
		exec.Command("sh", "-c", "kill -STOP $PPID").Run()
		time.Sleep(time.Hour)
	}
	return "", ctx.Err()
}

func deeper(n int) int { return deeper(n+1) + 1 }

type endless struct{ N int }

func (e *endless) String() string { return fmt.Sprint(e) }
`

// withoutAll leaves out of killers what takes the permission for all. What is left is confined by the kernel too.
var withoutAll = strings.NewReplacer(`	"flag"`+"\n", "", `	"log"`+"\n", "", `	"os"`+"\n", "",
	`log.Default().Fatal("fatal")`, "", `flag.NewFlagSet("x", flag.ExitOnError).Parse([]string{"-no-such-flag"})`, "", "os.Exit(3)", "",
	`		for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
			f.Close()
		}
`, "", `os.NewFile(uintptr(fd), "").Close()`, "_ = fd")

// What a package does to its process is no concern of the host, nor of the package next to it: the host lives, the neighbour answers in
// its usual time, the caller hears what happened within its time, and the package serves again.
func TestKillers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	programs := runtime.Permissions{Run: []string{"*"}}
	const callTime = 20 * time.Second
	for _, tt := range []struct {
		kind string
		// want is part of what the caller hears; where it is empty, the call succeeds.
		want   string
		all    bool // is granted, not only to start programs
		limits runtime.Limits
		time   time.Duration // of the caller
	}{
		{kind: "recursion", want: "stack overflow"},
		{kind: "String that prints itself", want: "stack overflow"},
		{kind: "map", want: "concurrent map"},
		{kind: "unlock", want: "unlock of unlocked mutex"},
		{kind: "large allocation", want: "limits: memory"},
		{kind: "memory", want: "limits: memory", limits: runtime.Limits{Memory: 256 << 20}},
		{kind: "panic in a goroutine"},
		{kind: "log.Fatal", want: "panic: fatal", all: true},
		{kind: "flag", want: "panic: flag provided but not defined", all: true},
		{kind: "exit", want: "a plugin does not end its host", all: true},
		{kind: "output", limits: runtime.Limits{Output: 1 << 20}},
		{kind: "standard streams", all: true},
		{kind: "all descriptors", want: "crashed: signal: killed", all: true},
		{kind: "fork bomb", want: "limits: processes", limits: runtime.Limits{Processes: 100}},
		{kind: "stop", want: "timed out", time: 500 * time.Millisecond},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "hi")})
			src, _ := moody(t, "local", dir)
			src.ProcessLimits = tt.limits
			src.Packages = []engine.Package{{Path: "hello"}, {Path: "killers", Permissions: programs}}
			source := killers
			if tt.all {
				src.Packages[1].Permissions.All = true
			} else {
				source = withoutAll.Replace(killers)
			}
			if raceEnabled {
				source = strings.Replace(source, "range 1 << 14", "range 1 << 11", 1) // which takes long enough
				if tt.kind == "large allocation" {
					tt.want = "crashed" // by the detector, in its own words
				}
			}
			write(t, dir, map[string]string{"killers/k.go": source})
			logged := &byteCounter{}
			e := open(t, engine.Options{
				Isolation: engine.IsolationProcess, Sources: []engine.Source{src}, Logger: slog.New(slog.NewTextHandler(logged, nil)),
			})
			if err := e.Sources()[0].Err; err != nil {
				t.Fatal(err)
			}
			usual := percentile(neighbour(t, e, time.After(300*time.Millisecond)), 50)

			ended := make(chan time.Time)
			var during []time.Duration
			var watching gosync.WaitGroup
			watching.Go(func() { during = neighbour(t, e, ended) })
			limit := callTime
			if tt.time != 0 {
				limit = tt.time
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			start := time.Now()
			res, err := e.Call(ctx, "kill", map[string]any{"Kind": tt.kind})
			took := time.Since(start)
			close(ended)
			watching.Wait()
			t.Logf("after %s: %v %s %v", took, res.Data, res.Error, err)
			said := res.Error
			if err != nil {
				said = err.Error()
			}
			if succeeded := err == nil && res.Success; succeeded != (tt.want == "") || !strings.Contains(said, tt.want) {
				t.Errorf("got %+v, %v, want %q", res, err, tt.want)
			}
			if took > limit+time.Second {
				t.Errorf("the caller heard it after %s, and had %s", took, limit)
			}
			eventually(t, func() bool {
				res, err := e.Call(t.Context(), "works", nil)
				return err == nil && res.Success
			})
			median, slowest := percentile(during, 50), percentile(during, 100)
			t.Logf("half of %d calls of the neighbour took %s at most, the slowest %s; they take %s", len(during), median, slowest, usual)
			if median > 20*usual+20*time.Millisecond || slowest > 5*time.Second {
				t.Errorf("half of the neighbour's calls took up to %s, the slowest %s; usually %s", median, slowest, usual)
			}
			if n := logged.n.Load(); n > 4<<20 {
				t.Errorf("%d bytes were logged", n)
			}
		})
	}
}

// neighbour calls a plugin until the end, and returns how long each call took.
func neighbour(t *testing.T, e *engine.Engine, end <-chan time.Time) []time.Duration {
	t.Helper()
	var times []time.Duration
	for {
		start := time.Now()
		if res, err := e.Call(t.Context(), "hello", nil); err != nil || !res.Success {
			t.Errorf("the neighbour: got %+v, %v", res, err)
			return append(times, time.Since(start))
		}
		times = append(times, time.Since(start))
		select {
		case <-end:
			return times
		case <-time.After(time.Millisecond):
		}
	}
}

// byteCounter counts what is written.
type byteCounter struct{ n atomic.Int64 }

func (c *byteCounter) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}
