//go:build unix

package worker_test

import (
	"os"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
	"github.com/scriptd/scriptd/engine/worker"
)

func TestMain(m *testing.M) {
	worker.Serve()
	os.Exit(m.Run())
}

func open(tb testing.TB, opts worker.Options) *worker.Runtime {
	tb.Helper()
	rt, err := worker.New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := rt.Close(); err != nil {
			tb.Error(err)
		}
	})
	return rt
}

func TestRuntime(t *testing.T) {
	runtimetest.Run(t, func(t *testing.T) runtime.Runtime { return open(t, worker.Options{Spares: -1}) })
}
