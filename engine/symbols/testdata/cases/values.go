package cases

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
)

func constants(context.Context) string {
	var f float32 = usersync.Third
	var b byte = usersync.Separator
	d := usersync.Timeout
	sep, whole, tiny := usersync.Separator, usersync.Whole, usersync.Tiny*1e400
	var debug usersync.Level
	if usersync.Debug {
		debug = 1
	}
	return fmt.Sprintf("%s %d %d %T %T %v %v %v %T %v %v %d %T %v %v %v %v", usersync.Version, usersync.MaxUsers, usersync.Huge>>90, sep, whole, f, b, d,
		usersync.Typed, usersync.Typed, usersync.Limit, usersync.Negative, usersync.MaxUsers, debug, usersync.Wave, tiny, usersync.Third)
}

func enumerations(context.Context) string {
	var l usersync.Level
	_ = l.UnmarshalText([]byte("high"))
	n := 0
	for i := usersync.Low; i <= usersync.High; i++ {
		n += int(i)
	}
	return fmt.Sprint(l, usersync.Middle, n, l == usersync.High) + fmt.Sprintf("%d %v %T", l, usersync.Low, usersync.Middle)
}

func variables(context.Context) string {
	usersync.Default.Tags = append(usersync.Default.Tags[:1:1], "mine")
	defer func() { usersync.Default.Tags = []string{"a", "b"} }()
	return fmt.Sprint(usersync.Default.Name, usersync.Default.Tags, usersync.Codes["one"], usersync.Format(usersync.User{Code: "f"}), usersync.Count)
}

func functions(context.Context) string {
	f := usersync.NewUser
	apply := usersync.Apply
	return fmt.Sprint(f("x").Code, len(apply(func(u usersync.User) usersync.User { return u })), usersync.Describe(1), usersync.Describe(nil))
}

func closures(context.Context) string {
	var fs []func(usersync.User) usersync.User
	for i := range 3 {
		fs = append(fs, func(u usersync.User) usersync.User { u.ID += i; return u })
	}
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprint(&b, usersync.Apply(f, usersync.User{})[0].ID)
	}
	return b.String()
}

func methodValues(context.Context) string {
	u := usersync.NewUser("mv")
	rename, key := u.Rename, u.Key
	rename("bound")
	u.ID = 99
	str := usersync.User.String
	touch := (*usersync.Base).Touch
	touch(&u.Base, 5)
	return fmt.Sprint(u.Name, key(), str(*u), u.Touched())
}

func sentinels(context.Context) string {
	err := fmt.Errorf("plugin: %w", usersync.ErrNotFound)
	joined := errors.Join(io.EOF, usersync.ErrWrapped)
	return fmt.Sprint(errors.Is(err, usersync.ErrNotFound), errors.Is(joined, usersync.ErrNotFound), usersync.ErrWrapped == usersync.ErrNotFound,
		usersync.Inspect(err), usersync.Inspect(joined), usersync.Inspect(nil))
}

func errorTypes(context.Context) string {
	var err error = &usersync.ConfigError{Field: "f", Err: usersync.ErrNotFound}
	wrapped := fmt.Errorf("w: %w", err)
	var config *usersync.ConfigError
	as := errors.As(wrapped, &config)
	var status usersync.StatusError
	as2 := errors.As(errors.Join(wrapped, usersync.StatusError(404)), &status)
	_, isConfig := err.(*usersync.ConfigError)
	return fmt.Sprint(as, config.Field, as2, int(status), isConfig, usersync.Inspect(wrapped), usersync.Inspect(usersync.StatusError(1)), config.Err == usersync.ErrNotFound)
}

type ownError struct{ cause error }

func (e *ownError) Error() string { return "own: " + e.cause.Error() }
func (e *ownError) Unwrap() error { return e.cause }

type isError string

func (e isError) Error() string        { return string(e) }
func (e isError) Is(target error) bool { return target == usersync.ErrNotFound }

type asError struct{}

func (asError) Error() string { return "as" }
func (asError) As(target any) bool {
	if p, ok := target.(**usersync.ConfigError); ok {
		*p = &usersync.ConfigError{Field: "from as", Err: io.EOF}
		return true
	}
	return false
}

func ownErrors(context.Context) string {
	err := &ownError{&usersync.ConfigError{Field: "inner", Err: usersync.ErrNotFound}}
	return fmt.Sprint(usersync.Inspect(err), "|", usersync.Inspect(isError("is")), "|", usersync.Inspect(asError{}), "|", usersync.Inspect(fmt.Errorf("a: %w", err)))
}

func errorsThrough(ctx context.Context) string {
	own := &ownError{usersync.StatusError(7)}
	_, err := usersync.Run(ctx, usersync.Options{Source: &source{err: own}})
	var back *ownError
	_, err2 := usersync.Run(ctx, usersync.Options{Source: &source{}, Err: own})
	_, err3 := usersync.Run(ctx, usersync.Options{Source: &source{users: 1}, OnUser: func(usersync.User) error { return usersync.ErrWrapped }})
	return fmt.Sprint(err, errors.As(err, &back), back == own, err2 == error(own), usersync.Inspect(err), err3 == usersync.ErrWrapped)
}

func instances(context.Context) string {
	p := usersync.List("a", "bb")
	for i := range p.Items {
		p.Items[i].Rename("n")
	}
	p.Next += "!"
	q := usersync.Numbers(3, 4)
	q.Items = append(q.Items, 5)
	r := usersync.UserPage{Next: "own"}
	r.Items = p.Items[:1]
	q2 := *q
	q2.Next = "copy"
	return fmt.Sprint(p.Items, p.Next, p.Len(), q.Items[2], q.Len(), r.Len(), r.Next, q2.Next, q.Next == "")
}

func hidden(context.Context) string {
	c := usersync.Client("c")
	c.Call()
	d := c
	e := *c
	e.Name = "copy"
	list := append(make([]string, 0), c.Name, e.Name)
	var any1 any = c
	_, isStringer := any1.(fmt.Stringer)
	f := usersync.Client
	return fmt.Sprint(d.Call(), e.Call(), list, isStringer, f("g").Name)
}

func sealed(context.Context) string {
	s := usersync.NewSealed("s")
	var t usersync.Sealed = s
	_, ok := any(t).(usersync.Sealed)
	return fmt.Sprint(t.Open(), ok, s == t)
}

func aliases(ctx context.Context) string {
	var c usersync.Context = ctx
	f := func(usersync.Context) string { return "called" }
	var g func(context.Context) string = f
	return g(c)
}

type pair[A, B any] struct {
	First  A
	Second B
}

func convert[T, R any](list []T, f func(T) R) []R {
	out := make([]R, 0, len(list))
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

func generics(context.Context) string {
	users := []usersync.User{*usersync.NewUser("g")}
	p := pair[usersync.Level, *usersync.User]{usersync.High, &users[0]}
	return fmt.Sprint(convert(users, usersync.User.Key), convert([]usersync.Level{0, 1}, usersync.Level.String), p.First, p.Second.Code,
		convert(users, func(u usersync.User) usersync.Query { return usersync.Query{Department: u.Code} }))
}
