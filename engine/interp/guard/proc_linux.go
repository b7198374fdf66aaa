package guard

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// private returns the folder that has to be named in a grant for a path to be granted: what the kernel shows of processes, this
// one with its environment and its memory among them, is not part of a grant for what is around it. It is empty for
// all other paths.
func private(path string) string {
	rest, ok := strings.CutPrefix(path, "/proc")
	if !ok || rest != "" && rest[0] != '/' {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	if first == "self" || first == "thread-self" || strings.Trim(first, "0123456789") == "" && first != "" {
		return filepath.Join("/proc", first)
	}
	return "/proc"
}

// isProc reports whether a file is one of the kernel's about processes. Links may lead there by other paths.
func isProc(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	var stat unix.Statfs_t
	failed := raw.Control(func(fd uintptr) { err = unix.Fstatfs(int(fd), &stat) })
	return failed == nil && err == nil && stat.Type == unix.PROC_SUPER_MAGIC
}
