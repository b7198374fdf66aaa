package interp

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"sync"

	"github.com/scriptd/scriptd/engine/runtime"
)

// panicWriter finds out where panics come from. The interpreter writes a line for each function that a panic leaves,
// the innermost first; rewritten programs tell the exact place of a call of panic.
type panicWriter struct {
	mu       sync.Mutex
	trace    []string // positions that the interpreter wrote since the last panic was taken
	explicit []explicitPanic
}

type explicitPanic struct {
	value any
	site  int
}

// maxPanics bounds what is remembered of panics that the program recovers by itself.
const maxPanics = 16

// panic is what rewritten programs call instead of the predeclared function.
func (in *instance) panic(site int, v any) {
	in.panics.mu.Lock()
	if len(in.panics.explicit) == maxPanics {
		in.panics.explicit = in.panics.explicit[1:]
	}
	in.panics.explicit = append(in.panics.explicit, explicitPanic{v, site})
	in.panics.mu.Unlock()
	panic(v)
}

// Write takes what the interpreter says of a panic.
func (w *panicWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range bytes.Lines(p) {
		if len(w.trace) == maxPanics {
			w.trace = w.trace[1:]
		}
		w.trace = append(w.trace, string(line))
	}
	return len(p), nil
}

// take returns the call of panic that raised v, if there was one, and the lines of the interpreter, and forgets them.
func (w *panicWriter) take(v any) (site int, explicit bool, trace []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.explicit) - 1; i >= 0 && !explicit; i-- {
		if same(w.explicit[i].value, v) {
			site, explicit = w.explicit[i].site, true
		}
	}
	trace, w.trace, w.explicit = w.trace, nil, nil
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
	message := fmt.Sprintf("%s: %v", what, printable(v))
	site, explicit, trace := in.panics.take(v)
	if explicit {
		return problemAt(in.sites[site].Pos, message)
	}
	for _, line := range trace {
		if file, l, c, _, ok := splitPosition(line); ok {
			return runtime.Problem{File: file, Line: l, Column: c, Message: message}
		}
	}
	return runtime.Problem{File: in.pkg.Dir, Message: message}
}

// printable is a panic's value without the frames that reflect adds to it.
func printable(v any) any {
	if err, ok := v.(error); ok {
		return err.Error()
	}
	return v
}

var position = regexp.MustCompile(`^/?(.+?\.go):(\d+):(\d+): (.*)`)

// splitPosition takes apart a line that begins with a position.
func splitPosition(line string) (file string, l, c int, rest string, ok bool) {
	m := position.FindStringSubmatch(line)
	if m == nil {
		return "", 0, 0, line, false
	}
	l, _ = strconv.Atoi(m[2])
	c, _ = strconv.Atoi(m[3])
	return m[1], l, c, m[4], true
}
