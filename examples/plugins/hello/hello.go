// Package hello is the smallest useful plugin.
package hello

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

// Params are what hello takes.
type Params struct {
	Name string `json:"name" default:"world" doc:"whom to greet"`
}

// Register tells scriptd what this package offers.
func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "hello", Description: "Greet somebody"}, hello)
}

func hello(_ context.Context, p Params) (string, error) {
	return "hello, " + p.Name, nil
}
