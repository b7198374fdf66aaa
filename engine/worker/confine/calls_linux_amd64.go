package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// otherABI ends a process that uses the numbers of x32, which are other calls.
var otherABI = atLeast(0x40000000, end(kill))

// What this architecture has besides.
var (
	closedHere         = []uint32{unix.SYS_MODIFY_LDT, unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_USELIB, unix.SYS_INOTIFY_INIT, unix.SYS__SYSCTL}
	startingHere       = []uint32{unix.SYS_FORK, unix.SYS_VFORK}
	metadataByPathHere = []uint32{
		unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
	}
)
