package confine

import (
	"slices"

	"golang.org/x/sys/unix"
)

// The parts of a filter. It looks at the number, the architecture and the arguments of a system call, in what the kernel
// lays out as struct seccomp_data, and returns what becomes of the call.

const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16
)

// What becomes of a call.
const (
	allow  = unix.SECCOMP_RET_ALLOW
	deny   = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	absent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS) // who gets this tries an older call
	kill   = unix.SECCOMP_RET_KILL_PROCESS
)

type code = []unix.SockFilter

func join(parts ...code) code { return slices.Concat(parts...) }

func statement(op uint16, k uint32) code { return code{{Code: op, K: k}} }

// end returns.
func end(verdict uint32) code { return statement(unix.BPF_RET|unix.BPF_K, verdict) }

func load(offset uint32) code { return statement(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset) }

// argument loads the lower half of an argument. That is all that the kernel looks at where an argument is an int.
func argument(i uint32) code { return load(offsetArgs + 8*i) }

// upperHalf loads the upper half of an argument.
func upperHalf(i uint32) code { return load(offsetArgs + 8*i + 4) }

// mask keeps some bits of what is loaded.
func mask(bits uint32) code { return statement(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, bits) }

// jump goes over the body where the condition does not hold for what is loaded, or where it does. The body returns, since it may
// have loaded something else.
func jump(condition uint16, k uint32, where bool, body []code) code {
	out := join(append([]code{statement(unix.BPF_JMP|condition|unix.BPF_K, k)}, body...)...)
	over := uint8(len(out) - 1)
	if int(over) != len(out)-1 {
		panic("a jump is too long")
	}
	if where {
		out[0].Jf = over
	} else {
		out[0].Jt = over
	}
	return out
}

// equal runs the body where what is loaded is k.
func equal(k uint32, body ...code) code { return jump(unix.BPF_JEQ, k, true, body) }

// unlessEqual runs the body where what is loaded is not k.
func unlessEqual(k uint32, body ...code) code { return jump(unix.BPF_JEQ, k, false, body) }

// has runs the body where what is loaded has one of the bits.
func has(bits uint32, body ...code) code { return jump(unix.BPF_JSET, bits, true, body) }

// atLeast runs the body where what is loaded is k or more.
func atLeast(k uint32, body ...code) code { return jump(unix.BPF_JGE, k, true, body) }

// oneOf returns the verdict where what is loaded is among the values.
func oneOf(verdict uint32, values ...uint32) code {
	if n := len(values); n == 0 || n > farthest {
		panic("so many values are not supported")
	}
	out := make(code, 0, len(values)+1)
	for i, v := range values {
		rest := len(values) - 1 - i
		out = append(out, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: uint8(rest), K: v})
	}
	out[len(out)-1].Jf = 1
	return append(out, end(verdict)...)
}
