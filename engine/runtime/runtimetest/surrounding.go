package runtimetest

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// recorder keeps what is logged: a line for each record, its message and attributes.
type recorder struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed at the next line
}

// record makes a package log to a recorder.
func record(p *runtime.Package) *recorder {
	r := &recorder{more: make(chan struct{})}
	p.Log = r.logger()
	return r
}

func (r *recorder) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func (r *recorder) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.TrimSpace(string(line)))
	close(r.more)
	r.more = make(chan struct{})
	return len(line), nil
}

// wait waits until a line has the text in it, and returns all lines up to now.
func (r *recorder) wait(t *trial, text string) []string {
	t.Helper()
	timeout := time.After(patience)
	for {
		r.mu.Lock()
		lines, more := slices.Clone(r.lines), r.more
		r.mu.Unlock()
		if slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, text) }) {
			return lines
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("%q was not logged, but\n%s", text, strings.Join(lines, "\n"))
		}
	}
}

func surroundingCases() []testCase {
	return []testCase{
		{"prints and logs reach the logger, and no stream of the process", func(t *trial) {
			p := of(source(`func handle(context.Context) error {
	fmt.Println("printed", 1)
	fmt.Print("a ", "b\nc\n")
	fmt.Printf("%d%%\n", 5)
	println("built in")
	log.Print("log ", "print")
	log.Printf("log %d", 2)
	log.New(log.Writer(), "prefix: ", 0).Println("own logger")
	log.Default().Println("default logger")
	slog.Info("slog", "key", "value")
	slog.Default().With("with", 1).Warn("slog default")
	fmt.Print("without an end")
	return nil
}
func init() { fmt.Println("in init") }`, "fmt", "log", "log/slog"))
			logged := record(&p)
			streams := capture(t)
			inst, err := t.rt.Load(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			t.answers(inst, nil, "null")
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			lines := strings.Join(logged.wait(t, "without an end"), "\n")
			if out := streams(); out != "" {
				t.Errorf("the process's streams got %q", out)
			}
			for _, want := range []string{
				`msg="in init"`, `msg="printed 1"`, `msg="a b"`, `msg=c `, `msg=5%`, `msg="built in"`, `msg="log print"`, `msg="log 2"`, `msg="prefix: own logger"`,
				`msg="default logger"`, `level=INFO msg=slog key=value`, `level=WARN msg="slog default" with=1`, `msg="without an end"`,
			} {
				if strings.Count(lines, want) != 1 {
					t.Errorf("%s was not logged once:\n%s", want, lines)
				}
			}
		}},
		{"a package without a logger", func(t *trial) {
			streams := capture(t)
			t.answers(t.load(of(source(`func handle(ctx context.Context) error { fmt.Println("x"); plugin.Log(ctx).Info("y"); log.Print("z"); return nil }`,
				"fmt", "log"))), nil, "null")
			if out := streams(); out != "" {
				t.Errorf("the process's streams got %q", out)
			}
		}},
		{"plugin.Log in a call is the call's", func(t *trial) {
			p := of(source(`func handle(ctx context.Context) error {
	plugin.Log(ctx).Info("in the call", "n", 1)
	plugin.Log(ctx).With("a", "b").Debug("debugged")
	slog.InfoContext(ctx, "with its context")
	plugin.Log(context.Background()).Info("outside")
	return nil
}`, "log/slog"))
			logged := record(&p)
			inst := t.load(p)
			called := &recorder{more: make(chan struct{})}
			ctx := plugin.WithCall(t.Context(), &plugin.Call{Log: called.logger().With("call", 7)})
			if res, err := inst.Call(ctx, "p", nil); err != nil || !res.Success {
				t.Fatalf("got %+v, %v", res, err)
			}
			lines := called.wait(t, "with its context")
			want := []string{
				`level=INFO msg="in the call" call=7 n=1`, `level=DEBUG msg=debugged call=7 a=b`, `level=INFO msg="with its context" call=7`,
			}
			if !slices.Equal(lines, want) {
				t.Errorf("the call's logger got\n%s", strings.Join(lines, "\n"))
			}
			if lines := logged.wait(t, "outside"); len(lines) != 1 {
				t.Errorf("the package's logger got\n%s", strings.Join(lines, "\n"))
			}
		}},
		{"progress", func(t *trial) {
			inst := t.load(of(source(`func handle(ctx context.Context) error {
	plugin.Progress(ctx, 1, 2, "half")
	plugin.Progress(ctx, 2, 2, "")
	return nil
}`)))
			type report struct {
				done, total int
				note        string
			}
			var mu sync.Mutex
			var got []report
			ctx := plugin.WithCall(t.Context(), &plugin.Call{Progress: func(done, total int, note string) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, report{done, total, note})
			}})
			if res, err := inst.Call(ctx, "p", nil); err != nil || !res.Success {
				t.Fatalf("got %+v, %v", res, err)
			}
			if !slices.Equal(got, []report{{1, 2, "half"}, {2, 2, ""}}) { // all of it before the answer
				t.Errorf("got %v", got)
			}
			t.answers(inst, nil, "null") // nobody listens
		}},
		{"values of the caller's context do not matter", func(t *trial) {
			type key struct{}
			inst := t.load(of(source(`func handle(ctx context.Context) (any, error) { return ctx.Value("key"), nil }`)))
			res, err := inst.Call(context.WithValue(t.Context(), key{}, "value"), "p", nil)
			if err != nil || !res.Success || res.Data != nil {
				t.Errorf("got %+v, %v", res, err)
			}
		}},
		{"the environment", func(t *trial) {
			t.Setenv("SCRIPTD_TEST_GRANTED", "granted")
			t.Setenv("SCRIPTD_TEST_OTHER", "SECRET")
			p := of(source(`func handle(context.Context) ([]string, error) {
	_, set := os.LookupEnv("SCRIPTD_TEST_OTHER")
	var names []string
	for _, e := range os.Environ() {
		names = append(names, strings.SplitN(e, "=", 2)[0])
	}
	sort.Strings(names)
	return append(names, os.Getenv("SCRIPTD_TEST_GRANTED"), os.Getenv("SCRIPTD_TEST_OTHER"), fmt.Sprint(set),
		os.ExpandEnv("$SCRIPTD_TEST_GRANTED/${SCRIPTD_TEST_OTHER}")), nil
}`, "os", "fmt", "strings", "sort"))
			p.Permissions.Env = []string{"SCRIPTD_TEST_GRANTED", "SCRIPTD_TEST_UNSET"}
			t.answers(t.load(p), nil, `["SCRIPTD_TEST_GRANTED","granted","","false","granted/"]`)
		}},
		{"the whole environment", func(t *trial) {
			t.Setenv("SCRIPTD_TEST_OTHER", "visible")
			p := of(source(`func handle(context.Context) (string, error) { return os.Getenv("SCRIPTD_TEST_OTHER"), nil }`, "os"))
			p.Permissions.Env = []string{"*"}
			t.answers(t.load(p), nil, `"visible"`)
			p.Permissions = runtime.Permissions{All: true}
			t.answers(t.load(p), nil, `"visible"`)
		}},
		{"exits are panics", func(t *trial) {
			p := of(source(`func handle(_ context.Context, p struct{ How string }) error {
	switch p.How {
	case "exit":
		os.Exit(3)
	case "fatal":
		log.Fatalf("fatal %d", 1)
	case "goexit":
		runtime.Goexit()
	case "flags":
		flag.NewFlagSet("x", flag.ExitOnError).Parse([]string{"-nosuch"})
	}
	return nil
}`, "os", "log", "runtime", "flag"))
			p.Permissions.All = true
			streams := capture(t)
			inst := t.load(p)
			for how, want := range map[string]string{
				"exit": "os.Exit(3): a plugin does not end its host", "fatal": "fatal 1", "goexit": "a plugin does not end the goroutine of a call",
				"flags": "flag provided but not defined: -nosuch",
			} {
				if res := t.fails(inst, map[string]any{"How": how}); !strings.Contains(res.Error, want) {
					t.Errorf("%s: got %+v, want %s", how, res, want)
				}
			}
			t.answers(inst, map[string]any{"How": ""}, "null")
			if out := streams(); out != "" {
				t.Errorf("the process's streams got %q", out)
			}
		}},
		{"standard input is empty", func(t *trial) {
			t.answers(t.load(of(source(`func handle(context.Context) (string, error) {
	var s string
	n, err := fmt.Scanln(&s)
	return fmt.Sprint(n, err), nil
}`, "fmt"))), nil, `"0 EOF"`)
		}},
	}
}

// capture puts pipes in the place of the standard streams of this process, until the function is called that returns
// what they got.
func capture(t *trial) func() string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	restore := sync.OnceFunc(func() {
		os.Stdout, os.Stderr = stdout, stderr
		w.Close()
	})
	t.Cleanup(restore)
	got := make(chan string, 1)
	go func() {
		defer r.Close()
		out, _ := io.ReadAll(r)
		got <- string(out)
	}()
	return func() string {
		restore()
		return <-got
	}
}
