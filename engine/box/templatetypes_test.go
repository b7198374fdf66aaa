package box_test

import (
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

type pageColor int

func (c pageColor) String() string { return [...]string{"red", "green", "blue"}[c] }

type pageRole string

type pageLabel string

func (l pageLabel) String() string { return "<" + string(l) + ">" }

type pageMoney int64

func (m *pageMoney) String() string { return fmt.Sprintf("$%d", int64(*m)) }

func (m pageMoney) Cents() int { return int(m) * 100 }

type pageErr struct{ Code int }

func (e pageErr) Error() string { return "E" + strconv.Itoa(e.Code) }

type pageAddr struct {
	City string
	Zip  int
}

func (a pageAddr) Short() string { return a.City[:2] }

func (a *pageAddr) Full() string { return a.City + " " + strconv.Itoa(a.Zip) }

type pageBase struct {
	ID   int
	Kind pageRole
}

func (b pageBase) Shout() string { return fmt.Sprint(b.ID) + "!" }

func (b *pageBase) Ref() string { return fmt.Sprint("ref", b.ID) }

type pageExtra struct{ Note string }

func (e *pageExtra) Remark() string { return "remark " + e.Note }

type pageUser struct {
	pageBase
	*pageExtra
	Name  string
	Age   int
	Addr  pageAddr
	Home  *pageAddr
	Role  pageRole
	Roles []pageRole
	Tags  []string
	Meta  map[string]int
	priv  string
}

func (u pageUser) Upper() string                       { return strings.ToUpper(u.Name) }
func (u pageUser) Greet(s string, n int) string        { return strings.Repeat(s+" ", n) + u.Name }
func (u *pageUser) Adult() bool                        { return u.Age >= 18 }
func (u pageUser) Has(r pageRole) bool                 { return u.Role == r }
func (u pageUser) First() (pageRole, error)            { return u.Nth(0) }
func (u pageUser) Join(sep string, x ...string) string { return strings.Join(x, sep) }
func (u pageUser) Price(m pageMoney) pageMoney         { return m + 1 }
func (u pageUser) Move(a pageAddr) string              { return u.Name + " to " + a.City }
func (u pageUser) Any(x any) string                    { return fmt.Sprintf("%v", x) }
func (u pageUser) Two() (int, string)                  { return 1, "x" }
func (u pageUser) Nothing()                            {}
func (u pageUser) Panics() string                      { panic("no way") }
func (u pageUser) PanicsErr() string                   { panic(pageErr{7}) }
func (u pageUser) Self() *pageUser                     { return &u }
func (u pageUser) hidden() string                      { return u.priv }
func (u pageUser) Visible() string                     { return u.hidden() }

func (u pageUser) Nth(i int) (pageRole, error) {
	if i >= len(u.Roles) {
		return "", pageErr{i}
	}
	return u.Roles[i], nil
}

type pageShape interface{ Area() int }

type pageSquare struct{ Side int }

func (s pageSquare) Area() int { return s.Side * s.Side }

type pageSet map[string]pageColor

func (s pageSet) Size() int { return len(s) }

type pageTeam []pageUser

func (t pageTeam) Total() (n int) {
	for _, u := range t {
		n += u.Age
	}
	return n
}

type pagePair[K comparable, V any] struct {
	Key K
	Val V
}

func (p pagePair[K, V]) Show() string { return fmt.Sprint(p.Key, "=", p.Val) }

type pageNode struct {
	Name string
	Kids []*pageNode
	Next *pageNode
}

func (n *pageNode) Leaf() bool { return len(n.Kids) == 0 }

type pageJSON struct{ A, B int }

func (j pageJSON) MarshalJSON() ([]byte, error) { return []byte(`"<` + strconv.Itoa(j.A) + `>"`), nil }

func (j pageJSON) String() string { return "not this" }

type pageBad struct{ pageJSON }

func (pageBad) MarshalJSON() ([]byte, error) { return nil, errors.New("no */ <script> <!-- here") }

type pagePanicking string

func (pagePanicking) String() string { panic(pageErr{8}) }

type pageTimes struct {
	time.Duration
	When time.Time
}

type pageData struct {
	User    pageUser
	Ptr     *pageUser
	NilPtr  *pageUser
	PtrPtr  **pageUser
	Team    pageTeam
	People  []*pageUser
	ByName  map[string]pageUser
	Colors  map[pageColor]string
	Set     pageSet
	Role    pageRole
	Label   pageLabel
	Color   pageColor
	ColorP  *pageColor
	Money   pageMoney
	Err     error
	NilErr  error
	Shape   pageShape
	NoShape pageShape
	Any     any
	NilAny  any
	Anys    []any
	Map     map[string]any
	Arr     [3]pageRole
	Empty   []pageRole
	NoMap   pageSet
	Anon    struct{ X, y int }
	Pair    pagePair[string, pageColor]
	Func    func(int) string
	NilFunc func(int) string
	Chan    chan int
	Raw     template.HTML
	Link    template.URL
	Times   pageTimes
	JSON    pageJSON
	Float   float64
	Flag    bool
	Bytes   []byte
	Str     fmt.Stringer
	Matrix  [][]pageColor
	Void    struct{}
	Bad     pageBad
	Bads    []pageBad

	Panicking pagePanicking
	AnyRole   *any
	AnyNil    *any
}

func newPageData() *pageData {
	u := pageUser{
		pageBase: pageBase{7, "base"}, pageExtra: &pageExtra{"n"}, Name: "bob", Age: 20,
		Addr: pageAddr{"Paris", 75}, Home: &pageAddr{"Rome", 1}, Role: "admin", Roles: []pageRole{"a<b", "c"},
		Tags: []string{"x", "y", "z"}, Meta: map[string]int{"k": 7, "j": 8}, priv: "secret",
	}
	young := &pageUser{Name: "<kid>", Age: 5}
	ptr := &u
	green := pageColor(1)
	role := any(pageRole("any role"))
	return &pageData{
		AnyRole: &role, AnyNil: new(any), Bads: make([]pageBad, 2),
		User: u, Ptr: ptr, PtrPtr: &ptr, Team: pageTeam{u, *young}, People: []*pageUser{ptr, young},
		ByName: map[string]pageUser{"z": u, "a": *young}, Colors: map[pageColor]string{2: "two", 0: "zero"},
		Set: pageSet{"p": 1, "q": 2}, Role: "r&d", Label: "lab", Color: 2, ColorP: &green, Money: 12, Err: pageErr{4},
		Shape: pageSquare{3}, Any: pageAddr{"Oslo", 2},
		Anys: []any{1, "s", pageColor(1), pageRole("q"), nil, pageAddr{"B", 3}, &pageAddr{"C", 4}, errors.New("plain")},
		Map:  map[string]any{"n": 1, "c": pageColor(0), "u": ptr, "r": pageRole("role"), "nil": nil, "l": []pageRole{"x"}},
		Arr:  [3]pageRole{"one", "two", "three"}, Anon: struct{ X, y int }{9, 8},
		Pair: pagePair[string, pageColor]{"k", 1}, Func: func(n int) string { return strings.Repeat("f", n) },
		Raw: "<i>raw</i>", Link: "javascript:ok()", Times: pageTimes{Duration: time.Second, When: time.Unix(0, 0).UTC()},
		JSON: pageJSON{1, 2}, Float: 1.5, Flag: true, Bytes: []byte("hi"), Str: pageLabel("str"),
		Matrix: [][]pageColor{{0, 1}, {2}},
	}
}
