package usersync

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Handler is a function with a method.
type Handler func(ctx context.Context, u *User) error

// Handle calls it.
func (h Handler) Handle(ctx context.Context, u *User) error { return h(ctx, u) }

// Middleware takes and returns one.
type Middleware func(next Handler) Handler

// Chain puts them around a handler.
func Chain(h Handler, around ...Middleware) Handler {
	for _, m := range slices.Backward(around) {
		h = m(h)
	}
	return h
}

// Group is a slice with methods, Index a map.
type (
	Group []User
	Index map[string]Group
)

func (g Group) Len() int           { return len(g) }
func (g Group) Less(i, j int) bool { return g[i].Code < g[j].Code }
func (g Group) Swap(i, j int)      { g[i], g[j] = g[j], g[i] }

// Add has a pointer receiver.
func (g *Group) Add(users ...User) { *g = append(*g, users...) }

// All is an iterator.
func (x Index) All() iter.Seq2[string, Group] {
	return func(yield func(string, Group) bool) {
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if !yield(name, x[name]) {
				return
			}
		}
	}
}

// Each is an iterator of a function.
func Each(users ...User) iter.Seq[*User] {
	return func(yield func(*User) bool) {
		for i := range users {
			if !yield(&users[i]) {
				return
			}
		}
	}
}

// Node is recursive, by way of slices, maps, functions and interfaces.
type Node struct {
	*Base
	Visitor
	Name     string
	Children []*Node
	ByName   map[string]Node
	Visit2   func(*Node) *Node
	Sources  []DataSource
	Named    map[string]Visitor
	Fixed    [2]Level
	Done     chan<- Level
}

// Walk calls visitors that it was given in every way there is.
func (n *Node) Walk(more ...Visitor) []bool {
	u := NewUser(n.Name)
	var all []bool
	if n.Visitor != nil {
		all = append(all, n.Visitor.Visit(u))
	}
	for _, name := range slices.Sorted(maps.Keys(n.Named)) {
		all = append(all, n.Named[name].Visit(u))
	}
	for _, v := range more {
		all = append(all, v.Visit(u))
	}
	for _, c := range n.Children {
		all = append(all, c.Walk(more...)...)
	}
	return all
}

// Comparer has its own type in its signature, and a named result.
type Comparer interface {
	Compare(other Comparer) (result int)
	Value() any
}

// Max asks comparers about each other.
func Max(list ...Comparer) Comparer {
	if len(list) == 0 {
		return nil
	}
	return slices.MaxFunc(list, func(a, b Comparer) int { return a.Compare(b) })
}

// Factory returns interfaces, through functions and channels.
type Factory interface {
	New(name string) (Visitor, error)
	Stream(ctx context.Context, n int) (<-chan Visitor, error)
	Callback() func(Visitor) Visitor
}

// Use asks a factory for everything.
func Use(ctx context.Context, f Factory) (string, error) {
	v, err := f.New("name")
	if err != nil {
		return "", err
	}
	c, err := f.Stream(ctx, 2)
	if err != nil {
		return "", err
	}
	n := 0
	for s := range c {
		if s.Visit(NewUser("s")) {
			n++
		}
	}
	w := f.Callback()(v)
	return fmt.Sprint(v.Visit(NewUser("v")), n, w.Visit(NewUser("w"))), nil
}

// Same compares.
func Same(v, w Visitor) bool { return v == w }

type contextKey struct{}

// WithUser puts a user into a context.
func WithUser(ctx context.Context, u *User) context.Context {
	return context.WithValue(ctx, contextKey{}, u)
}

// UserFrom finds it.
func UserFrom(ctx context.Context) (*User, bool) {
	u, ok := ctx.Value(contextKey{}).(*User)
	return u, ok
}

// Counter has a lock.
type Counter struct {
	sync.Mutex
	N  int
	by map[Level]int
}

// Count locks.
func (c *Counter) Count(l Level) int {
	c.Lock()
	defer c.Unlock()
	if c.by == nil {
		c.by = make(map[Level]int)
	}
	c.by[l]++
	c.N++
	return c.by[l]
}

// Parallel calls a function from many goroutines.
func Parallel(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = f(i) })
	}
	group.Wait()
	return errs
}

// Panics panics with an error of its own.
func Panics(code int) { panic(StatusError(code)) }

// Protect recovers what a function panics with.
func Protect(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// Must is as such functions are.
func Must(u *User, err error) *User {
	if err != nil {
		panic(err)
	}
	return u
}

// Two results, for Must.
func Two(code string, err error) (*User, error) { return NewUser(code), err }
