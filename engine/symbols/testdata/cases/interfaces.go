package cases

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
)

// source is a plugin's implementation of a host's interface.
type source struct {
	users int
	err   error
	asked usersync.Query
}

func (s *source) TestConnection(ctx context.Context) error { return ctx.Err() }

func (s *source) FetchUsers(_ context.Context, q usersync.Query) ([]usersync.User, error) {
	s.asked = q
	var list []usersync.User
	for i := range s.users {
		list = append(list, usersync.User{Code: fmt.Sprint("u", i), Base: usersync.Base{ID: i}, Level: usersync.High})
	}
	return list, s.err
}

type stopper struct{ at string }

func (s stopper) Visit(u *usersync.User) bool { u.Rename("visited"); return u.Code != s.at }

func interfaces(ctx context.Context) string {
	s := &source{users: 3}
	var out bytes.Buffer
	var seen []string
	text, err := usersync.Run(ctx, usersync.Options{
		Source: s, Out: &out, Next: stopper{"u1"}, Extra: usersync.Low,
		OnUser:  func(u usersync.User) error { seen = append(seen, u.Key()); return nil },
		Formats: map[string]func(int) string{"b": func(n int) string { return fmt.Sprint("b", n) }, "a": nilSafe},
	})
	return fmt.Sprint(text, err, out.String(), seen, s.asked)
}

func nilSafe(n int) string { return strings.Repeat("a", n) }

type secret struct{ visible, hidden string }

func (s secret) String() string { return s.visible }

type shaped struct {
	Name   string
	hidden int
}

func ownValues(ctx context.Context) string {
	var b strings.Builder
	for _, v := range []any{secret{"v", "h"}, &secret{"p", "h"}, shaped{"n", 1}, []shaped{{"m", 2}}, local{"d", 1}, stopper{}} {
		text, err := usersync.Run(ctx, usersync.Options{Source: &source{}, Extra: v})
		fmt.Fprintln(&b, text, err)
	}
	o := usersync.Options{Source: &source{users: 2}, Extra: secret{"kept", "h"}, Next: stopper{"x"}}
	s, isSource := o.Source.(*source)
	k, isSecret := o.Extra.(secret)
	_, isStopper := o.Next.(stopper)
	_, isWrong := o.Next.(interface{ Close() error })
	fmt.Fprintln(&b, isSource, s.users, isSecret, k.hidden, isStopper, isWrong, o.Source == usersync.DataSource(s))
	return b.String()
}

func assertions(ctx context.Context) string {
	var ds usersync.DataSource = &source{}
	var a any = ds
	_, ok := a.(usersync.DataSource)
	_, ok2 := a.(usersync.Visitor)
	_, ok3 := a.(interface {
		TestConnection(context.Context) error
	})
	var v usersync.Visitor = stopper{}
	_, ok4 := any(v).(usersync.Visitor)
	var nothing usersync.Visitor
	_, ok5 := any(nothing).(usersync.Visitor)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	return fmt.Sprint(ok, ok2, ok3, ok4, ok5, ds.TestConnection(cancelled), nothing == nil)
}

func switches(context.Context) string {
	var b strings.Builder
	for _, v := range []any{usersync.High, usersync.NewUser("s"), usersync.User{}, &source{}, stopper{}, usersync.ErrNotFound, 1, usersync.Query{}, nil} {
		switch v := v.(type) {
		case usersync.Level:
			fmt.Fprint(&b, "level ", int(v))
		case *usersync.User:
			fmt.Fprint(&b, "user ", v.Code)
		case usersync.DataSource:
			fmt.Fprint(&b, "source")
		case usersync.Visitor:
			fmt.Fprint(&b, "visitor")
		case fmt.Stringer:
			fmt.Fprint(&b, "stringer")
		case error:
			fmt.Fprint(&b, "error ", v)
		case usersync.Query, nil:
			fmt.Fprintf(&b, "%T", v)
		default:
			fmt.Fprint(&b, "other")
		}
		b.WriteString("; ")
	}
	return b.String()
}

type reader struct {
	io.Reader
	n int
}

func (r *reader) String() string { return "reader" }

func (r *reader) Size(n int, of ...string) (int, error) {
	return r.n + n + len(of), nil
}

func streams(context.Context) string {
	text, err := usersync.Drain(&reader{strings.NewReader("content"), 3})
	var s usersync.Stream = &reader{Reader: strings.NewReader("x")}
	n, err2 := s.Size(1)
	var r io.Reader = s
	all, err3 := io.ReadAll(r)
	return fmt.Sprint(text, err, n, err2, string(all), err3, s)
}

func jsonForms(context.Context) string {
	var u usersync.User
	err := json.Unmarshal([]byte(`{"id": 7, "from": "there", "code": "c", "level": "high", "leaders": ["a"], "properties": {"x": [1, "y"]},
		"manager": {"code": "m", "level": "low"}, "hidden": "no", "Hidden": "no", "note": "no"}`), &u)
	text, err2 := json.Marshal(u)
	var bad usersync.User
	err3 := json.Unmarshal([]byte(`{"level": "none"}`), &bad)
	var list []usersync.Query
	err4 := json.NewDecoder(strings.NewReader(`[{"department": "d", "limit": 4}]`)).Decode(&list)
	return fmt.Sprint(err, string(text), err2, usersync.Inspect(err3), list, err4, u.Hidden, u.Note(), u.Manager.Code)
}

type envelope struct {
	User    usersync.User             `json:"user"`
	Levels  map[usersync.Level]int    `json:"levels"`
	Queries []*usersync.Query         `json:"queries"`
	Any     any                       `json:"any"`
	By      map[string]usersync.Query `json:"by,omitempty"`
	secret  string
}

func ownJSON(context.Context) string {
	e := envelope{User: *usersync.NewUser("e"), Levels: map[usersync.Level]int{usersync.High: 1}, Any: usersync.Query{Limit: 2}, secret: "s"}
	text, err := json.Marshal(e)
	var back envelope
	err2 := json.Unmarshal(text, &back)
	emp, err3 := json.Marshal(Employee{User: usersync.User{Code: "x"}, Salary: 3})
	return fmt.Sprint(string(text), err, err2, back.User.Code, back.Levels, back.Any, string(emp), err3)
}

func jsonThrough(context.Context) string {
	text, err := usersync.Encode(envelope{secret: "s", Any: shaped{"n", 1}})
	var back usersync.User
	err2 := usersync.Decode(`{"code": "through", "level": "high"}`, &back)
	u := usersync.User{Properties: map[string]any{"own": shaped{"in any", 1}, "users": []usersync.Query{{Limit: 1}}}}
	text2, err3 := usersync.Encode(u)
	text3, err4 := json.Marshal(u)
	return fmt.Sprint(text, err, err2, back.Code, back.Level, text2, err3, string(text3), err4)
}

func printing(context.Context) string {
	u := *usersync.NewUser("pr")
	s := shaped{"n", 1}
	return fmt.Sprintf("%v %+v %T %T %v|", u, usersync.Query{"d", 1}, u, &u, usersync.Default) +
		fmt.Sprintf("%v %+v %s|", s, envelope{User: u, secret: "x"}.Levels, secret{"v", "h"}) +
		fmt.Sprintf("%#v %v %v", usersync.Query{"d", 1}, []usersync.Level{1, 2}, map[string]usersync.Level{"a": 1}) +
		usersync.TypeName(u) + usersync.Describe(u) + usersync.Describe(secret{"v", "h"}) + usersync.Describe(s) + usersync.Describe(usersync.Default)
}

func inAny(context.Context) string {
	var a any = usersync.Query{Department: "d"}
	q, ok := a.(usersync.Query)
	q.Limit = 5
	list := []any{usersync.Low, usersync.NewUser("l"), q}
	m := map[usersync.Query]any{{}: usersync.Low}
	return fmt.Sprint(ok, q, a, list, m[usersync.Query{}] == any(usersync.Low), m[q] == nil)
}
