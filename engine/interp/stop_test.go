package interp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// stuckBodies are bodies of a handler that does not look at its context and never ends: it can be stopped. ADDR is a server
// that answers, SLOW is one that does not.
var stuckBodies = []struct {
	name, body string
	imports    string
}{
	{"empty loop", `for {}`, ""},
	{"loop", `n := 0; for { n++; if n < 0 { break } }`, ""},
	{"loop with calls", `for { f(1) }`, ""},
	{"goto", "again:\n\tgoto again", ""},
	{"loop in a deferred call", `defer func() { for { f(2) } }()`, ""},
	{"loop in a callback", `sort.Slice([]int{2, 1}, func(i, j int) bool { for { f(i) } })`, "sort"},
	{"loop in a method that compiled code calls", `fmt.Sprint(spins{})`, "fmt"},
	{"reader that makes compiled code loop", `io.ReadAll(nothing{})`, "io"},
	{"empty select", `select {}`, ""},
	{"receive from nil", `var c chan int; <-c`, ""},
	{"receive", `<-make(chan int)`, ""},
	{"receive with ok", `_, ok := <-make(chan int); _ = ok`, ""},
	{"receive in a condition", `if <-make(chan bool) { f(3) }`, ""},
	{"send", `make(chan int) <- 1`, ""},
	{"send to a full channel", `c := make(chan string, 1); c <- "a"; c <- "b"`, ""},
	{"send to nil", `var c chan int; c <- 1`, ""},
	{"range over a channel", `for range make(chan int) {}`, ""},
	{"range over a channel of another goroutine", `c := make(chan int); go func() { for { c <- 1 } }(); for n := range c { f(n) }`, ""},
	{"select", `a, b := make(chan int), make(chan string); select { case <-a: case b <- "": }`, ""},
	{"select in a loop", `for { select { case <-time.After(time.Millisecond): f(4) } }`, "time"},
	{"select with a default", `c := make(chan int); for { select { case <-c: default: } }`, ""},
	{"sleep", `time.Sleep(time.Hour)`, "time"},
	{"sleeps", `for { time.Sleep(time.Millisecond) }`, "time"},
	{"sleep as a value", `sleep := time.Sleep; sleep(time.Hour)`, "time"},
	{"ticker", `for range time.Tick(time.Millisecond) {}`, "time"},
	{"goroutines", `go func() { for { f(5) } }(); go func() { <-make(chan int) }(); go func() { time.Sleep(time.Hour) }(); select {}`, "time"},
	{"http.Get", `http.Get("http://SLOW")`, "net/http"},
	{"http.Post", `http.Post("http://SLOW", "", nil)`, "net/http"},
	{"http.DefaultClient", `http.DefaultClient.Get("http://SLOW")`, "net/http"},
	{"a client of its own", `c := http.Client{}; c.Head("http://SLOW")`, "net/http"},
	{"a client's method as a value", `get := (&http.Client{}).Get; get("http://SLOW")`, "net/http"},
	{"a request", `req, _ := http.NewRequest("PUT", "http://SLOW", nil); new(http.Client).Do(req)`, "net/http"},
	{"a clone of the default transport", `t := http.DefaultTransport.(*http.Transport).Clone(); (&http.Client{Transport: t}).Get("http://SLOW")`, "net/http"},
	{"a body", `res, err := http.Get("http://ADDR"); if err != nil { panic(err) }; io.ReadAll(res.Body)`, "net/http io"},
}

const stuckHelpers = `
var sum int
func f(n int) { _ = n }
type spins struct{}
func (spins) String() string { for { f(6) } }
type nothing struct{}
func (nothing) Read([]byte) (int, error) { return 0, nil }
`

// stuckPackage is a package with a handler p, which is stuck once it was called, and one fine, which is not.
func stuckPackage(body, imports string) runtime.Package {
	var b strings.Builder
	b.WriteString(`package p; import ("context"; "github.com/scriptd/scriptd/plugin"`)
	for i := range strings.FieldsSeq(imports) {
		fmt.Fprintf(&b, "; %q", i)
	}
	b.WriteString(`)
func Register(r *plugin.Registrar) error {
	if err := r.Add(plugin.Spec{Name: "fine"}, func(ctx context.Context) (string, error) { return "fine", ctx.Err() }); err != nil { return err }
	return r.Add(plugin.Spec{Name: "p"}, handle)
}
func handle(ctx context.Context) (string, error) {
plugin.Progress(ctx, 0, 0, "")
` + body + "\nreturn \"a success\", nil\n}\n" + stuckHelpers)
	return runtime.Package{
		Name: "test/p", Tree: fstest.MapFS{"p.go": {Data: []byte(b.String())}}, Dir: ".", Grace: 10 * time.Millisecond,
		Permissions: runtime.Permissions{All: true},
	}
}

// servers starts a server that begins its answer and one that accepts connections and does not answer.
func servers(t *testing.T) *strings.Replacer {
	t.Helper()
	never := make(chan struct{})
	slow, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begins, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("some"))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-never:
		case <-r.Context().Done():
		}
	})}
	go func() { _ = s.Serve(begins) }()
	t.Cleanup(func() {
		close(never)
		slow.Close()
		_ = s.Close()
	})
	return strings.NewReplacer("SLOW", slow.Addr().String(), "ADDR", begins.Addr().String())
}

// settled fails the test where there are more goroutines than before, and says what they do.
func settled(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); goruntime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", goruntime.NumGoroutine(), before, stacks[:goruntime.Stack(stacks, true)])
		}
	}
}

// getStuck calls p, and gives the call up once it has begun.
func getStuck(t *testing.T, inst runtime.Instance) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = plugin.WithCall(ctx, &plugin.Call{Progress: func(int, int, string) { cancel() }})
	if res, err := inst.Call(ctx, "p", nil); !errors.Is(err, context.Canceled) || res.Success {
		t.Errorf("a stuck call: %+v, %v", res, err)
	}
}

// stuckOnce loads a package, has a call get stuck, and closes it.
func stuckOnce(t *testing.T, rt *Runtime, p runtime.Package) {
	t.Helper()
	told := make(chan error, 2)
	p.Broken = func(err error) { told <- err }
	inst, err := rt.Load(t.Context(), p)
	if err != nil {
		t.Error(err)
		return
	}
	getStuck(t, inst)
	if err := <-told; !errors.Is(err, runtime.ErrStuck) {
		t.Errorf("told %v", err)
	}
	if res, err := inst.Call(t.Context(), "fine", nil); err != nil || !res.Success {
		t.Errorf("another call: %+v, %v", res, err)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Calls that are stuck in what the interpreter executes, or waits for, are stopped, and leave nothing behind.
func TestStuckCallsEnd(t *testing.T) {
	rounds, atOnce := 3, 10
	if testing.Short() || raceEnabled {
		rounds = 1
	}
	addresses := servers(t)
	for _, stuck := range stuckBodies {
		t.Run(stuck.name, func(t *testing.T) {
			rt := New()
			before := goruntime.NumGoroutine()
			p := stuckPackage(addresses.Replace(stuck.body), stuck.imports)
			for range rounds {
				var all sync.WaitGroup
				for range atOnce {
					all.Go(func() { stuckOnce(t, rt, p) })
				}
				all.Wait()
			}
			settled(t, before)
			if n := rt.Abandoned(); n != 0 {
				t.Errorf("%d calls are abandoned", n)
			}
		})
	}
}
