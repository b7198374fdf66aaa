package interp

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/scriptd/scriptd/engine/interp/rt"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
)

// panicWriter finds out where panics come from. The interpreter writes a line for each function that a panic leaves,
// the innermost first; rewritten programs tell the exact place of a call of panic. Both happen on the goroutine that
// panics, which is how those of different calls are told apart.
type panicWriter struct {
	some  atomic.Bool // there are notes
	mu    sync.Mutex
	notes []panicNote // the newest are the last
}

// panicNote is one thing that is known of a panic.
type panicNote struct {
	goroutine uint64
	trace     string // a line of the interpreter, or
	value     any    // what panic was called with
	site      int    // at this place
}

// maxNotes bounds what is remembered of panics that programs recover by themselves.
const maxNotes = 256

func (w *panicWriter) add(notes ...panicNote) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes = append(w.notes, notes...)
	if over := len(w.notes) - maxNotes; over > 0 {
		w.notes = slices.Delete(w.notes, 0, over)
	}
	w.some.Store(true)
}

// forget drops what is noted of a goroutine: panics that the program recovered by itself.
func (w *panicWriter) forget(goroutine uint64) {
	if !w.some.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(goroutine)
}

// forgetMine is forget for the goroutine that runs: one of the host's, which may have recovered a panic of the program before.
func (w *panicWriter) forgetMine() {
	if w.some.Load() {
		w.forget(rt.Goroutine())
	}
}

func (w *panicWriter) drop(goroutine uint64) {
	w.notes = slices.DeleteFunc(w.notes, func(n panicNote) bool { return n.goroutine == goroutine })
	w.some.Store(len(w.notes) > 0)
}

// raised notes that the program panics at a place.
func (w *panicWriter) raised(site int, v any) {
	w.add(panicNote{goroutine: rt.Goroutine(), value: v, site: site})
}

// Write takes what the interpreter says of a panic.
func (w *panicWriter) Write(p []byte) (int, error) {
	id := rt.Goroutine()
	for line := range bytes.Lines(p) {
		w.add(panicNote{goroutine: id, trace: string(line)})
	}
	return len(p), nil
}

// take returns the call of panic that raised v on this goroutine, if there was one, and the lines of the interpreter,
// and forgets them.
func (w *panicWriter) take(v any) (site int, explicit bool, trace []string) {
	id := rt.Goroutine()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range slices.Backward(w.notes) {
		switch {
		case n.goroutine != id:
		case n.trace != "":
			trace = append(trace, n.trace)
		case !explicit && same(n.value, v):
			site, explicit = n.site, true
		}
	}
	slices.Reverse(trace)
	w.drop(id)
	return site, explicit, trace
}

// same reports whether two values are one; values that cannot be compared are if their types are.
func same(a, b any) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return a == nil || !reflect.ValueOf(a).Comparable() || a == b
}

// panicProblem describes a panic that left the program, with its place as well as it is known.
func (in *instance) panicProblem(v any, what string) runtime.Problem {
	problem, _ := in.panicked(v, what)
	return problem
}

// panicked is panicProblem with the calls that the panic left, the innermost first.
func (in *instance) panicked(v any, what string) (runtime.Problem, []place) {
	v = rt.Meant(v)
	rt.Before() // the goroutine may be used again
	message := fmt.Sprintf("%s: %v", what, printable(v))
	site, explicit, trace := in.panics.take(v)
	sources := in.sources()
	places := sources.places(trace, message)
	if explicit {
		places = sources.from(places, in.sites[site])
	}
	if len(places) == 0 {
		return runtime.Problem{File: in.pkg.Dir, Message: message}, nil
	}
	return problemAt(places[0].pos, message), places
}

// printable is what a program would print of a panic's value.
func printable(v any) any {
	switch v := v.(type) {
	case *reflect.ValueError: // what the interpreter runs into where there is no value behind a pointer
		return "runtime error: invalid memory address or nil pointer dereference (" + v.Error() + ")"
	case error:
		return v.Error()
	}
	return v
}

// position is a message of the interpreter, with a file as lower.Base says.
var position = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/(.+?)/` + lower.Base + `:(\d+):(\d+): (.*)`) })

// splitPosition takes apart a message that has a position.
func splitPosition(line string) (file string, l, c int, rest string, ok bool) {
	m := position().FindStringSubmatch(line)
	if m == nil {
		return "", 0, 0, line, false
	}
	l, _ = strconv.Atoi(m[2])
	c, _ = strconv.Atoi(m[3])
	return m[1], l, c, m[4], true
}
