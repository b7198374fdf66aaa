package confine

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// access is what of a policy matters to the filter of system calls.
type access struct {
	pid uint32 // of the process
	net bool   // something is granted
	// listen is for connections that others make.
	listen bool
	// write is for a policy that lets something be written, writeAll for one that lets everything.
	write, writeAll bool
	run             bool
}

// filter decides on system calls. Most of it comes early: it also sees to it that no thread gets new privileges, which Landlock wants of
// each. Up to Landlock 7 each is told its rules, by signals of tkill where libpsx does it (with cgo). That call is closed late; there may be
// nothing of that.
type filter struct{ early, late code }

// hasSeccomp reports whether the kernel has filters of system calls that hold for all threads at once.
func hasSeccomp() bool {
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, 0)
	return hasFilter && errno == unix.EFAULT // it wanted to read the filter
}

// install puts all threads of this process, and all that they start, under a program. None of them gets new privileges any more.
func install(filter code) error {
	runtime.LockOSThread() // the next two are about one thread
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program)))
	switch {
	case errno != 0:
		return fmt.Errorf("seccomp: %w", errno)
	case thread != 0:
		return fmt.Errorf("seccomp: thread %d has a filter of its own", thread)
	default:
		return nil
	}
}
