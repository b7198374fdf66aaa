package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

// waiting is a handler that says "started" and waits for its context.
const waiting = `func handle(ctx context.Context) (string, error) {
	log.Print("started")
	<-ctx.Done()
	log.Print("ended")
	return "", ctx.Err()
}`

func callCases() []testCase {
	return []testCase{
		{"nothing is called once the context has ended", func(t *trial) {
			p := of(source("func handle(context.Context) error { log.Print(\"called\"); return nil }", "log"))
			logged := record(&p)
			inst := t.load(p)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if res, err := inst.Call(ctx, "p", nil); !errors.Is(err, context.Canceled) || res != (plugin.Result{}) {
				t.Errorf("got %+v, %v", res, err)
			}
			t.answers(inst, nil, "null")
			if got := logged.wait(t, "called"); len(got) != 1 {
				t.Errorf("logged %v", got)
			}
		}},
		{"a cancelled call returns", func(t *trial) {
			p := of(source(waiting, "log"))
			logged := record(&p)
			inst := t.load(p)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			answered := make(chan error, 1)
			go func() {
				_, err := inst.Call(ctx, "p", nil)
				answered <- err
			}()
			logged.wait(t, "started")
			cancel()
			if err := <-answered; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			logged.wait(t, "ended")
		}},
		{"a call that overruns its deadline returns, whether the handler heeds it or not", func(t *trial) {
			inst := t.load(of(source(`func handle(context.Context) error { time.Sleep(300 * time.Millisecond); return nil }`, "time")))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if _, err := inst.Call(ctx, "p", nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}},
		{"a handler sees its deadline, and an error of it is an answer", func(t *trial) {
			inst := t.load(of(source(`func handle(ctx context.Context) (bool, error) {
	inner, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	<-inner.Done()
	if !errors.Is(inner.Err(), context.DeadlineExceeded) {
		return false, inner.Err()
	}
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) > 0, nil
}`, "errors", "time")))
			t.answers(inst, nil, "true")
		}},
		{"a context without an end", func(t *trial) {
			inst := t.load(of(source(`func handle(ctx context.Context) (bool, error) { return ctx.Done() == nil, nil }`)))
			if res, err := inst.Call(context.Background(), "p", nil); err != nil || !res.Success {
				t.Errorf("got %+v, %v", res, err)
			}
		}},
		{"calls at the same time get answers of their own", func(t *trial) {
			inst := t.load(of(source(`type P struct { N int; Name string; List []int }
type R struct { Square int; Name string; Sum int; Sorted []int }
func handle(_ context.Context, p P) (R, error) {
	sum := 0
	for _, n := range p.List {
		sum += n
	}
	sorted := append([]int{}, p.List...)
	sort.Ints(sorted)
	return R{square(p.N), fmt.Sprintf("%s-%d", p.Name, p.N), sum, sorted}, nil
}
func square(n int) int {
	s := 0
	for i := 0; i < n; i++ {
		s += n
	}
	return s
}`, "fmt", "sort")))
			var callers sync.WaitGroup
			for caller := range 32 {
				callers.Go(func() {
					for i := range 20 {
						n := caller*20 + i
						t.answers(inst, map[string]any{"N": float64(n), "Name": fmt.Sprint("c", caller), "List": []any{3.0, float64(n), 1.0}},
							fmt.Sprintf(`{"Name":"c%d-%d","Sorted":%s,"Square":%d,"Sum":%d}`, caller, n, sortedList(n), n*n, n+4))
					}
				})
			}
			callers.Wait()
		}},
		{"calls at the same time that fail, panic and are cancelled", func(t *trial) {
			inst := t.load(of(source(`func handle(ctx context.Context, p struct{ What string }) (string, error) {
	switch p.What {
	case "fail":
		return "", errors.New("failed")
	case "panic":
		panic("panicked")
	case "panic elsewhere":
		panic("panicked")
	case "wait":
		<-ctx.Done()
		return "", ctx.Err()
	}
	return p.What, nil
}`, "errors")))
			var callers sync.WaitGroup
			for caller := range 24 {
				callers.Go(func() {
					what := []string{"fail", "panic", "wait", "fine", "panic elsewhere"}[caller%5]
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if what == "wait" {
						time.AfterFunc(time.Millisecond, cancel)
					}
					res, err := inst.Call(ctx, "p", map[string]any{"What": what})
					want := map[string]plugin.Result{
						"fail": {Error: "failed"}, "panic": {Error: "p/p.go:8:3: panic: panicked"},
						"panic elsewhere": {Error: "p/p.go:10:3: panic: panicked"}, "fine": {Success: true, Data: "fine"},
					}[what]
					if (res.Stack != "") != strings.HasPrefix(what, "panic") {
						t.Errorf("%s: the stack is %q", what, res.Stack)
					}
					res.Stack = ""
					if res != want || errors.Is(err, context.Canceled) != (what == "wait") {
						t.Errorf("%s: got %+v, %v", what, res, err)
					}
				})
			}
			callers.Wait()
		}},
		{"state that handlers share under a lock", func(t *trial) {
			inst := t.load(of(source(`var (
	mu    sync.Mutex
	count int
)
func handle(context.Context) (int, error) {
	mu.Lock()
	defer mu.Unlock()
	count++
	return count, nil
}`, "sync")))
			var callers sync.WaitGroup
			for range 16 {
				callers.Go(func() {
					for range 10 {
						t.call(inst, "p", nil)
					}
				})
			}
			callers.Wait()
			t.answers(inst, nil, "161")
		}},
		{"a handler with goroutines", func(t *trial) {
			t.answers(t.load(of(source(`func handle(context.Context) (int, error) {
	var wg sync.WaitGroup
	results := make(chan int, 10)
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go work(i, results, &wg)
	}
	wg.Wait()
	close(results)
	sum := 0
	for n := range results {
		sum += n
	}
	return sum, nil
}
func work(i int, results chan<- int, wg *sync.WaitGroup) {
	defer wg.Done()
	results <- i * i
}`, "sync"))), nil, "285")
		}},
	}
}

func sortedList(n int) string {
	switch {
	case n <= 1:
		return fmt.Sprintf("[%d,1,3]", n)
	case n <= 3:
		return fmt.Sprintf("[1,%d,3]", n)
	default:
		return fmt.Sprintf("[1,3,%d]", n)
	}
}
