package interp_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
)

func TestRuntime(t *testing.T) {
	runtimetest.Run(t, func(*testing.T) runtime.Runtime { return interp.New() })
}
