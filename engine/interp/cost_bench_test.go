package interp

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"
	yaegi "github.com/traefik/yaegi/stdlib"
)

// costs are programs that the interpreter runs correctly as they are. Each has a function Run.
var costs = []struct {
	name, source string
	n            int
}{
	{"fib", `
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func Run(n int) { fib(n) }`, 20},
	{"loop", `
func Run(n int) {
	s := 0
	for i := 0; i < n; i++ {
		if i%3 == 0 {
			s += i
		}
	}
}`, 200_000},
	{"slice", `
func Run(n int) {
	a := make([]int, 1000)
	for k := 0; k < n; k++ {
		for i := 0; i < len(a); i++ {
			a[i] += i
		}
		s := 0
		for _, v := range a {
			s += v
		}
	}
}`, 100},
	{"map", `
func Run(n int) {
	m := make(map[int]int)
	for i := 0; i < n; i++ {
		m[i%100] += i
	}
	s := 0
	for k, v := range m {
		s += k + v
	}
}`, 20_000},
	{"method", `
type counter struct{ n int }

func (c *counter) add(d int) { c.n += d }

func Run(n int) {
	c := &counter{}
	for i := 0; i < n; i++ {
		c.add(i)
	}
}`, 20_000},
	{"interface", `
type shape interface{ area() int }

type square struct{ s int }

func (q square) area() int { return q.s * q.s }

type rect struct{ a, b int }

func (r *rect) area() int { return r.a * r.b }

func Run(n int) {
	shapes := []shape{square{2}, &rect{2, 3}}
	s := 0
	for i := 0; i < n; i++ {
		s += shapes[i%2].area()
	}
}`, 20_000},
	{"closure", `
func adder(d int) func(int) int { return func(x int) int { return x + d } }

func Run(n int) {
	s := 0
	for i := 0; i < n; i++ {
		f := adder(i)
		s = f(s)
	}
}`, 10_000},
	{"defer", `
import "sync"

var mu sync.Mutex

func locked(n int) int {
	mu.Lock()
	defer mu.Unlock()
	return n + 1
}

func deferred(n int) (r int) {
	defer func() { r++ }()
	return n
}

func Run(n int) {
	for i := 0; i < n; i++ {
		locked(i)
		deferred(i)
	}
}`, 10_000},
	{"type switch", `
func kind(x interface{}) int {
	switch v := x.(type) {
	case int:
		return v
	case string:
		return len(v)
	case []int:
		return v[0]
	}
	return 0
}

func Run(n int) {
	list := []interface{}{1, "a", []int{3}, nil}
	s := 0
	for i := 0; i < n; i++ {
		s += kind(list[i%4])
	}
}`, 20_000},
	{"Sprintf", `
import "fmt"

func Run(n int) {
	for i := 0; i < n; i++ {
		_ = fmt.Sprintf("%d: %s %v", i, "text", 1.5)
	}
}`, 5_000},
	{"string", `
import "strings"

func Run(n int) {
	s := strings.Repeat("añb", n)
	c := 0
	for _, r := range s {
		if r == 'a' {
			c++
		}
	}
}`, 4_000},
}

// bareRun gives a program to the interpreter as it is.
func bareRun(b *testing.B, source string) func(int) {
	b.Helper()
	i := interp.New(interp.Options{})
	if err := i.Use(yaegi.Symbols); err != nil {
		b.Fatal(err)
	}
	if _, err := i.Eval(source); err != nil {
		b.Fatal(err)
	}
	v, err := i.Eval("p.Run")
	if err != nil {
		b.Fatal(err)
	}
	return v.Interface().(func(int))
}

// BenchmarkCost compares lowered programs with what the interpreter takes for the same programs as they are. The metric
// ratio is the one time by the other.
func BenchmarkCost(b *testing.B) {
	sum, rows := 0.0, 0
	for _, c := range costs {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			bare, low := bareRun(b, "package p\n"+c.source+"\n"), entry(b, "package p\n"+c.source+"\n", "Run").Interface().(func(int))
			var bareTime, lowTime time.Duration
			for b.Loop() {
				begin := time.Now()
				bare(c.n)
				middle := time.Now()
				low(c.n)
				bareTime += middle.Sub(begin)
				lowTime += time.Since(middle)
			}
			ratio := float64(lowTime) / float64(bareTime)
			b.ReportMetric(ratio, "ratio")
			sum, rows = sum+math.Log(ratio), rows+1
		})
	}
	b.Logf("geometric mean of the ratios: %.2f", math.Exp(sum/float64(rows)))
}
