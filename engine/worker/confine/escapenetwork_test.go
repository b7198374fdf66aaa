//go:build linux

package confine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

const patience = 5 * time.Second

// dial connects to a port of this machine.
func dial(network string, port int) error {
	return dialTo(network, fmt.Sprintf("127.0.0.1:%d", port))
}

func dialTo(network, address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	return errors.Join(err, closeConn(c))
}

func closeConn(c net.Conn) error {
	if c == nil {
		return nil
	}
	return c.Close()
}

// socket makes a socket and closes it.
func socket(family, kind, protocol int) func(world) error {
	return func(world) error {
		fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol)
		return errors.Join(err, closeIf(fd, err))
	}
}

// withSocket makes a socket for a stream, without which there is nothing to try.
func withSocket(family, protocol int, do func(fd int) error) error {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return fmt.Errorf("there is no socket: %v", err) //nolint:errorlint // this error is not what is looked for
	}
	defer unix.Close(fd)
	return do(fd)
}

func loopback(port int) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
}

var anyNet grant = func(world) (p permissions) {
	p.Net = []string{"*:*"}
	return p
}

var networkEscapes = []escape{
	{name: "connect", grant: netTCP, try: func(w world) error { return dial("tcp", w.TCP) }},
	{name: "connect to another port", given: netOther, grant: netTCP, try: func(w world) error { return dial("tcp", w.TCP) }},
	{name: "connect on a socket of its own", given: netOther, grant: netTCP, try: func(w world) error {
		return withSocket(unix.AF_INET, unix.IPPROTO_TCP, func(fd int) error { return unix.Connect(fd, loopback(w.TCP)) })
	}},
	{name: "connect by IPv6", given: netOther, grant: netTCP, try: func(w world) error {
		return withSocket(unix.AF_INET6, 0, func(fd int) error {
			to := &unix.SockaddrInet6{Port: w.TCP, Addr: [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1}}
			return unix.Connect(fd, to)
		})
	}},
	{name: "connect with the first data", given: netOther, want: deniedOnly, try: func(w world) error {
		return withSocket(unix.AF_INET, 0, func(fd int) error {
			return unix.Sendto(fd, []byte("hello"), unix.MSG_FASTOPEN, loopback(w.TCP))
		})
	}},
	{name: "sendmsg with the first data", given: netOther, want: deniedOnly, try: func(w world) error {
		return withSocket(unix.AF_INET, 0, func(fd int) error {
			return unix.Sendmsg(fd, []byte("hello"), nil, loopback(w.TCP), unix.MSG_FASTOPEN)
		})
	}},
	{name: "sendmmsg with the first data", given: netOther, want: deniedOnly, try: func(world) error {
		return withSocket(unix.AF_INET, 0, func(fd int) error {
			return raw(unix.SYS_SENDMMSG, uintptr(fd), 0, 0, unix.MSG_FASTOPEN)
		})
	}},
	{name: "connect by multipath TCP", given: netTCP, try: socket(unix.AF_INET, unix.SOCK_STREAM, 262)},
	{name: "a socket by another number of multipath TCP", try: func(world) error {
		return raw(unix.SYS_SOCKET, 1<<32|unix.AF_INET, 1<<32|unix.SOCK_STREAM, 1<<32|262)
	}},
	{name: "a protocol that takes a socket over", given: netOther, free: unix.ENOENT, try: func(world) error {
		return withSocket(unix.AF_INET, 0, func(fd int) error {
			return unix.SetsockoptString(fd, unix.SOL_TCP, unix.TCP_ULP, "none")
		})
	}},
	{name: "send a datagram", grant: netElsewhere, try: func(w world) error { return dial("udp", w.UDP) }},
	{name: "an echo request", given: anyNet, want: deniedOnly, uncertain: true, try: socket(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_ICMP)},
	{name: "UDP lite", given: anyNet, try: socket(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_UDPLITE)},
	{name: "SCTP", given: anyNet, free: unix.EPROTONOSUPPORT, try: socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_SCTP)},
	{name: "a raw socket", privileged: true, try: socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_RAW)},
	{name: "a packet socket", privileged: true, try: socket(unix.AF_PACKET, unix.SOCK_RAW, 0)},
	{name: "an old packet socket", privileged: true, try: socket(unix.AF_INET, unix.SOCK_PACKET, 0)},
	{name: "the interfaces", grant: netTCP, try: socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)},
	{name: "events of devices", try: socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_KOBJECT_UEVENT)},
	{name: "sockets of others", try: socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_SOCK_DIAG)},
	{name: "the host of a virtual machine", try: socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0)},
	{name: "ciphers of the kernel", free: unix.EAFNOSUPPORT, try: socket(unix.AF_ALG, unix.SOCK_SEQPACKET, 0)},
	{name: "a family that nobody uses", free: unix.EAFNOSUPPORT, try: socket(unix.AF_X25, unix.SOCK_SEQPACKET, 0)},
	{name: "a unix socket by path", try: func(w world) error { return dialTo("unix", w.Unix) }},
	{name: "an abstract unix socket", try: func(w world) error { return dialTo("unix", w.Abstract) }},
	{name: "a datagram to a path", try: func(w world) error {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		if err != nil {
			return err
		}
		defer unix.Close(pair[1])
		defer unix.Close(pair[0])
		return unix.Sendto(pair[0], []byte("hello"), 0, &unix.SockaddrUnix{Name: w.UnixPacket})
	}},
	{name: "listen", given: netElsewhere, grant: anyNet, try: func(world) error { return listenOn(0) }},
	{name: "listen on a port that is not granted", given: netOther, grant: netFree, try: func(w world) error { return listenOn(w.Free) }},
	{name: "listen on any port", given: netTCP, grant: anyNet, try: func(world) error { return listenOn(0) }},
	{name: "listen without a port", given: netElsewhere, grant: netTCP, try: func(world) error {
		return withSocket(unix.AF_INET, 0, func(fd int) error { return unix.Listen(fd, 1) })
	}},
	{name: "listen on a unix socket", try: func(w world) error {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", w.granted("listen"))
		if err == nil {
			err = l.Close()
		}
		return err
	}},
}

func listenOn(port int) error {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		err = l.Close()
	}
	return err
}

// deniedOnly is for what Landlock does not know: the filter has to see it.
var deniedOnly = []unix.Errno{unix.EPERM}
