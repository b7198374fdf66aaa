package rt

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// D is the deferred calls of one execution of a function.
type D struct {
	calls []func(*P)
}

// Push defers a call. What it may recover is its argument.
func (d *D) Push(f func(*P)) { d.calls = append(d.calls, f) }

// P is a panic, or the absence of one, that deferred calls run for.
type P struct {
	active    bool
	recovered bool
	value     any
	goroutine uint64
	outer     *P
	armed     bool
	before    []Link
}

// Link is a panic that another one took the place of.
type Link struct {
	Value     any
	Recovered bool
}

// Active reports whether there is a panic that was not recovered.
func (p *P) Active() bool { return p.active && !p.recovered }

// do runs the body of a function that defers calls, and then these, the last first.
func do(body func(*D)) {
	d := &D{}
	returned := false
	defer func() {
		p := &P{}
		if !returned {
			// Not a panic where this is nil, but runtime.Goexit.
			if v := recover(); v != nil {
				p.active, p.value, p.before = true, Meant(v), Before()
				p.enter()
				defer p.leave()
			}
		}
		for len(d.calls) > 0 {
			d.last(p)
		}
		if p.active {
			if len(p.before) > 0 {
				chains.Store(Goroutine(), p.before)
			}
			panic(p.value)
		}
	}()
	body(d)
	returned = true
}

// last makes the last of the deferred calls. One that panics takes the place of the panic that was.
func (d *D) last(p *P) {
	f := d.calls[len(d.calls)-1]
	d.calls = d.calls[:len(d.calls)-1]
	returned := false
	defer func() {
		if v := recover(); v != nil {
			if !p.active {
				p.enter()
				defer p.leave()
			}
			if p.active {
				p.before = append(p.before, Link{p.value, p.recovered})
			}
			p.active, p.recovered, p.value = true, false, Meant(v)
			return
		}
		if p.recovered || !returned {
			p.active, p.recovered = false, false
		}
		for !returned && len(d.calls) > 0 { // runtime.Goexit, which makes the other calls and does not come back here
			d.last(p)
		}
	}()
	f(p)
	p.armed = false
	returned = true
}

// arm says that the next function to be called may recover the panic: a deferred call of a function value.
func arm(p *P) { p.armed = p.active }

// recovered is the predeclared recover.
func recovered(p *P) any {
	if p == nil || !p.active || p.recovered {
		return nil
	}
	p.recovered = true
	return p.value
}

// chains are the panics that those took the place of that leave functions with deferred calls, by goroutine.
var chains sync.Map

// Before returns the panics that the one took the place of which has left the program on this goroutine, the first first.
func Before() []Link {
	links, _ := chains.LoadAndDelete(Goroutine())
	list, _ := links.([]Link)
	return list
}

// panics are the panics for which deferred calls run, by goroutine. They are looked for only by functions that call
// recover and that a deferred call does not name, and noted only while there is one.
var panics struct {
	count atomic.Int32
	mu    sync.Mutex
	last  map[uint64]*P
}

func (p *P) enter() {
	p.goroutine = Goroutine()
	panics.count.Add(1)
	panics.mu.Lock()
	defer panics.mu.Unlock()
	if panics.last == nil {
		panics.last = make(map[uint64]*P)
	}
	p.outer = panics.last[p.goroutine]
	panics.last[p.goroutine] = p
}

func (p *P) leave() {
	panics.mu.Lock()
	defer panics.mu.Unlock()
	panics.count.Add(-1)
	if p.outer == nil {
		delete(panics.last, p.goroutine)
	} else {
		panics.last[p.goroutine] = p.outer
	}
}

// recovering returns the panic that a function may recover which is called just now by a deferred call; nil where there is
// none.
func recovering() *P {
	if panics.count.Load() == 0 {
		return nil
	}
	id := Goroutine()
	panics.mu.Lock()
	defer panics.mu.Unlock()
	p := panics.last[id]
	if p == nil || !p.armed {
		return nil
	}
	p.armed = false
	return p
}

// Goroutine returns the number that the runtime gives the goroutine at hand in its traces. Panics are the only use of it.
func Goroutine() uint64 {
	var buf [32]byte
	text := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	text, _, _ = bytes.Cut(text, []byte(" "))
	id, _ := strconv.ParseUint(string(text), 10, 64)
	return id
}
