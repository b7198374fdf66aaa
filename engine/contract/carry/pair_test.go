package carry

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// table has the standard library and the types of these tests.
var table = sync.OnceValue(func() *Table {
	own := map[string]reflect.Value{
		"Shop":      reflect.ValueOf((*Shop)(nil)),
		"_Shop":     reflect.ValueOf((*shopWrapper)(nil)),
		"Till":      reflect.ValueOf((*Till)(nil)),
		"_Till":     reflect.ValueOf((*tillWrapper)(nil)),
		"Item":      reflect.ValueOf((*Item)(nil)),
		"FullError": reflect.ValueOf((*FullError)(nil)),
		"ErrSold":   reflect.ValueOf(&ErrSold).Elem(),
	}
	path := reflect.TypeFor[Item]().PkgPath()
	load := make(map[string]func() map[string]reflect.Value)
	for _, p := range stdlib.Paths() {
		pkg, _ := stdlib.Lookup(p)
		load[p] = sync.OnceValue(pkg.Symbols)
	}
	load[path] = func() map[string]reflect.Value { return own }
	return &Table{
		Symbols: func(path string) map[string]reflect.Value {
			if f := load[path]; f != nil {
				return f()
			}
			return nil
		},
		Packages: func() []string { return append(stdlib.Paths(), path) },
	}
})

func options() *Options {
	return &Options{Table: table(), Wrapper: func(t reflect.Type) (Wrapper, error) {
		v, ok := table().Symbols(t.PkgPath())["_"+t.Name()]
		if !ok {
			return nil, errors.New("it is in no symbol table")
		}
		return testWrapper{t, v.Type().Elem()}, nil
	}}
}

// testWrapper fills the W… fields of a generated struct.
type testWrapper struct{ of, typ reflect.Type }

func (w testWrapper) Make(meaning any, call func(int, []reflect.Value) []reflect.Value) reflect.Value {
	v := reflect.New(w.typ).Elem()
	v.Field(0).Set(reflect.ValueOf(meaning))
	for i := range w.of.NumMethod() {
		f := v.FieldByName("W" + w.of.Method(i).Name)
		f.Set(reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value { return call(i, args) }))
	}
	return v
}

// pipe is one direction between two sessions: messages arrive in their order.
type pipe struct {
	mu    sync.Mutex
	queue [][]byte
	more  *sync.Cond
	ended bool
}

func newPipe() *pipe {
	p := &pipe{}
	p.more = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) send(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return errors.New("the pipe is closed")
	}
	p.queue = append(p.queue, append([]byte(nil), b...))
	p.more.Signal()
	return nil
}

func (p *pipe) close() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.more.Signal()
}

func (p *pipe) deliver(to *Session) error {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.ended {
			p.more.Wait()
		}
		if len(p.queue) == 0 {
			p.mu.Unlock()
			return nil
		}
		b := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		if err := to.Receive(b); err != nil {
			return fmt.Errorf("receive %x: %w", b, err)
		}
		for i := range b { // nobody keeps it
			b[i] = 0xaa
		}
	}
}

// sessions returns two ends that are connected until the test ends.
func sessions(t testing.TB) (*Session, *Session) {
	t.Helper()
	ab, ba := newPipe(), newPipe()
	a, b := NewSession(ab.send), NewSession(ba.send)
	var wg sync.WaitGroup
	for _, end := range []struct {
		p *pipe
		s *Session
	}{{ab, b}, {ba, a}} {
		wg.Go(func() {
			if err := end.p.deliver(end.s); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		ab.close()
		ba.close()
		wg.Wait()
		a.Close(nil)
		b.Close(nil)
	})
	return a, b
}

func compiled(t testing.TB, typ reflect.Type) *Plan {
	t.Helper()
	p, err := Compile(typ, options())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// elsewhere returns a value whose methods are those of v on another side.
func elsewhere[T any](t testing.TB, v T) T {
	t.Helper()
	p := compiled(t, reflect.TypeFor[T]())
	here, there := sessions(t)
	ref, err := there.Offer(p, reflect.ValueOf(&v).Elem())
	if err != nil {
		t.Fatal(err)
	}
	made, err := here.Value(p, ref)
	if err != nil {
		t.Fatal(err)
	}
	return made.Interface().(T) //nolint:forcetypeassert // it is what the wrapper is for
}
