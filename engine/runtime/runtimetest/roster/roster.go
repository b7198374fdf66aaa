// Package roster is a contract for tests of typed calls: a host's package with an interface whose methods take and return all
// that contracts are made of. Package symbols has its symbol table, and package rostertest an implementation, and shows that
// an implementation is there as a whole, whatever is between it and its caller.
package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Directory knows people.
type Directory interface {
	// People returns those that match.
	People(ctx context.Context, q Query) ([]Person, error)
	// Find returns a person, or fails with ErrUnknown, or with a *ForbiddenError for a name in capitals.
	Find(ctx context.Context, name string) (*Person, error)
	// Each calls visit for each that matches, until that fails, and returns its error.
	Each(ctx context.Context, q Query, visit func(Person) error) error
	// Import reads lines "NAME AGE".
	Import(ctx context.Context, from io.Reader) (int, error)
	// Export writes what Import reads.
	Export(ctx context.Context, to io.Writer) error
	// Watch tells a listener of each person that is imported from now on, until ctx ends, and returns then.
	Watch(ctx context.Context, l Listener) error
	// Count counts those of the names, of all without any.
	Count(names ...string) int
	// Touch returns what it gets.
	Touch(ctx context.Context, v Values) (Values, error)
	// Oldest may be missing.
	Oldest(ctx context.Context) (Person, error)
}

// Query selects people.
type Query struct {
	Prefix string
	MinAge int
	Limit  *int
}

// Person is somebody.
type Person struct {
	Name    string            `json:"name"`
	Age     int               `json:"age"`
	Born    time.Time         `json:"born"`
	Labels  map[string]string `json:"labels,omitempty"`
	Manager *Person           `json:"manager,omitempty"`
	secret  string
}

// Values are of kinds that are easily lost.
type Values struct {
	Big     uint64
	Ratio   float64
	Bytes   []byte
	Empty   []string
	None    []string
	Pair    [2]int8
	Complex complex64
	Any     any
	ByAge   map[int][]Person
	Text    string
	Err     error
}

// Listener hears of people.
type Listener interface {
	Joined(ctx context.Context, p Person) error
}

// Clock is a service.
type Clock interface {
	Now() time.Time
}

// ErrUnknown: there is nobody of that name.
var ErrUnknown = errors.New("unknown person")

// ForbiddenError is the error for somebody that nobody may see.
type ForbiddenError struct {
	Name string
	Code int
}

func (e *ForbiddenError) Error() string { return fmt.Sprintf("%s is forbidden (%d)", e.Name, e.Code) }

// Secret is a method of a type with a field that is not exported.
func (p Person) Secret() string { return p.secret }
