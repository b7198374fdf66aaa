//go:build amd64 || arm64

package confine

import (
	"slices"

	"golang.org/x/sys/unix"
)

// hasFilter reports whether there is a filter of system calls for this architecture.
const hasFilter = true

// lastKnownCall is the newest system call that closed and the rest have been held against. Newer ones are not there.
const lastKnownCall = unix.SYS_RSEQ_SLICE_YIELD

// newFilter returns the programs that decide on every system call: what is known and not listed is allowed.
func newFilter(a access) filter {
	f := filter{early: join(
		load(offsetArch), unlessEqual(auditArch, end(kill)),
		load(offsetNumber), otherABI,
		atLeast(lastKnownCall+1, end(absent)),
		search(slices.Concat(sockets(a), processes(a), metadata(a), descriptors(), every(end(deny), closed...), every(end(deny), closedHere...)),
			end(allow)),
	)}
	if !a.run {
		f.late = join(load(offsetNumber), equal(unix.SYS_TKILL, end(deny)), end(allow))
	}
	return f
}

const (
	socketType = 0xf // the rest of a socket's type are flags
)

// sockets decides on what reaches the network. Landlock knows TCP and no other protocol, and of TCP it does not know: MPTCP,
// data that is sent with the first packet, protocols that take a socket over, and listening without a port.
func sockets(a access) []branch {
	internet := join(argument(1), mask(socketType),
		equal(unix.SOCK_STREAM, argument(2), oneOf(allow, 0, unix.IPPROTO_TCP), end(deny)),
		equal(unix.SOCK_DGRAM, argument(2), oneOf(allow, 0, unix.IPPROTO_UDP), end(deny)),
		end(deny))
	families := end(deny)
	if a.net {
		families = join(argument(0),
			equal(unix.AF_INET, internet),
			equal(unix.AF_INET6, internet),
			equal(unix.AF_NETLINK, argument(2), oneOf(allow, unix.NETLINK_ROUTE), end(deny)), // net.Interfaces
			end(deny))
	}
	out := []branch{
		on(unix.SYS_SOCKET, families),
		// A pair for datagrams could send to whoever has a path.
		on(unix.SYS_SOCKETPAIR,
			argument(0), unlessEqual(unix.AF_UNIX, end(deny)),
			argument(1), mask(socketType), oneOf(allow, unix.SOCK_STREAM, unix.SOCK_SEQPACKET), end(deny)),
		on(unix.SYS_SENDTO, argument(3), has(unix.MSG_FASTOPEN, end(deny)), end(allow)),
		on(unix.SYS_SENDMSG, argument(2), has(unix.MSG_FASTOPEN, end(deny)), end(allow)),
		on(unix.SYS_SENDMMSG, argument(3), has(unix.MSG_FASTOPEN, end(deny)), end(allow)),
		on(unix.SYS_SETSOCKOPT,
			argument(1), unlessEqual(unix.SOL_TCP, end(allow)),
			argument(2), equal(unix.TCP_ULP, end(deny)), end(allow)),
	}
	if !a.listen {
		out = append(out, on(unix.SYS_LISTEN, end(deny)))
	}
	return out
}

const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET

// processes decides on starting and signalling. Threads of this process are always allowed: Go needs them. Who may start programs
// may signal as Landlock lets him: their numbers are not known here.
func processes(a access) []branch {
	start, signal := end(deny), join(argument(0), oneOf(allow, a.pid), end(deny))
	if a.run {
		start, signal = join(has(unix.CLONE_PARENT, end(deny)), end(allow)), end(allow)
	}
	out := []branch{
		on(unix.SYS_CLONE3, end(absent)), // its flags are out of sight
		on(unix.SYS_CLONE, argument(0), has(namespaces, end(deny)), has(unix.CLONE_THREAD, end(allow)), start),
		on(unix.SYS_KILL, signal),
		on(unix.SYS_TGKILL, signal),
		on(unix.SYS_RT_SIGQUEUEINFO, signal),
		on(unix.SYS_RT_TGSIGQUEUEINFO, signal),
		on(unix.SYS_PRCTL, argument(0), oneOf(allow, settings...), end(deny)),
		// Limits may be read.
		on(unix.SYS_PRLIMIT64,
			argument(2), unlessEqual(0, end(deny)), upperHalf(2), unlessEqual(0, end(deny)), end(allow)),
	}
	if !a.run {
		out = append(out, every(end(deny), starting...)...)
	}
	return out
}

// metadata decides on modes, owners, times and attributes of files, which Landlock leaves alone. By path they are those of any
// file of this user. By descriptor they are those of a file that could be opened.
func metadata(a access) []branch {
	if a.writeAll {
		return nil
	}
	times := end(deny)
	if a.write { // a file's own, where there is no path
		times = join(argument(1), unlessEqual(0, end(deny)), upperHalf(1), unlessEqual(0, end(deny)), end(allow))
	}
	out := append([]branch{on(unix.SYS_UTIMENSAT, times)}, every(end(deny), metadataByPath...)...)
	out = append(out, every(end(deny), metadataByPathHere...)...)
	if !a.write {
		out = append(out, every(end(deny), metadataByDescriptor...)...)
	}
	return out
}

// descriptors decides on what can be asked of an open file: not to signal others, to type on a terminal, or to change attributes.
func descriptors() []branch {
	return []branch{
		on(unix.SYS_FCNTL, argument(1), oneOf(deny, unix.F_SETOWN, unix.F_SETOWN_EX), end(allow)),
		on(unix.SYS_IOCTL, argument(1), oneOf(deny, unix.TIOCSTI, tiocLinux, unix.TIOCSETD, fioSetOwner, siocSetGroup,
			unix.FS_IOC_SETFLAGS, fsSetXattr), end(allow)),
	}
}

// Requests of ioctl that package unix does not have.
const (
	fioSetOwner  = 0x8901
	siocSetGroup = 0x8902
	tiocLinux    = 0x541c
	fsSetXattr   = 0x401c5820 // FS_IOC_FSSETXATTR
)
