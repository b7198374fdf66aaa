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
	testEscapes(t, func(rt *worker.Runtime) runtime.Runtime { return rt })
}

// Packages of a group are kept to what each was granted by their guards, also where the walls of the process are far off.
func TestEscapesInGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("the same runs for packages by themselves")
	}
	testEscapes(t, func(rt *worker.Runtime) runtime.Runtime {
		return grouped{rt, runtime.Permissions{
			Net: []string{"*:*"}, Read: []string{"/"}, Write: []string{"/"}, Env: []string{"*"}, Run: []string{"*"},
		}}
	})
}

func testEscapes(t *testing.T, with func(*worker.Runtime) runtime.Runtime) {
	t.Helper()
	file := namesFile(os.Getpid())
	t.Cleanup(func() { _ = os.Remove(file) })
	escapes.Run(t, func(t *testing.T, names *nameserver.Server) runtime.Runtime {
		t.Helper()
		if err := os.WriteFile(file, []byte(names.Addr()), 0o600); err != nil {
			t.Fatal(err)
		}
		return with(open(t, worker.Options{}))
	}, "os.Chtimes")
}
