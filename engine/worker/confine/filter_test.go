//go:build linux && (amd64 || arm64)

package confine

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// call is a system call, as a filter sees it.
type call struct {
	number, arch uint32
	args         [6]uint64
}

// decide runs a filter as the kernel does.
func decide(t *testing.T, f filter, c call) uint32 {
	t.Helper()
	if verdict := run(t, f.early, c); verdict != allow || f.late == nil {
		return verdict
	}
	return run(t, f.late, c)
}

// run runs a part of a filter.
func run(t *testing.T, filter code, c call) uint32 {
	t.Helper()
	data := binary.NativeEndian.AppendUint32(nil, c.number)
	data = binary.NativeEndian.AppendUint32(data, c.arch)
	data = binary.NativeEndian.AppendUint64(data, 0)
	for _, a := range c.args {
		data = binary.NativeEndian.AppendUint64(data, a)
	}
	var a uint32
	for at := 0; at < len(filter); at++ {
		in := filter[at]
		jump := func(condition bool) {
			if condition {
				at += int(in.Jt)
			} else {
				at += int(in.Jf)
			}
		}
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = binary.NativeEndian.Uint32(data[in.K:])
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= in.K
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			jump(a == in.K)
		case unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K:
			jump(a&in.K != 0)
		case unix.BPF_JMP | unix.BPF_JA:
			at += int(in.K)
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			jump(a >= in.K)
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		default:
			t.Fatalf("instruction %d: %#x", at, in.Code)
		}
	}
	t.Fatal("the filter has no end")
	return 0
}

// policies are all that a filter can be made of.
func policies() []access {
	var all []access
	for bits := range 1 << 5 {
		on := func(i int) bool { return bits&(1<<i) != 0 }
		all = append(all, access{pid: 77, net: on(0), listen: on(1), write: on(2), writeAll: on(3), run: on(4)})
	}
	return all
}

// TestFilterOfNumbers holds every number against the lists.
func TestFilterOfNumbers(t *testing.T) {
	// Their arguments count.
	withArguments := []uint32{
		unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG, unix.SYS_SETSOCKOPT,
		unix.SYS_CLONE, unix.SYS_CLONE3, unix.SYS_KILL, unix.SYS_TGKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO,
		unix.SYS_PRCTL, unix.SYS_PRLIMIT64, unix.SYS_UTIMENSAT, unix.SYS_FCNTL, unix.SYS_IOCTL,
	}
	for _, a := range policies() {
		f := newFilter(a)
		if len(f.early) > 1000 {
			t.Fatalf("%+v: %d instructions", a, len(f.early))
		}
		for number := range uint32(1200) {
			if slices.Contains(withArguments, number) {
				continue
			}
			want := uint32(allow)
			switch in := func(list []uint32) bool { return slices.Contains(list, number) }; {
			case in(closed), in(closedHere):
				want = deny
			case !a.run && (in(starting) || number == unix.SYS_TKILL):
				want = deny
			case !a.listen && number == unix.SYS_LISTEN:
				want = deny
			case !a.writeAll && (in(metadataByPath) || in(metadataByPathHere)):
				want = deny
			case !a.writeAll && !a.write && in(metadataByDescriptor):
				want = deny
			case number > lastKnownCall:
				want = absent
			}
			if got := decide(t, f, call{number: number, arch: auditArch}); got != want {
				t.Fatalf("%+v: call %d: got %#x, want %#x", a, number, got, want)
			}
		}
		if got := run(t, f.early, call{number: unix.SYS_TKILL, arch: auditArch}); got != allow {
			t.Fatalf("%+v: tkill: got %#x before each thread has its rules", a, got)
		}
		for _, arch := range []uint32{0, unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, auditArch + 1} {
			if got := decide(t, f, call{number: unix.SYS_READ, arch: arch}); got != kill {
				t.Errorf("architecture %#x: got %#x, want %#x", arch, got, uint32(kill))
			}
		}
	}
}

func TestFilterOfArguments(t *testing.T) {
	const high = 1 << 32 // the upper half of an int does not count for the kernel, and must not for the filter
	none := access{pid: 77}
	some := access{pid: 77, net: true, listen: true, write: true, run: true}
	all := access{pid: 77, net: true, listen: true, write: true, writeAll: true, run: true}
	tests := []struct {
		name   string
		access access
		number uint32
		args   [6]uint64
		want   uint32
	}{
		{"TCP", some, unix.SYS_SOCKET, [6]uint64{unix.AF_INET, unix.SOCK_STREAM | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK}, allow},
		{"TCP without net", none, unix.SYS_SOCKET, [6]uint64{unix.AF_INET, unix.SOCK_STREAM}, deny},
		{"UDP6", some, unix.SYS_SOCKET, [6]uint64{unix.AF_INET6, unix.SOCK_DGRAM, unix.IPPROTO_UDP}, allow},
		{"MPTCP", all, unix.SYS_SOCKET, [6]uint64{unix.AF_INET, unix.SOCK_STREAM, 262}, deny},
		{"MPTCP, with the upper half", all, unix.SYS_SOCKET, [6]uint64{high | unix.AF_INET, high | unix.SOCK_STREAM, high | 262}, deny},
		{"UDP as a stream", all, unix.SYS_SOCKET, [6]uint64{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_UDP}, deny},
		{"a pair of streams", none, unix.SYS_SOCKETPAIR, [6]uint64{unix.AF_UNIX, unix.SOCK_STREAM | unix.SOCK_CLOEXEC}, allow},
		{"a pair for datagrams", all, unix.SYS_SOCKETPAIR, [6]uint64{unix.AF_UNIX, unix.SOCK_DGRAM}, deny},
		{"a pair of TIPC", all, unix.SYS_SOCKETPAIR, [6]uint64{unix.AF_TIPC, unix.SOCK_STREAM}, deny},
		{"send", none, unix.SYS_SENDTO, [6]uint64{3: unix.MSG_NOSIGNAL}, allow},
		{"send at once", all, unix.SYS_SENDTO, [6]uint64{3: high | unix.MSG_NOSIGNAL | unix.MSG_FASTOPEN}, deny},
		{"an option", some, unix.SYS_SETSOCKOPT, [6]uint64{1: unix.SOL_TCP, 2: unix.TCP_NODELAY}, allow},
		{"another level", some, unix.SYS_SETSOCKOPT, [6]uint64{1: unix.SOL_SOCKET, 2: unix.TCP_ULP}, allow},
		{"a thread", none, unix.SYS_CLONE, [6]uint64{unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_SYSVSEM | unix.CLONE_THREAD}, allow},
		{"a process", none, unix.SYS_CLONE, [6]uint64{uint64(unix.SIGCHLD)}, deny},
		{"a process, granted", some, unix.SYS_CLONE, [6]uint64{unix.CLONE_VFORK | unix.CLONE_VM | unix.CLONE_PIDFD | uint64(unix.SIGCHLD)}, allow},
		{"a sibling", all, unix.SYS_CLONE, [6]uint64{unix.CLONE_PARENT | uint64(unix.SIGCHLD)}, deny},
		{"a namespace", all, unix.SYS_CLONE, [6]uint64{unix.CLONE_NEWUSER | uint64(unix.SIGCHLD)}, deny},
		{"a namespace in a thread", all, unix.SYS_CLONE, [6]uint64{unix.CLONE_NEWNET | unix.CLONE_THREAD}, deny},
		{"clone3", all, unix.SYS_CLONE3, [6]uint64{}, absent},
		{"a signal to itself", none, unix.SYS_TGKILL, [6]uint64{77, 78, uint64(unix.SIGURG)}, allow},
		{"a signal to another", none, unix.SYS_TGKILL, [6]uint64{78, 77}, deny},
		{"a signal to its group", none, unix.SYS_KILL, [6]uint64{}, deny},
		{"a signal to all", none, unix.SYS_KILL, [6]uint64{1<<64 - 1}, deny},
		{"a name", none, unix.SYS_PRCTL, [6]uint64{unix.PR_SET_NAME}, allow},
		{"dumps", all, unix.SYS_PRCTL, [6]uint64{high | unix.PR_SET_DUMPABLE}, deny},
		{"its limits", none, unix.SYS_PRLIMIT64, [6]uint64{0, unix.RLIMIT_NOFILE, 0, 1}, allow},
		{"other limits", all, unix.SYS_PRLIMIT64, [6]uint64{0, unix.RLIMIT_NOFILE, 1}, deny},
		{"other limits, far away", all, unix.SYS_PRLIMIT64, [6]uint64{0, unix.RLIMIT_NOFILE, high}, deny},
		{"times by path", some, unix.SYS_UTIMENSAT, [6]uint64{0, high}, deny},
		{"times by descriptor", some, unix.SYS_UTIMENSAT, [6]uint64{3, 0}, allow},
		{"times by descriptor, not granted", none, unix.SYS_UTIMENSAT, [6]uint64{3, 0}, deny},
		{"times everywhere", all, unix.SYS_UTIMENSAT, [6]uint64{0, 1}, allow},
		{"a flag", none, unix.SYS_FCNTL, [6]uint64{3, unix.F_SETFD}, allow},
		{"an owner", all, unix.SYS_FCNTL, [6]uint64{3, high | unix.F_SETOWN_EX}, deny},
		{"the size of a terminal", none, unix.SYS_IOCTL, [6]uint64{1, unix.TIOCGWINSZ}, allow},
		{"input of a terminal", all, unix.SYS_IOCTL, [6]uint64{1, high | unix.TIOCSTI}, deny},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decide(t, newFilter(tt.access), call{number: tt.number, arch: auditArch, args: tt.args})
			if got != tt.want {
				t.Errorf("got %s, want %s", verdict(got), verdict(tt.want))
			}
		})
	}
}

func verdict(v uint32) string {
	switch v {
	case allow:
		return "allow"
	case deny:
		return "deny"
	case absent:
		return "absent"
	case kill:
		return "kill"
	default:
		return fmt.Sprintf("%#x", v)
	}
}
