package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

// What the kernel shows of processes is not part of a grant for what is around it.
func TestProcesses(t *testing.T) {
	link := filepath.Join(t.TempDir(), "self")
	must(t, os.Symlink("/proc/self", link))
	rel := filepath.Join(t.TempDir(), "rel")
	must(t, os.Symlink("../../../../../../proc/self", rel))
	own := fmt.Sprintf("/proc/%d/environ", os.Getpid())
	for _, tt := range []struct {
		grant, path string
		want        bool
	}{
		{"/", "/proc/self/environ", false},
		{"/", "/proc/thread-self/environ", false},
		{"/", own, false},
		{"/", "/proc/1/environ", false},
		{"/", "/proc/uptime", false},
		{"/", "/proc/../proc/self/environ", false},
		{"/", "/proc/self/root/etc/hostname", false},
		{"/", "/proc/self/cwd/place.go", false},
		{"/", "/dev/fd/0", false},
		{"/", filepath.Join(link, "environ"), false},
		{"/", filepath.Join(rel, "environ"), false},
		{"/", "/etc/hostname", true},
		{"/proc", "/proc/uptime", true},
		{"/proc", "/proc/self/environ", false},
		{"/proc", own, false},
		{"/proc", "/proc/net/../environ", false},
		{"/proc/self/status", "/proc/self/status", true},
		{"/proc/self", "/proc/self/status", true},
		{"/proc/self", own, false},
	} {
		g := granting(runtime.Permissions{Read: []string{tt.grant}})
		_, err := g.readFile(tt.path)
		if (err == nil) != tt.want || err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s with a grant of %s: got %v", tt.path, tt.grant, err)
		}
	}
	g := granting(runtime.Permissions{Read: []string{"/"}})
	root, err := g.openRoot("/")
	must(t, err)
	defer root.Close()
	if _, err := g.openInside(root, "proc/self/environ", os.O_RDONLY, 0); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("through a root: got %v", err)
	}
	if _, err := fs.ReadFile(g.rootFS(root), "proc/self/environ"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("through a file system: got %v", err)
	}
	if data, err := g.readFile("/proc/self/environ"); err == nil {
		t.Errorf("got %d bytes", len(data))
	}
	program := New(Options{Program: true, Permissions: runtime.Permissions{Read: []string{"/"}}})
	if _, err := program.readFile("/proc/self/environ"); err != nil {
		t.Errorf("a program that may read everything: %v", err)
	}
}
