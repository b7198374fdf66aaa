//go:build linux

package confine_test

import (
	"errors"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// everywhere lets all files be written.
func everywhere(world) (p permissions) {
	p.Write = []string{"/"}
	return p
}

// withFile opens a file for reading.
func withFile(path string, do func(fd int) error) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.New(err.Error()) // what is not to be opened is not what is tried
	}
	defer f.Close()
	return do(int(f.Fd()))
}

var metadataEscapes = []escape{
	{name: "mode by path", given: writeDir, grant: everywhere, try: func(w world) error { return os.Chmod(w.own(), 0o600) }},
	{name: "fchmodat2", given: writeDir, grant: everywhere, try: func(w world) error {
		return unix.Fchmodat(unix.AT_FDCWD, w.own(), 0o600, unix.AT_SYMLINK_NOFOLLOW)
	}},
	{name: "owner by path", given: writeDir, grant: everywhere, try: func(w world) error { return os.Chown(w.own(), -1, -1) }},
	{name: "owner of a link", given: writeDir, grant: everywhere, try: func(w world) error { return os.Lchown(w.own(), -1, -1) }},
	{name: "times by path", given: writeDir, grant: everywhere, try: func(w world) error { return os.Chtimes(w.own(), time.Now(), time.Now()) }},
	{name: "attribute by path", given: writeDir, grant: everywhere, try: func(w world) error { return unix.Setxattr(w.own(), "user.a", []byte("b"), 0) }},
	{name: "mode by descriptor", given: readDir, grant: writeDir, try: func(w world) error {
		return withFile(w.own(), func(fd int) error { return unix.Fchmod(fd, 0o600) })
	}},
	{name: "owner by descriptor", given: readDir, grant: writeDir, try: func(w world) error {
		return withFile(w.own(), func(fd int) error { return unix.Fchown(fd, -1, -1) })
	}},
	{name: "times by descriptor", given: readDir, grant: writeDir, try: func(w world) error {
		return withFile(w.own(), func(fd int) error {
			return raw(unix.SYS_UTIMENSAT, uintptr(fd), 0, 0, 0)
		})
	}},
	{name: "attribute by descriptor", given: readDir, grant: writeDir, try: func(w world) error {
		return withFile(w.own(), func(fd int) error { return unix.Fsetxattr(fd, "user.a", []byte("b"), 0) })
	}},
	{name: "flags by descriptor", given: readDir, try: func(w world) error {
		return withFile(w.own(), func(fd int) error {
			flags := 0
			return raw(unix.SYS_IOCTL, uintptr(fd), unix.FS_IOC_SETFLAGS, uintptr(unsafe.Pointer(&flags)))
		})
	}},
}
