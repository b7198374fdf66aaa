// Package polite greets people by their title, which takes version 2 of the contract.
package polite

import (
	"context"

	v2 "github.com/scriptd/scriptd/examples/hosts/greeter/v2"
	"github.com/scriptd/scriptd/plugin"
)

// Register provides the greeter "polite" for version 2 of the contract.
func Register(r *plugin.Registrar) error {
	return r.Provide("greeter@2", "polite", Polite{})
}

// Polite implements v2.Greeter.
type Polite struct{}

// Greet implements v2.Greeter.
func (Polite) Greet(_ context.Context, p v2.Person) (string, error) {
	return "Good evening, " + p.Title + " " + p.Name + ".", nil
}
