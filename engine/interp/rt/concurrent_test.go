package rt

import (
	"reflect"
	"testing"
)

func TestSelect(t *testing.T) {
	var none chan int
	closed, full, free, errs := make(chan int), make(chan int, 1), make(chan any, 1), make(chan error, 1)
	close(closed)
	full <- 7
	errs <- nil
	stopped := make(chan struct{})
	close(stopped)
	for _, test := range []struct {
		name       string
		done       chan struct{}
		hasDefault bool
		ops        []operation
		chosen     int
		value      any
		ok         bool
	}{
		{"nothing but a default", nil, true, nil, -1, nil, false},
		{"nil channels are never ready", nil, true, []operation{receive(none), send(none, 1)}, -1, nil, false},
		{"a closed channel", nil, false, []operation{receive(none), receive(closed)}, 1, 0, false},
		{"a value", nil, false, []operation{receive(full)}, 0, 7, true},
		{"an empty channel, with a default", nil, true, []operation{receive(full)}, -1, nil, false},
		{"nil in an interface is sent", nil, false, []operation{receive(none), send(free, nil)}, 1, nil, false},
		{"and received", nil, false, []operation{receive(free)}, 0, nil, true},
		{"a nil error", nil, false, []operation{receive(errs)}, 0, nil, true},
		{"a program that is stopped", stopped, false, []operation{receive(none)}, -1, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &Program{Config: Config{Done: test.done}}
			chosen, v, ok := p.choose(test.hasDefault, test.ops...)
			if chosen != test.chosen || !reflect.DeepEqual(v, test.value) || ok != test.ok {
				t.Errorf("got %d, %v, %t, want %d, %v, %t", chosen, v, ok, test.chosen, test.value, test.ok)
			}
		})
	}
}

func TestSendOnClosed(t *testing.T) {
	ch := make(chan int)
	close(ch)
	defer func() {
		if v := recover(); v == nil || v.(error).Error() != "send on closed channel" {
			t.Errorf("got %v", v)
		}
	}()
	(&Program{}).choose(false, send(ch, 1))
}

// A panic ends its goroutine, and nothing else.
func TestGoroutinePanics(t *testing.T) {
	got := make(chan any, 3)
	p := &Program{Config: Config{Escaped: func(v any) { got <- v }}}
	p.goroutine(func() { panic("one") })
	p.goroutine(func() { do(func(d *D) { d.Push(func(*P) { panic("two") }) }) })
	p.goroutine(func() { do(func(d *D) { d.Push(func(p *P) { recovered(p) }); panic("none") }) })
	p.Wait()
	close(got)
	seen := make(map[any]bool)
	for v := range got {
		seen[v] = true
	}
	if !reflect.DeepEqual(seen, map[any]bool{"one": true, "two": true}) {
		t.Errorf("escaped: %v", seen)
	}
}
