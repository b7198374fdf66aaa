//go:build unix

package worker_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
	"github.com/scriptd/scriptd/engine/symbols/testdata/usersync/table"
	"github.com/scriptd/scriptd/engine/worker"
)

func TestMain(m *testing.M) {
	if os.Getenv(forgetfulVariable) != "" {
		_, err := worker.New(worker.Options{})
		fmt.Println(err)
		os.Exit(0)
	}
	useNames()
	failToStart()
	worker.Serve(table.Symbols, typedSymbols)
	if dir := os.Getenv(hostVariable); dir != "" {
		runHost(dir)
	}
	os.Exit(m.Run())
}

// forgetfulVariable makes this test binary a host that does not call Serve.
const forgetfulVariable = "WORKER_TEST_FORGETFUL"

func TestNewWithoutServe(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), forgetfulVariable+"=1")
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "call worker.Serve first thing in main") {
		t.Errorf("got %q, %v", out, err)
	}
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
	runtimetest.Run(t, func(t *testing.T) runtime.Runtime {
		t.Helper()
		return open(t, worker.Options{Spares: -1})
	})
}
