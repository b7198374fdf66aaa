// Package english greets in English.
package english

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

// Register provides the greeter "english" for version 1 of the contract.
func Register(r *plugin.Registrar) error {
	return r.Provide("greeter", "english", English{})
}

// English implements v1.Greeter.
type English struct{}

// Greet implements v1.Greeter.
func (English) Greet(_ context.Context, name string) (string, error) {
	return "Hello, " + name + "!", nil
}
