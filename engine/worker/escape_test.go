//go:build unix

package worker_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/escapes"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/nameserver"
	"github.com/scriptd/scriptd/engine/worker"
)

// namesFile is where a test says to its children at which address names are looked up.
func namesFile(pid int) string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("scriptd-worker-names-%d", pid))
}

// useNames makes the machine's resolver, in a child, that of the test.
func useNames() {
	if addr, err := os.ReadFile(namesFile(os.Getppid())); err == nil {
		net.DefaultResolver = nameserver.Resolver(string(addr))
	}
}

func TestEscapes(t *testing.T) {
	file := namesFile(os.Getpid())
	t.Cleanup(func() { _ = os.Remove(file) })
	escapes.Run(t, func(t *testing.T, names *nameserver.Server) runtime.Runtime {
		t.Helper()
		if err := os.WriteFile(file, []byte(names.Addr()), 0o600); err != nil {
			t.Fatal(err)
		}
		return open(t, worker.Options{})
	})
}
