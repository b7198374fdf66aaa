package interp

import (
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/escapes"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/nameserver"
)

func TestEscapes(t *testing.T) {
	escapes.Run(t, func(_ *testing.T, names *nameserver.Server) runtime.Runtime {
		rt := New()
		rt.network.Resolver = names.Resolver()
		return rt
	})
}
