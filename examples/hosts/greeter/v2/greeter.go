// Package v2 is the second version: who greets is told more.
package v2

import "context"

// Person is somebody to greet.
type Person struct {
	Name  string
	Title string
}

// Greeter greets people.
type Greeter interface {
	Greet(ctx context.Context, p Person) (string, error)
}
