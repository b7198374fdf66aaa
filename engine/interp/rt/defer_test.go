package rt

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// note writes down what happens.
type note func(format string, args ...any)

// Deferred calls that the host makes do what those of compiled code do.
func TestDeferredCalls(t *testing.T) {
	for _, test := range []struct {
		name string
		// hosted and compiled are one function, as it is lowered and as it is written.
		hosted, compiled func(note)
	}{
		{"the last comes first", func(n note) {
			do(func(d *D) {
				d.Push(func(*P) { n("first") })
				d.Push(func(*P) { n("second") })
				n("body")
			})
		}, func(n note) {
			defer n("first")
			defer n("second")
			n("body")
		}},
		{"recover ends a panic, once", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				d.Push(func(p *P) { n("%v %v", recovered(p), recovered(p)) })
				panic(1)
			})
		}, func(n note) {
			defer func() { n("%v", recover()) }()
			defer func() { n("%v %v", recover(), recover()) }()
			panic(1)
		}},
		{"nothing to recover", func(n note) {
			do(func(d *D) { d.Push(func(p *P) { n("%v", recovered(p)) }) })
		}, func(n note) {
			defer func() { n("%v", recover()) }()
		}},
		{"one that panics takes the place of the panic", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				d.Push(func(*P) { panic(2) })
				panic(1)
			})
		}, func(n note) {
			defer func() { n("%v", recover()) }()
			defer func() { panic(2) }()
			panic(1)
		}},
		{"one that panics after it has recovered", func(n note) {
			do(func(d *D) { d.Push(func(p *P) { n("%v", recovered(p)); panic("again") }); panic(1) })
		}, func(n note) {
			defer func() { n("%v", recover()); panic("again") }()
			panic(1)
		}},
		{"a runtime error", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				_ = []int{}[values(1)]
			})
		}, func(n note) {
			defer func() { n("%v", recover()) }()
			_ = []int{}[values(1)]
		}},
		{"functions that a deferred call calls recover nothing of it", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				d.Push(func(*P) {
					do(func(inner *D) { inner.Push(func(p *P) { n("%v", recovered(p)) }) })
					n("%v", recovered(recovering()))
				})
				panic(1)
			})
		}, func(n note) {
			defer func() { n("%v", recover()) }()
			defer func() {
				func() { defer func() { n("%v", recover()) }() }()
				func() { n("%v", recover()) }()
			}()
			panic(1)
		}},
		{"a deferred function value recovers", func(n note) {
			f := func() { n("%v", recovered(recovering())) }
			do(func(d *D) {
				d.Push(func(p *P) { arm(p); f() })
				panic(1)
			})
			f()
		}, func(n note) {
			f := func() { n("%v", recover()) }
			func() {
				defer f()
				panic(1)
			}()
			f()
		}},
		{"a panic within a deferred call that recovers it", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				d.Push(func(*P) {
					do(func(inner *D) { inner.Push(func(p *P) { n("%v", recovered(p)) }); panic(2) })
				})
				panic(1)
			})
		}, func(n note) {
			defer func() { n("%v", recover()) }()
			defer func() {
				func() { defer func() { n("%v", recover()) }(); panic(2) }()
			}()
			panic(1)
		}},
		{"Goexit runs them and is no panic", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				d.Push(func(*P) { n("deferred") })
				runtime.Goexit()
			})
			n("returned")
		}, func(n note) {
			defer func() { n("%v", recover()) }()
			defer n("deferred")
			runtime.Goexit()
			n("returned")
		}},
		{"Goexit goes on where one panics and another recovers", func(n note) {
			do(func(d *D) {
				d.Push(func(p *P) { n("%v", recovered(p)) })
				d.Push(func(*P) { panic(3) })
				runtime.Goexit()
			})
			n("returned")
		}, func(n note) {
			func() {
				defer func() { n("%v", recover()) }()
				defer func() { panic(3) }()
				runtime.Goexit()
			}()
			n("returned")
		}},
		{"Goexit in a deferred call ends a panic", func(n note) {
			do(func(d *D) {
				d.Push(func(*P) { n("after") })
				d.Push(func(*P) { runtime.Goexit() })
				panic(1)
			})
			n("returned")
		}, func(n note) {
			defer n("after")
			defer runtime.Goexit()
			panic(1)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, want := happens(test.hosted), happens(test.compiled); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if n := panics.count.Load(); n != 0 || len(panics.last) != 0 {
				t.Errorf("%d panics are left", n)
			}
		})
	}
}

// happens runs a function on a goroutine of its own, and returns what it notes and how it ends.
func happens(f func(note)) (list []string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				list = append(list, fmt.Sprint("panic: ", v))
			}
		}()
		f(func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) })
		list = append(list, "returned")
	}()
	<-done
	Before()
	return list
}

// What a panic took the place of is known when it leaves the program.
func TestBefore(t *testing.T) {
	func() {
		defer func() { _ = recover() }()
		do(func(d *D) {
			d.Push(func(*P) { panic(3) })
			d.Push(func(p *P) { recovered(p); panic(2) })
			panic(1)
		})
	}()
	want := []Link{{1, true}, {2, false}}
	if got := Before(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Before(); got != nil {
		t.Errorf("it is told twice: %v", got)
	}
}
