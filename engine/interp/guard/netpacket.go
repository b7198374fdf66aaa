package guard

import (
	"context"
	"net"
	"net/netip"
	"slices"
)

// packetFuncs are the methods that send to an address which is told with each packet.
func packetFuncs(g *Guard) map[string]any {
	return map[string]any{
		"(net.PacketConn).WriteTo":           g.writeTo,
		"(*net.UDPConn).WriteTo":             func(c *net.UDPConn, b []byte, addr net.Addr) (int, error) { return g.writeTo(c, b, addr) },
		"(*net.IPConn).WriteTo":              func(c *net.IPConn, b []byte, addr net.Addr) (int, error) { return g.writeTo(c, b, addr) },
		"(*net.UDPConn).WriteToUDP":          g.writeToUDP,
		"(*net.UDPConn).WriteToUDPAddrPort":  g.writeToAddrPort,
		"(*net.UDPConn).WriteMsgUDP":         g.writeMsgUDP,
		"(*net.UDPConn).WriteMsgUDPAddrPort": g.writeMsgAddrPort,
		"(*net.IPConn).WriteToIP":            g.writeToIP,
		"(*net.IPConn).WriteMsgIP":           g.writeMsgIP,
		"(*net.UnixConn).WriteTo":            func(c *net.UnixConn, b []byte, addr net.Addr) (int, error) { return g.writeTo(c, b, addr) },
		"(*net.UnixConn).WriteToUnix": func(c *net.UnixConn, b []byte, to *net.UnixAddr) (int, error) {
			return g.writeTo(c, b, to)
		},
		"(*net.UnixConn).WriteMsgUnix": func(c *net.UnixConn, b, oob []byte, to *net.UnixAddr) (n, oobn int, err error) {
			if err := g.maySendUnix(c, to); err != nil {
				return 0, 0, err
			}
			return c.WriteMsgUnix(b, oob, to)
		},
	}
}

// maySendUnix reports whether a packet may go to a socket in the file system.
func (g *Guard) maySendUnix(c *net.UnixConn, to net.Addr) error {
	if _, err := g.target(context.Background(), "unix", "", false); err != nil {
		return &net.OpError{Op: "write", Net: "unixgram", Source: c.LocalAddr(), Addr: to, Err: err}
	}
	return nil
}

// maySend reports whether a packet may go to an address.
func (g *Guard) maySend(network string, local, to net.Addr, ip net.IP, port int) error {
	if g.grants().allNet {
		return nil
	}
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		addr = netip.IPv6Unspecified()
	}
	addr = addr.Unmap()
	if err := g.mayConnect(context.Background(), target{network: network, port: port}, addr); err != nil {
		return &net.OpError{Op: "write", Net: network, Source: local, Addr: to, Err: err}
	}
	if g.Connect != nil {
		return g.Connect(network, to.String())
	}
	return nil
}

// copyOf returns an address that does not change between being looked at and being used.
func copyOf(a *net.UDPAddr) *net.UDPAddr {
	return &net.UDPAddr{IP: slices.Clone(a.IP), Port: a.Port, Zone: a.Zone}
}

// writeTo is the method of all connections for packets. Those of the program's own types do what they do.
func (g *Guard) writeTo(c net.PacketConn, b []byte, addr net.Addr) (int, error) {
	switch c := c.(type) {
	case *net.UDPConn:
		if to, ok := addr.(*net.UDPAddr); ok && to != nil {
			return g.writeToUDP(c, b, to)
		}
	case *net.IPConn:
		if to, ok := addr.(*net.IPAddr); ok && to != nil {
			return g.writeToIP(c, b, to)
		}
	case *net.UnixConn:
		if err := g.maySendUnix(c, addr); err != nil {
			return 0, err
		}
	}
	return c.WriteTo(b, addr)
}

func (g *Guard) writeToUDP(c *net.UDPConn, b []byte, to *net.UDPAddr) (int, error) {
	if to != nil {
		to = copyOf(to)
		if err := g.maySend("udp", c.LocalAddr(), to, to.IP, to.Port); err != nil {
			return 0, err
		}
	}
	return c.WriteToUDP(b, to)
}

func (g *Guard) writeToAddrPort(c *net.UDPConn, b []byte, to netip.AddrPort) (int, error) {
	if err := g.maySend("udp", c.LocalAddr(), net.UDPAddrFromAddrPort(to), to.Addr().AsSlice(), int(to.Port())); err != nil {
		return 0, err
	}
	return c.WriteToUDPAddrPort(b, to)
}

func (g *Guard) writeMsgUDP(c *net.UDPConn, b, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	if to != nil {
		to = copyOf(to)
		if err := g.maySend("udp", c.LocalAddr(), to, to.IP, to.Port); err != nil {
			return 0, 0, err
		}
	}
	return c.WriteMsgUDP(b, oob, to)
}

func (g *Guard) writeMsgAddrPort(c *net.UDPConn, b, oob []byte, to netip.AddrPort) (n, oobn int, err error) {
	if to.IsValid() {
		if err := g.maySend("udp", c.LocalAddr(), net.UDPAddrFromAddrPort(to), to.Addr().AsSlice(), int(to.Port())); err != nil {
			return 0, 0, err
		}
	}
	return c.WriteMsgUDPAddrPort(b, oob, to)
}

func (g *Guard) writeToIP(c *net.IPConn, b []byte, to *net.IPAddr) (int, error) {
	if to != nil {
		to = &net.IPAddr{IP: slices.Clone(to.IP), Zone: to.Zone}
		if err := g.maySend("ip", c.LocalAddr(), to, to.IP, noPort); err != nil {
			return 0, err
		}
	}
	return c.WriteToIP(b, to)
}

func (g *Guard) writeMsgIP(c *net.IPConn, b, oob []byte, to *net.IPAddr) (n, oobn int, err error) {
	if to != nil {
		to = &net.IPAddr{IP: slices.Clone(to.IP), Zone: to.Zone}
		if err := g.maySend("ip", c.LocalAddr(), to, to.IP, noPort); err != nil {
			return 0, 0, err
		}
	}
	return c.WriteMsgIP(b, oob, to)
}
