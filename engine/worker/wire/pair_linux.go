package wire

import (
	"os"

	"golang.org/x/sys/unix"
)

// Pair returns the two ends of a connection. No process that is started has them, except one that is given theirs. The
// caller closes theirs once the other process has it.
func Pair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "socket pair"), os.NewFile(uintptr(fds[1]), "socket pair"), nil
}
