// Package v1 is the first version of what the host asks its plugins for.
package v1

import "context"

// Greeter greets people.
type Greeter interface {
	Greet(ctx context.Context, name string) (string, error)
}

// Counter counts the greetings of a plugin. It is another contract, which the same plugin may implement.
type Counter interface {
	Count(ctx context.Context) (int, error)
}
