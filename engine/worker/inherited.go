//go:build unix

package worker

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// manyDescriptors is how many are tried before they are listed instead.
const manyDescriptors = 1 << 10

// closeInherited closes what the host was given itself without knowing, and has passed on: a descriptor that Go has opened is closed
// in processes that are started. It is called while nothing
// else opens and closes files, unless an init function of the host does; then fewer may be found.
func closeInherited() {
	// The size of this folder is how many descriptors are open, since Linux 6.2. To read it takes far longer than to try numbers.
	var dir unix.Stat_t
	if err := unix.Stat("/proc/self/fd", &dir); err != nil || dir.Size == 0 {
		closeListed()
		return
	}
	for fd, left := 0, dir.Size; left > 0; fd++ {
		if fd == manyDescriptors {
			closeListed()
			return
		}
		if closePassed(fd) {
			left--
		}
	}
}

func closeListed() {
	for _, dir := range []string{"/proc/self/fd", "/dev/fd"} {
		list, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range list {
			if fd, err := strconv.Atoi(e.Name()); err == nil {
				closePassed(fd)
			}
		}
		return
	}
}

// closePassed closes a descriptor that this process was not started with on purpose, and would pass on. It reports whether it was open.
func closePassed(fd int) (isOpen bool) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err == nil && fd > crashDescriptor && flags&unix.FD_CLOEXEC == 0 {
		_ = unix.Close(fd) // what is not open need not be closed
	}
	return err == nil
}
