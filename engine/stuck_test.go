package engine_test

import (
	"errors"
	"net"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// stuck is a package whose calls do not end, each kind in its own way, and one plugin that works.
const stuck = `package stuck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Kind string
	URL  string ` + "`default:\"\"`" + `
}

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "stuck", Timeout: 50 * time.Millisecond}, handle),
		r.Add(plugin.Spec{Name: "works"}, func(context.Context) (int, error) { return 1, nil }),
	)
}

func handle(ctx context.Context, p Params) (int, error) {
	switch p.Kind {
	case "loop":
		for {
		}
	case "select":
		select {}
	case "receive":
		<-make(chan int)
	case "send":
		make(chan int) <- 1
	case "range":
		for range make(chan int) {
		}
	case "sleep":
		time.Sleep(time.Hour)
	case "mutex":
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
	case "request":
		resp, err := http.Get(p.URL)
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
	case "request with context":
		req, err := http.NewRequestWithContext(ctx, "GET", p.URL, nil)
		if err != nil {
			return 0, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
	case "spinning goroutine":
		go func() {
			for {
			}
		}()
		select {}
	default:
		return 0, fmt.Errorf("no kind %q", p.Kind)
	}
	return 0, nil
}
`

// blackHole is an HTTP server behind a proxy that lets nothing through to it.
func blackHole(t *testing.T) (url string) {
	t.Helper()
	var lc net.ListenConfig
	upstream, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { upstream.Close() })
	proxies := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(proxies, "hole", "127.0.0.1:0", upstream.Addr().String())
	if err := proxies.Collection.Add(proxy, true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	toxic := `{"type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}`
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Fatal(err)
	}
	return "http://" + proxy.Listen
}

// A call that does not end is given up in time, and what executes it is replaced: the next call works, and nothing is
// left of a hundred of them, but for what nothing can stop in this process.
func TestStuckCalls(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 5
	}
	hole := blackHole(t)
	for _, kind := range []string{
		"loop", "select", "receive", "send", "range", "sleep", "mutex", "request", "request with context", "spinning goroutine",
	} {
		t.Run(kind, func(t *testing.T) { getStuck(t, kind, hole, engine.IsolationNone, rounds) })
	}
	for _, kind := range []string{"loop", "mutex", "request", "spinning goroutine"} {
		t.Run(kind+", in a process", func(t *testing.T) { getStuck(t, kind, hole, engine.IsolationProcess, rounds/10+2) })
	}
}

func getStuck(t *testing.T, kind, hole string, isolation engine.Isolation, rounds int) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"stuck/stuck.go": stuck})
	src, _ := moody(t, "local", dir)
	src.Policy.Grace = 10 * time.Millisecond
	src.Permissions = runtime.Permissions{Net: []string{"127.0.0.1:*"}}
	e := open(t, engine.Options{Isolation: isolation, Sources: []engine.Source{src}})
	if err := e.Sources()[0].Err; err != nil {
		t.Fatal(err)
	}
	var goroutines int
	var times []time.Duration
	for i := range rounds {
		start := time.Now()
		_, err := e.Call(t.Context(), "stuck", map[string]any{"Kind": kind, "URL": hole})
		took := time.Since(start)
		if !errors.Is(err, engine.ErrTimeout) {
			t.Fatalf("call %d: got %v after %s", i, err, took)
		}
		times = append(times, took)
		if got := call(t, e, "works"); got != 1.0 {
			t.Fatalf("the next call: got %v", got)
		}
		if i == rounds/5 {
			goroutines = settled()
		}
	}
	// A machine that is busy otherwise delays one or the other.
	median, slowest := percentile(times, 50), percentile(times, 100)
	t.Logf("half of %d calls took %s at most, the slowest %s", rounds, median, slowest)
	if median > 150*time.Millisecond || slowest > 5*time.Second {
		t.Errorf("calls with a timeout of 50 ms took %s, the slowest %s", median, slowest)
	}
	if kind == "mutex" && isolation == engine.IsolationNone { // it cannot be stopped, and is counted
		eventually(t, func() bool { return e.Abandoned() == rounds })
		return
	}
	// A process that waits for a package has goroutines of the host too, and may not have been there yet when they were counted.
	more := map[engine.Isolation]int{engine.IsolationNone: 2, engine.IsolationProcess: 20}[isolation]
	eventually(t, func() bool { return e.Abandoned() == 0 && goruntime.NumGoroutine() <= goroutines+more })
}

// settled is the number of goroutines once it does not fall any more.
func settled() int {
	least := goruntime.NumGoroutine()
	for range 20 {
		time.Sleep(10 * time.Millisecond)
		least = min(least, goruntime.NumGoroutine())
	}
	return least
}
