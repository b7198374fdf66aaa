// Package unknown is written for a version of the contract that no host speaks yet.
package unknown

import "github.com/scriptd/scriptd/plugin"

// Register provides a greeter for version 3.
func Register(r *plugin.Registrar) error {
	return r.Provide("greeter@3", "unknown", Greeter{})
}

// Greeter will greet.
type Greeter struct{}
