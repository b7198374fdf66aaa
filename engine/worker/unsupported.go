//go:build !unix

// Package worker runs plugin packages in child processes. It does so on unix only.
package worker

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/runtime"
)

// errUnsupported says that this system is not one that the package supports.
var errUnsupported = fmt.Errorf("packages in processes of their own on %s: %w", goruntime.GOOS, errors.ErrUnsupported)

// Runtime is the runtime.Runtime of child processes, which there are none of on this system.
type Runtime struct{}

var _ runtime.Runtime = (*Runtime)(nil)

// Serve does nothing on this system.
func Serve(...yaegi.Exports) {}

// Served is false on this system.
func Served() bool { return false }

// New fails on this system, with errors.ErrUnsupported.
func New(Options) (*Runtime, error) { return nil, errUnsupported }

// Load implements runtime.Runtime.
func (*Runtime) Load(context.Context, runtime.Package) (runtime.Instance, error) {
	return nil, errUnsupported
}

// Close ends nothing.
func (*Runtime) Close() error { return nil }
