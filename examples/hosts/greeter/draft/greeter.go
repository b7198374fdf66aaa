// Package draft is what becomes of version 1 when it is changed without a new version.
package draft

import "context"

// Longer is v1.Greeter with one more method.
type Longer interface {
	Greet(ctx context.Context, name string) (string, error)
	Hi(ctx context.Context) (string, error)
}

// Changed is v1.Greeter with another signature.
type Changed interface {
	Greet(ctx context.Context, name, title string) (string, error)
}
