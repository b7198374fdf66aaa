package client_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/rostertest"
)

func TestContractOverTheNetwork(t *testing.T) {
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		t.Run(string(isolation), func(t *testing.T) {
			rostertest.Run(t, func(t *testing.T) roster.Directory {
				t.Helper()
				h := rosterHost(t, func(o *engine.Options) { o.Isolation = isolation })
				return get[roster.Directory](t, connect(t, serve(t, h.Engine, nil).url, nil), "staff")
			})
		})
	}
}
