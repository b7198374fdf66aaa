// Package usersync is a host's package, for tests: what plugins may meet in one.
package usersync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/audit"
)

// Base is embedded.
type Base struct {
	ID      int       `json:"id"`
	Created time.Time `json:"created,omitzero"`
	touched int
}

// Key has a value receiver.
func (b Base) Key() string { return fmt.Sprintf("#%d", b.ID) }

// Touch has a pointer receiver.
func (b *Base) Touch(n int) { b.touched += n }

// Touched counts.
func (b *Base) Touched() int { return b.touched }

type origin struct {
	From string `json:"from,omitempty"`
}

// Where is promoted through a type that is not exported.
func (o origin) Where() string { return "from " + o.From }

// User has everything a struct may have.
type User struct {
	Base
	origin

	Code       string         `json:"code"`
	Name       string         `json:"name,omitempty"`
	Leaders    []string       `json:"leaders"`
	Properties map[string]any `json:"properties,omitempty"`
	Manager    *User          `json:"manager,omitempty"`
	Level      Level          `json:"level"`
	Hidden     string         `json:"-"`
	note       string
}

// NewUser makes one.
func NewUser(code string) *User {
	return &User{Code: code, Base: Base{ID: len(code)}, origin: origin{"code"}, note: "made"}
}

func (u User) String() string { return u.Code + "<" + u.Name + ">" }

// Rename has a pointer receiver.
func (u *User) Rename(name string) { u.Name = name }

// Note returns what is not exported.
func (u User) Note() string { return u.note }

// Level is an enumeration.
type Level int

// The levels.
const (
	Low Level = iota
	Middle
	High
)

func (l Level) String() string { return [...]string{"low", "middle", "high"}[l] }

// MarshalText has a value receiver, UnmarshalText a pointer.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText takes what MarshalText gives.
func (l *Level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = Low
	case "middle":
		*l = Middle
	case "high":
		*l = High
	default:
		return &ConfigError{Field: "level", Err: ErrNotFound}
	}
	return nil
}

// Constants of all kinds.
const (
	Version         = "v\"3\""
	MaxUsers        = 1 << 40
	Huge            = 1 << 100
	Negative        = -12
	Third           = 1.0 / 3
	Whole           = 2.0
	Tiny            = 1e-400
	Separator       = ';'
	Debug           = false
	Wave            = 2i
	Typed     int8  = 7
	Limit     uint8 = 255
	Timeout         = 90 * time.Second
)

// The variables of the package.
var (
	ErrNotFound = errors.New("not found")
	ErrWrapped  = fmt.Errorf("wrapped: %w", ErrNotFound)
	Default     = &Settings{Name: "default", Tags: []string{"a", "b"}}
	Codes       = map[string]int{"one": 1}
	Format      = func(u User) string { return "user " + u.Code }
	Count       int
)

// Settings have no methods.
type Settings struct {
	Name string
	Tags []string
	Next *Settings
}

// ConfigError has pointer receivers.
type ConfigError struct {
	Field string
	Err   error
}

func (e *ConfigError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// StatusError has a value receiver.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("status %d", int(e)) }

// Query is a parameter.
type Query struct {
	Department string `json:"department" doc:"its code"`
	Limit      int    `json:"limit" default:"10" maximum:"100"`
}

// DataSource is what plugins implement.
type DataSource interface {
	TestConnection(ctx context.Context) error
	FetchUsers(ctx context.Context, q Query) ([]User, error)
}

// Stream embeds an interface of another package.
type Stream interface {
	io.Reader
	fmt.Stringer
	Size(_ int, of ...string) (n int, err error)
}

// Visitor has one method.
type Visitor interface{ Visit(u *User) bool }

// Sealed is nobody else's to implement.
type Sealed interface {
	Open() string
	sealed()
}

// Private mentions what others cannot name.
type Private interface{ Use(c *client) }

type key struct{ name string }

func (k key) Open() string { return "opened " + k.name }
func (key) sealed()        {}

// NewSealed returns a type that is not exported, as an interface.
func NewSealed(name string) Sealed { return key{name} }

// Client is the result of a function as a type that is not exported.
func Client(name string) *client { return &client{Name: name} } //nolint:revive // as some packages have it

type client struct {
	Name  string
	calls int
}

func (c *client) Call() int {
	c.calls++
	return c.calls
}

// Options has fields of all kinds.
type Options struct {
	OnUser  func(User) error
	Source  DataSource
	Next    Visitor
	Out     io.Writer
	Extra   any
	Formats map[string]func(int) string
	Err     error
}

// Run uses all of them.
func Run(ctx context.Context, o Options) (string, error) {
	var out strings.Builder
	users, err := o.Source.FetchUsers(ctx, Query{Department: "d", Limit: 2})
	if err != nil {
		return "", fmt.Errorf("run: %w", err)
	}
	for i := range users {
		if o.OnUser != nil {
			if err := o.OnUser(users[i]); err != nil {
				return out.String(), err
			}
		}
		if o.Next != nil && !o.Next.Visit(&users[i]) {
			break
		}
		fmt.Fprintln(&out, users[i], users[i].Key())
	}
	if o.Out != nil {
		fmt.Fprintf(o.Out, "%d users", len(users))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Formats)) {
		out.WriteString(o.Formats[name](len(name)))
	}
	fmt.Fprint(&out, o.Extra)
	return out.String(), o.Err
}

// Apply is variadic.
func Apply(f func(User) User, users ...User) []User {
	var list []User
	for _, u := range users {
		list = append(list, f(u))
	}
	return list
}

// Describe prints a value.
func Describe(v any) string { return fmt.Sprintf("%v %+v", v, v) }

// TypeName says what a value is.
func TypeName(v any) string { return fmt.Sprintf("%T", v) }

// Visits asks a data source for more than it was asked for.
func Visits(s DataSource) bool {
	_, ok := s.(Visitor)
	return ok
}

// Encode returns JSON.
func Encode(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// Decode is the reverse.
func Decode(text string, v any) error { return json.Unmarshal([]byte(text), v) }

// Inspect says what an error is.
func Inspect(err error) string {
	var parts []string
	if errors.Is(err, ErrNotFound) {
		parts = append(parts, "not found")
	}
	if config, ok := errors.AsType[*ConfigError](err); ok {
		parts = append(parts, "config of "+config.Field)
	}
	if status, ok := errors.AsType[StatusError](err); ok {
		parts = append(parts, fmt.Sprint("status ", int(status)))
	}
	if errors.Is(err, context.Canceled) {
		parts = append(parts, "cancelled")
	}
	return strings.Join(append(parts, fmt.Sprint(err)), ", ")
}

// Drain reads a stream.
func Drain(s Stream) (string, error) {
	text, err := io.ReadAll(s)
	n, sizeErr := s.Size(1, "a", "b")
	return fmt.Sprint(s, " ", n, " ", string(text)), errors.Join(err, sizeErr)
}

// Names sorts the keys of a map of structs.
func Names(users map[string]User) []string { return slices.Sorted(maps.Keys(users)) }

// Table returns a map of pointers.
func Table(codes ...string) map[string]*User {
	table := make(map[string]*User)
	for _, c := range codes {
		table[c] = NewUser(c)
	}
	return table
}

// Watch sends on a channel.
func Watch(codes ...string) <-chan User {
	users := make(chan User, len(codes))
	for _, c := range codes {
		users <- *NewUser(c)
	}
	close(users)
	return users
}

// Page is generic.
type Page[T any] struct {
	Items []T
	Next  string
}

// Len is a method of a generic type.
func (p Page[T]) Len() int { return len(p.Items) }

// UserPage is an instance that has a name.
type UserPage = Page[User]

// List returns an instance.
func List(codes ...string) Page[User] {
	p := Page[User]{Next: "more"}
	for _, c := range codes {
		p.Items = append(p.Items, *NewUser(c))
	}
	return p
}

// Numbers returns an instance that has no name.
func Numbers(n ...int) *Page[int] { return &Page[int]{Items: n} }

// Map is a generic function.
func Map[T, R any](list []T, f func(T) R) []R {
	out := make([]R, len(list))
	for i := range list {
		out[i] = f(list[i])
	}
	return out
}

// Number is a constraint.
type Number interface{ ~int | ~float64 }

// Context is an alias.
type Context = context.Context

// Last returns a type of another package.
func Last(n int) audit.Entry { return audit.Entry{Number: n, Text: "last"} }

// Record has an interface of another package as its parameter.
func Record(s audit.Sink, texts ...string) (n int) {
	for i, t := range texts {
		n += s.Record(audit.Entry{Number: i, Text: t})
	}
	return n
}

// Log has a parameter that plugins can implement without its package.
func Log(l audit.Logger, text string) { l.Log(text) }
