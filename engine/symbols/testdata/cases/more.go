package cases

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
)

var more = map[string]func(context.Context) string{
	"function types": functionTypes, "slice and map types": sliceTypes, "iterators": iterators, "recursive types": recursiveTypes,
	"visitors everywhere": visitorsEverywhere, "decorators": decorators, "own type in a signature": ownInSignature,
	"factories": factories, "contexts": contexts, "locks": locks, "goroutines": goroutines, "panics": panics,
	"several results": severalResults, "generic functions of the library": libraryGenerics, "templates": templates,
	"gob and XML": gobAndXML, "array lengths": arrayLengths, "cases of errors": casesOfErrors, "logs": logs, "shadows": shadows,
	"deferred": deferred, "embedded pointers": embeddedPointers, "typed nil": typedNil, "package variables": packageVariables,
}

func functionTypes(ctx context.Context) string {
	var trace []string
	log := func(name string) usersync.Middleware {
		return func(next usersync.Handler) usersync.Handler {
			return func(ctx context.Context, u *usersync.User) error {
				trace = append(trace, name)
				return next.Handle(ctx, u)
			}
		}
	}
	h := usersync.Chain(func(_ context.Context, u *usersync.User) error {
		trace = append(trace, u.Code)
		return usersync.ErrNotFound
	}, log("a"), log("b"))
	err := h.Handle(ctx, usersync.NewUser("u"))
	var own usersync.Handler = func(context.Context, *usersync.User) error { return nil }
	f := own.Handle
	return fmt.Sprint(trace, err == usersync.ErrNotFound, f(ctx, nil), own(ctx, nil))
}

func sliceTypes(context.Context) string {
	g := usersync.Group{*usersync.NewUser("b")}
	g.Add(*usersync.NewUser("a"), usersync.User{Code: "c"})
	sort.Sort(g)
	x := usersync.Index{"x": g, "none": nil}
	x["y"] = append(x["y"], g[1:]...)
	p := &g
	p.Add(g...)
	(*p)[0].Rename("first")
	return fmt.Sprint(g.Len(), g[0], len(x["y"]), x["none"].Len(), cap(g[:1:1]), []usersync.User(g)[1].Code)
}

func iterators(context.Context) string {
	var b strings.Builder
	for name, g := range (usersync.Index{"b": nil, "a": {usersync.User{Code: "x"}}, "c": nil}).All() {
		if name == "c" {
			break
		}
		fmt.Fprint(&b, name, len(g))
	}
	users := []usersync.User{{Code: "1"}, {Code: "2"}}
	for u := range usersync.Each(users...) {
		u.Rename("seen")
	}
	list := slices.Collect(usersync.Each(users...))
	return b.String() + fmt.Sprint(users, len(list), list[1].Code)
}

func recursiveTypes(context.Context) string {
	n := &usersync.Node{Name: "root", Base: &usersync.Base{ID: 1}, Fixed: [2]usersync.Level{usersync.High}}
	n.Children = append(n.Children, &usersync.Node{Name: "child"}, n)
	n.ByName = map[string]usersync.Node{"copy": *n}
	n.Visit2 = func(x *usersync.Node) *usersync.Node { return x.Children[0] }
	done := make(chan usersync.Level, 1)
	n.Done = done
	n.Done <- usersync.Middle
	n.Fixed[1]++
	return fmt.Sprint(n.Key(), len(n.Children), n.Fixed, n.Visit2(n).Name, n.ByName["copy"].ID, <-done, n.Children[1].Children[1] == n)
}

type yes struct{ n *int }

func (y yes) Visit(u *usersync.User) bool { *y.n++; u.Rename("y"); return true }

type no int

func (n no) Visit(u *usersync.User) bool { return u.Name == "never" && n > 0 }

func visitorsEverywhere(context.Context) string {
	count := 0
	n := usersync.Node{Name: "n", Visitor: yes{&count}, Named: map[string]usersync.Visitor{"b": no(1), "a": yes{&count}}}
	n.Children = []*usersync.Node{{Name: "c", Visitor: no(2)}}
	got := n.Walk(yes{&count}, no(3))
	more := []usersync.Visitor{yes{&count}}
	got = append(got, n.Walk(more...)...)
	return fmt.Sprint(got, count, n.Named["b"] == usersync.Visitor(no(1)), n.Visitor.(yes).n == &count, n.Visit(usersync.NewUser("promoted")))
}

// logged overrides one method of what it embeds.
type logged struct {
	usersync.DataSource
	calls []string
}

func (l *logged) TestConnection(ctx context.Context) error {
	l.calls = append(l.calls, "test")
	return l.DataSource.TestConnection(ctx)
}

func decorators(ctx context.Context) string {
	l := &logged{DataSource: &source{users: 1}}
	outer := &logged{DataSource: l}
	err := outer.TestConnection(ctx)
	text, err2 := usersync.Run(ctx, usersync.Options{Source: outer})
	users, err3 := outer.FetchUsers(ctx, usersync.Query{})
	return fmt.Sprint(err, l.calls, outer.calls, text, err2, len(users), err3)
}

type number int

func (n number) Compare(other usersync.Comparer) int {
	o, ok := other.(number)
	if !ok {
		return 100
	}
	return cmp.Compare(n, o)
}
func (n number) Value() any { return n }

func ownInSignature(context.Context) string {
	m := usersync.Max(number(1), number(3), number(2))
	v, ok := m.Value().(number)
	return fmt.Sprint(m, v, ok, usersync.Max() == nil, m == usersync.Comparer(number(3)), m.Compare(number(5)))
}

type factory struct{ err error }

func (f factory) New(name string) (usersync.Visitor, error) {
	if f.err != nil {
		return nil, f.err
	}
	return stopper{name}, nil
}

func (f factory) Stream(_ context.Context, n int) (<-chan usersync.Visitor, error) {
	c := make(chan usersync.Visitor)
	go func() {
		defer close(c)
		for i := range n {
			c <- no(i)
		}
		c <- stopper{}
	}()
	return c, nil
}

func (factory) Callback() func(usersync.Visitor) usersync.Visitor {
	return func(v usersync.Visitor) usersync.Visitor { return v }
}

func factories(ctx context.Context) string {
	text, err := usersync.Use(ctx, factory{})
	_, err2 := usersync.Use(ctx, &factory{&ownError{usersync.ErrNotFound}})
	return fmt.Sprint(text, err, usersync.Inspect(err2))
}

type ownKey struct{}

func contexts(ctx context.Context) string {
	ctx = usersync.WithUser(context.WithValue(ctx, ownKey{}, "own"), usersync.NewUser("in"))
	u, ok := usersync.UserFrom(ctx)
	_, none := usersync.UserFrom(context.Background())
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(usersync.ErrWrapped)
	return fmt.Sprint(u.Code, ok, none, ctx.Value(ownKey{}), context.Cause(ctx) == usersync.ErrWrapped, usersync.Inspect(ctx.Err()))
}

func locks(context.Context) string {
	var c usersync.Counter
	d := &usersync.Counter{N: 5}
	c.Lock()
	c.N++
	c.Unlock()
	return fmt.Sprint(c.Count(usersync.High), c.Count(usersync.High), d.Count(usersync.Low), c.N, d.N)
}

func goroutines(context.Context) string {
	var c usersync.Counter
	var mu sync.Mutex
	seen := map[int]bool{}
	errs := usersync.Parallel(50, func(i int) error {
		c.Count(usersync.Level(i % 3))
		mu.Lock()
		defer mu.Unlock()
		seen[i] = true
		if i == 7 {
			return usersync.StatusError(i)
		}
		return nil
	})
	return fmt.Sprint(c.N, len(seen), errs[7], errs[8], errors.Join(errs...))
}

func panics(context.Context) (said string) {
	v := usersync.Protect(func() { panic(&ownError{usersync.ErrNotFound}) })
	w := usersync.Protect(func() { var m map[string]int; m["x"] = 1 })
	_, isOwn := v.(*ownError)
	defer func() {
		r := recover()
		status, ok := r.(usersync.StatusError)
		said = fmt.Sprint(isOwn, v, w, ok, int(status), usersync.Protect(func() {}) == nil)
	}()
	usersync.Panics(9)
	return "not reached"
}

func severalResults(context.Context) string {
	u := usersync.Must(usersync.Two("ok", nil))
	v := usersync.Protect(func() { usersync.Must(usersync.Two("bad", usersync.ErrNotFound)) })
	return fmt.Sprint(u.Code, v == any(usersync.ErrNotFound))
}

func libraryGenerics(context.Context) string {
	users := []usersync.User{{Code: "b", Level: usersync.High}, {Code: "a"}}
	slices.SortFunc(users, func(a, b usersync.User) int { return cmp.Compare(a.Code, b.Code) })
	i := slices.IndexFunc(users, func(u usersync.User) bool { return u.Level == usersync.High })
	by := map[usersync.Level]*usersync.User{usersync.Low: &users[0]}
	keys := slices.Collect(maps.Keys(by))
	var p atomic.Pointer[usersync.User]
	p.Store(&users[1])
	c, ok := errors.AsType[*usersync.ConfigError](fmt.Errorf("w: %w", &usersync.ConfigError{Field: "x", Err: usersync.ErrNotFound}))
	once := sync.OnceValue(func() usersync.Query { return usersync.Query{Limit: 3} })
	return fmt.Sprint(users, i, keys, p.Load().Code, c.Field, ok, once().Limit, slices.Max([]usersync.Level{0, 2, 1}), min(usersync.High, usersync.Low))
}

func templates(context.Context) string {
	t := template.Must(template.New("").Funcs(template.FuncMap{"level": func(n int) usersync.Level { return usersync.Level(n) }}).Parse(
		`{{range .Users}}{{.Code}} {{.Key}} {{.Where}} {{.Base.ID}} {{end}}{{with .One}}{{.Touched}}{{.Manager}}{{end}}{{level 2}}`))
	var b strings.Builder
	one := usersync.NewUser("one")
	one.Touch(2)
	err := t.Execute(&b, map[string]any{"Users": []*usersync.User{usersync.NewUser("a")}, "One": one})
	err2 := t.Execute(&b, struct {
		Users usersync.Group
		One   *usersync.User
	}{usersync.Group{*one}, one})
	return fmt.Sprint(b.String(), err, err2)
}

func gobAndXML(context.Context) string {
	type doc struct {
		XMLName xml.Name         `xml:"doc"`
		Query   usersync.Query   `xml:"query"`
		Levels  []usersync.Level `xml:"level"`
	}
	text, err := xml.Marshal(doc{Query: usersync.Query{Department: "d"}, Levels: []usersync.Level{usersync.High}})
	var back doc
	err2 := xml.Unmarshal(text, &back)
	var b bytes.Buffer
	err3 := gob.NewEncoder(&b).Encode(map[string]usersync.Query{"q": {Limit: 7}})
	var m map[string]usersync.Query
	err4 := gob.NewDecoder(&b).Decode(&m)
	return fmt.Sprint(string(text), err, back.Query, back.Levels, err2, err3, m, err4)
}

func arrayLengths(context.Context) string {
	var a [usersync.Limit / 85]usersync.Level
	const twice = usersync.Timeout * 2
	b := [...]string{usersync.Low: "l", usersync.High: "h"}
	return fmt.Sprint(len(a), twice, len(b), usersync.MaxUsers>>38, -usersync.Negative, usersync.Typed<<2)
}

func casesOfErrors(context.Context) string {
	var b strings.Builder
	for _, err := range []error{usersync.StatusError(1), &usersync.ConfigError{Field: "f", Err: usersync.ErrNotFound}, usersync.ErrNotFound, &ownError{usersync.ErrNotFound}, nil} {
		switch e := err.(type) {
		case *usersync.ConfigError, usersync.StatusError:
			fmt.Fprintf(&b, "host %v;", e)
		case interface{ Unwrap() error }:
			fmt.Fprint(&b, "wraps;", e.Unwrap() == usersync.ErrNotFound)
		default:
			fmt.Fprint(&b, "other;", err == usersync.ErrNotFound, err == nil)
		}
	}
	return b.String()
}

func logs(context.Context) string {
	var b strings.Builder
	h := slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	slog.New(h).Info("m", "user", usersync.NewUser("u"), "level", usersync.High, "err", usersync.ErrWrapped, "own", secret{"v", "h"})
	return b.String()
}

func shadows(context.Context) string {
	user := usersync.NewUser
	{
		usersync := user("shadow")
		usersync.Rename("inner")
		return usersync.String()
	}
}

func deferred(context.Context) (said string) {
	u := usersync.NewUser("d")
	defer func() { said += u.Name }()
	defer u.Rename("last")
	for i := range 3 {
		defer u.Touch(i)
	}
	defer func(c int) { said = fmt.Sprint(c, u.Touched()) }(u.Touched())
	u.Touch(10)
	return ""
}

type holder struct {
	*usersync.User
	usersync.Visitor
	Extra string
}

func embeddedPointers(context.Context) string {
	h := holder{User: usersync.NewUser("h"), Visitor: no(1)}
	h.Rename("renamed")
	h.ID = 12
	var s fmt.Stringer = h
	var v usersync.Visitor = h
	empty := holder{}
	p := usersync.Protect(func() { _ = empty.Code })
	return fmt.Sprint(h.Key(), s, v.Visit(h.User), h.User.Name, p != nil, empty.User == nil)
}

func typedNil(context.Context) string {
	var c *usersync.ConfigError
	var err error = c
	var s *source
	var ds usersync.DataSource = s
	var none usersync.DataSource
	return fmt.Sprint(err == nil, ds == nil, none == nil, usersync.Options{}.Source == nil, usersync.Options{Source: ds}.Source == nil)
}

var (
	shared = usersync.NewUser(prefix + "shared")
	prefix = strings.ToLower(usersync.Format(usersync.User{Code: "X"})) + " "
	titles = map[usersync.Level]string{usersync.Low: "l", usersync.High: "h"}
	_      = usersync.DataSource((*source)(nil))
)

func packageVariables(context.Context) string {
	return fmt.Sprint(shared.Code, titles[usersync.High], len(titles))
}
