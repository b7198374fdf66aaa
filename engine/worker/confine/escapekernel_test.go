//go:build linux

package confine_test

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bad is no descriptor.
var bad = ^uintptr(0)

// empty is a path that leads nowhere, for calls that would do harm with one that does not.
func empty() uintptr { return uintptr(unsafe.Pointer(&nowhere)) }

var nowhere [1]byte

var kernelEscapes = []escape{
	{name: "mount", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_MOUNT, empty(), empty(), empty()) }},
	{name: "unmount", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_UMOUNT2, empty()) }, privileged: true},
	{name: "pivot_root", free: unix.ENOENT, privileged: true, try: func(world) error { return raw(unix.SYS_PIVOT_ROOT, empty(), empty()) }},
	{name: "chroot", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_CHROOT, empty()) }},
	{name: "open_tree", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_OPEN_TREE, bad, empty()) }},
	{name: "move_mount", free: unix.EINVAL, privileged: true, try: func(world) error {
		return raw(unix.SYS_MOVE_MOUNT, bad, empty(), bad, empty(), ^uintptr(0)>>32)
	}},
	{name: "fsopen", free: unix.ENODEV, privileged: true, try: func(world) error { return raw(unix.SYS_FSOPEN, empty()) }},
	{name: "fsconfig", free: unix.EINVAL, try: func(world) error { return raw(unix.SYS_FSCONFIG, bad, 99) }},
	{name: "mount_setattr", free: unix.EINVAL, try: func(world) error { return raw(unix.SYS_MOUNT_SETATTR, bad, empty(), ^uintptr(0)>>32, 0, 32) }},
	{name: "statmount", free: unix.EFAULT, try: func(world) error { return raw(unix.SYS_STATMOUNT, 0, 0, 0, 0) }},
	{name: "personality", try: func(world) error { return raw(unix.SYS_PERSONALITY, 0xffffffff) }},
	{name: "keys", free: unix.EOPNOTSUPP, try: func(world) error { return raw(unix.SYS_KEYCTL, 9999) }},
	{name: "add a key", free: unix.EFAULT, try: func(world) error { return raw(unix.SYS_ADD_KEY, 0) }},
	{name: "ask for a key", free: unix.EFAULT, try: func(world) error { return raw(unix.SYS_REQUEST_KEY, 0) }},
	{name: "a BPF program", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_BPF, 9999, 0, 0) }},
	{name: "performance counters", free: unix.EFAULT, try: func(world) error { return raw(unix.SYS_PERF_EVENT_OPEN, 0) }},
	{name: "userfaultfd", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_USERFAULTFD, 1<<10) }},
	{name: "io_uring", free: unix.EFAULT, try: func(world) error { return raw(unix.SYS_IO_URING_SETUP, 1, 0) }},
	{name: "enter an io_uring", free: unix.EBADF, try: func(world) error { return raw(unix.SYS_IO_URING_ENTER, bad) }},
	{name: "secret memory", free: unix.EINVAL, try: func(world) error { return raw(unix.SYS_MEMFD_SECRET, 1<<10) }},
	{name: "shared memory", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_SHMGET, 0x5ec0fe, 1) }},
	{name: "attach shared memory", free: unix.EINVAL, try: func(world) error { return raw(unix.SYS_SHMAT, bad) }},
	{name: "semaphores", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_SEMGET, 0x5ec0fe, 1) }},
	{name: "a queue of messages", free: unix.ENOENT, try: func(world) error { return raw(unix.SYS_MSGGET, 0x5ec0fe) }},
	{name: "a queue by name", free: unix.ENOENT, try: func(world) error {
		name := []byte("none\x00")
		return raw(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(&name[0])))
	}},
	{name: "type on a terminal", free: unix.EBADF, try: func(world) error { return raw(unix.SYS_IOCTL, bad, unix.TIOCSTI) }},
	{name: "type on a terminal, with a number that is cut off", free: unix.EBADF, try: func(world) error {
		return raw(unix.SYS_IOCTL, bad, 1<<32|unix.TIOCSTI)
	}},
	{name: "capabilities", free: unix.EFAULT, try: func(world) error { return raw(unix.SYS_CAPSET, 0) }},
	{name: "another user", try: func(world) error { return raw(unix.SYS_SETRESUID, bad, bad, bad) }},
	{name: "another group", try: func(world) error { return raw(unix.SYS_SETRESGID, bad, bad, bad) }},
	{name: "other groups", privileged: true, free: unix.EINVAL, try: func(world) error { return raw(unix.SYS_SETGROUPS, 1<<30) }},
	{name: "a filter of its own that allows all", grant: anyNet, try: func(w world) error {
		all := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
		program := unix.SockFprog{Len: 1, Filter: &all}
		if err := errors.Join(
			unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
			unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0),
		); err != nil {
			return errors.New(err.Error())
		}
		return dial("tcp", w.TCP)
	}},
	{name: "a call that there is not yet", want: []unix.Errno{unix.ENOSYS}, free: unix.ENOSYS, try: func(world) error { return raw(600) }},
}

var machineEscapes = []escape{
	{name: "another kernel", uncertain: true, try: func(world) error { return raw(unix.SYS_KEXEC_LOAD, 0, 0, 0, 1<<20) }},
	{name: "a module", uncertain: true, try: func(world) error { return raw(unix.SYS_INIT_MODULE, 0, 1<<10, 0) }},
	{name: "a module from a file", uncertain: true, try: func(world) error { return raw(unix.SYS_FINIT_MODULE, bad) }},
	{name: "reboot", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_REBOOT) }},
	{name: "swap on", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_SWAPON, empty(), 1<<20) }},
	{name: "swap off", free: unix.ENOENT, privileged: true, try: func(world) error { return raw(unix.SYS_SWAPOFF, empty()) }},
	{name: "accounting", free: unix.ENOENT, privileged: true, try: func(world) error { return raw(unix.SYS_ACCT, empty()) }},
	{name: "the log of the kernel", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_SYSLOG, 999) }},
	{name: "quota", free: unix.ENODEV, privileged: true, try: func(world) error { return raw(unix.SYS_QUOTACTL, 0, 0) }},
	{name: "the clock", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_CLOCK_SETTIME, 999, 0) }},
	{name: "the time of day", free: unix.EFAULT, privileged: true, try: func(world) error { return raw(unix.SYS_SETTIMEOFDAY, 1, 0) }},
	{name: "the name of the machine", free: unix.EINVAL, privileged: true, try: func(world) error { return raw(unix.SYS_SETHOSTNAME, 0, bad) }},
}
