package cases

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/audit"
)

func structs(context.Context) string {
	u := usersync.User{Code: "c", Name: "n", Leaders: []string{"l"}, Base: usersync.Base{ID: 3}}
	v := u
	v.Leaders[0], v.Name, v.ID = "shared", "other", 4
	u.Manager = &v
	u.Manager.Properties = map[string]any{"k": 1}
	return fmt.Sprint(u.Code, u.Name, u.Leaders, u.ID, u.Base.ID, v.ID, v.Name, u.Manager.Properties["k"], len(v.Properties))
}

func methods(context.Context) string {
	u := usersync.NewUser("abc")
	u.Rename("x")
	w := *u
	w.Rename("y")
	(&w).Rename(w.Name + "z")
	return fmt.Sprint(u.String(), w.String(), u.Note(), w.Note(), u, w)
}

func promoted(context.Context) string {
	u := usersync.NewUser("abcd")
	u.Touch(2)
	u.Base.Touch(3)
	u.From = "here"
	return fmt.Sprint(u.Key(), u.Touched(), u.Where(), u.From, u.ID, u.Created.IsZero())
}

func pointers(context.Context) string {
	u := usersync.NewUser("p")
	id := &u.ID
	*id = 42
	q := &usersync.Query{Limit: 1}
	r := q
	r.Limit++
	var none *usersync.User
	var s *usersync.Settings = usersync.Default
	return fmt.Sprint(u.ID, q.Limit, q == r, none == nil, s == usersync.Default, none.Manager == nil)
}

func literals(context.Context) string {
	list := []usersync.Query{{"a", 1}, {Department: "b"}}
	table := map[string]*usersync.Settings{"x": {Name: "n", Next: &usersync.Settings{Tags: []string{"t"}}}}
	array := [...]usersync.Level{usersync.High: usersync.Low}
	nested := map[usersync.Level][]usersync.Base{usersync.Middle: {{ID: 1}, {ID: 2}}}
	return fmt.Sprint(list, table["x"].Next.Tags, len(array), nested, usersync.Query{})
}

func mapsOf(context.Context) string {
	users := map[string]usersync.User{"b": *usersync.NewUser("b"), "a": {Code: "a"}}
	table := usersync.Table("x", "yy")
	table["x"].Rename("in place")
	delete(table, "yy")
	usersync.Codes["two"] = 2
	byLevel := map[usersync.Level]int{usersync.Low: 1}
	byLevel[usersync.Low] += 2
	byKey := map[usersync.Query]string{{"d", 1}: "found"}
	_, ok := users["c"]
	return fmt.Sprint(usersync.Names(users), table["x"], len(table), usersync.Codes["two"], byLevel, byKey[usersync.Query{Department: "d", Limit: 1}], ok)
}

func slicesOf(context.Context) string {
	users := []usersync.User{*usersync.NewUser("b"), *usersync.NewUser("a")}
	sort.Slice(users, func(i, j int) bool { return users[i].Code < users[j].Code })
	users = append(users, users[0])
	for i := range users {
		users[i].Rename(fmt.Sprint(i))
	}
	out := usersync.Apply(func(u usersync.User) usersync.User { u.Name += "!"; return u }, users...)
	none := usersync.Apply(nil)
	return fmt.Sprint(users, out, none == nil, usersync.Apply(func(u usersync.User) usersync.User { return u }, users[0]))
}

func channels(context.Context) string {
	var b strings.Builder
	for u := range usersync.Watch("a", "bb") {
		b.WriteString(u.Key())
	}
	c := make(chan *usersync.User, 1)
	c <- usersync.NewUser("sent")
	select {
	case u := <-c:
		b.WriteString(u.Code)
	case <-time.After(time.Minute):
	}
	return b.String()
}

func comparison(context.Context) string {
	a, b := usersync.Query{Department: "d"}, usersync.Query{Department: "d"}
	var x, y any = a, b
	return fmt.Sprint(a == b, x == y, x == any(usersync.Query{}), usersync.Base{ID: 1} == usersync.Base{ID: 1}, any(usersync.Low) == any(0))
}

// Employee is a type of the plugin that embeds one of the host.
type Employee struct {
	usersync.User
	Salary int `json:"salary"`
}

// Key hides a promoted method.
func (e Employee) Key() string { return "employee " + e.User.Key() }

func embedding(context.Context) string {
	e := Employee{User: *usersync.NewUser("emp"), Salary: 1}
	e.Rename("renamed")
	e.Touch(1)
	e.ID++
	var s fmt.Stringer = e
	p := &Employee{User: e.User}
	p.Touch(4)
	return fmt.Sprint(e.Key(), e.Where(), e.Name, e.Touched(), s.String(), p.Touched(), p.Key(), e.User.Key())
}

type (
	local   usersync.Query
	levels  []usersync.Level
	byLevel map[usersync.Level]usersync.User
)

func (l local) Text() string { return l.Department }

func (l levels) Len() int           { return len(l) }
func (l levels) Less(i, j int) bool { return l[i] < l[j] }
func (l levels) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }

func overHost(context.Context) string {
	q := local{Department: "dep", Limit: 3}
	l := levels{usersync.High, usersync.Low}
	sort.Sort(l)
	m := byLevel{usersync.High: *usersync.NewUser("h")}
	back := usersync.Query(q)
	return fmt.Sprint(q.Text(), back.Limit, l, m[usersync.High].Code, len(m))
}

func conversions(context.Context) string {
	type same struct {
		Department string `json:"department" doc:"its code"`
		Limit      int    `json:"limit" default:"10" maximum:"100"`
	}
	s := same(usersync.Query{Department: "x", Limit: 1})
	q := usersync.Query(s)
	return fmt.Sprint(s.Department, q.Limit, usersync.Level(2), int(usersync.High), float64(usersync.Middle), usersync.StatusError(usersync.High))
}

func reflection(context.Context) string {
	t := reflect.TypeFor[usersync.User]()
	f, _ := t.FieldByName("Code")
	m, ok := reflect.TypeOf(usersync.NewUser("")).MethodByName("Rename")
	v := reflect.ValueOf(usersync.NewUser("v"))
	v.Elem().FieldByName("Name").SetString("set")
	return fmt.Sprint(t, t.NumField(), f.Tag.Get("json"), m.Name, ok, v.Interface(), t.PkgPath(), reflect.DeepEqual(usersync.Query{}, usersync.Query{}))
}

func others(context.Context) string {
	e := usersync.Last(3)
	e.Number++
	var f audit.Entry = e
	n := usersync.Record(counter{2}, "a", "bcd")
	return fmt.Sprint(e.Number, f.Text, f.Size(), n, e)
}

type counter struct{ times int }

func (c counter) Record(e audit.Entry) int { return c.times * e.Size() }
