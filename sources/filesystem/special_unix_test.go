//go:build unix

package filesystem_test

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scriptd/scriptd/sources/sourcetest"
)

func TestWhatIsNoFileIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, sourcetest.Text("a", "x"))
	src := open(t, dir)
	before, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "unix", filepath.Join(dir, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	after, err := src.Resolve(t.Context())
	if err != nil || before != after {
		t.Errorf("before %s, after %s, %v", before, after, err)
	}
	if got := content(t, src, after, "a"); got != "x" {
		t.Errorf("got %q", got)
	}
}
