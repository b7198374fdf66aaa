package guard

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialFuncs are the functions of package net that connect.
func dialFuncs(g *Guard) map[string]any {
	return map[string]any{
		"net.Dial": func(network, address string) (net.Conn, error) {
			return g.dial(context.Background(), &net.Dialer{}, network, address)
		},
		"net.DialTimeout": func(network, address string, timeout time.Duration) (net.Conn, error) {
			return g.dial(context.Background(), &net.Dialer{Timeout: timeout}, network, address)
		},
		"(*net.Dialer).Dial": func(d *net.Dialer, network, address string) (net.Conn, error) {
			return g.dial(context.Background(), d, network, address)
		},
		"(*net.Dialer).DialContext": func(d *net.Dialer, ctx context.Context, network, address string) (net.Conn, error) {
			return g.dial(ctx, d, network, address)
		},
		"net.DialTCP":  g.dialTCP,
		"net.DialUDP":  g.dialUDP,
		"net.DialIP":   g.dialIP,
		"net.DialUnix": g.dialUnix,
		"(*net.Dialer).DialTCP": func(d *net.Dialer, ctx context.Context, network string, laddr, raddr netip.AddrPort) (*net.TCPConn, error) {
			return g.guarded(d, target{network: network, port: int(raddr.Port())}).DialTCP(ctx, network, laddr, raddr)
		},
		"(*net.Dialer).DialUDP": func(d *net.Dialer, ctx context.Context, network string, laddr, raddr netip.AddrPort) (*net.UDPConn, error) {
			return g.guarded(d, target{network: network, port: int(raddr.Port())}).DialUDP(ctx, network, laddr, raddr)
		},
		"(*net.Dialer).DialIP": func(d *net.Dialer, ctx context.Context, network string, laddr, raddr netip.Addr) (*net.IPConn, error) {
			return g.guarded(d, target{network: network, port: noPort}).DialIP(ctx, network, laddr, raddr)
		},
		"(*net.Dialer).DialUnix": func(d *net.Dialer, ctx context.Context, network string, laddr, raddr *net.UnixAddr) (*net.UnixConn, error) {
			if _, err := g.target(ctx, "unix", "", false); err != nil {
				return nil, deniedDial("dial", network, unixName(raddr), nil, err)
			}
			return d.DialUnix(ctx, network, laddr, raddr)
		},
	}
}

// dial connects as a dialer does.
func (g *Guard) dial(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
	resolver, own := g.resolverFor(d.Resolver)
	inner := *d
	inner.Resolver = resolver
	if ctx == nil {
		return inner.DialContext(ctx, network, address) // panics
	}
	ctx = asking{ctx}
	t, err := g.target(ctx, network, address, own)
	if err != nil {
		return nil, deniedDial("dial", network, address, d.LocalAddr, err)
	}
	return g.guarded(&inner, t).DialContext(ctx, network, address)
}

// guarded returns a dialer like d that looks at the address of each socket before it is connected.
func (g *Guard) guarded(d *net.Dialer, t target) *net.Dialer {
	like := *d
	check := g.control(t)
	own, ownContext := d.Control, d.ControlContext
	like.ControlContext = func(ctx context.Context, network, address string, c syscall.RawConn) error {
		if err := check(ctx, network, address, c); err != nil {
			return err
		}
		switch {
		case ownContext != nil:
			return ownContext(ctx, network, address, c)
		case own != nil:
			return own(network, address, c)
		}
		return nil
	}
	return &like
}

// dialTCP is net.DialTCP. What that does not dial, it says.
func (g *Guard) dialTCP(network string, laddr, raddr *net.TCPAddr) (*net.TCPConn, error) {
	if raddr == nil || network != "tcp" && network != "tcp4" && network != "tcp6" {
		return net.DialTCP(network, laddr, raddr)
	}
	d := &net.Dialer{}
	if laddr != nil {
		d.LocalAddr = laddr
	}
	conn, err := g.guarded(d, target{network: network, port: raddr.Port}).Dial(network, raddr.String())
	tcp, _ := conn.(*net.TCPConn)
	return tcp, err
}

// dialUDP is net.DialUDP.
func (g *Guard) dialUDP(network string, laddr, raddr *net.UDPAddr) (*net.UDPConn, error) {
	if raddr == nil || network != "udp" && network != "udp4" && network != "udp6" {
		return net.DialUDP(network, laddr, raddr)
	}
	d := &net.Dialer{}
	if laddr != nil {
		d.LocalAddr = laddr
	}
	conn, err := g.guarded(d, target{network: network, port: raddr.Port}).Dial(network, raddr.String())
	udp, _ := conn.(*net.UDPConn)
	return udp, err
}

// dialIP is net.DialIP.
func (g *Guard) dialIP(network string, laddr, raddr *net.IPAddr) (*net.IPConn, error) {
	if raddr == nil {
		return net.DialIP(network, laddr, raddr)
	}
	d := &net.Dialer{}
	if laddr != nil {
		d.LocalAddr = laddr
	}
	conn, err := g.guarded(d, target{network: network, port: noPort}).Dial(network, raddr.String())
	ip, _ := conn.(*net.IPConn)
	return ip, err
}

// dialUnix is net.DialUnix.
func (g *Guard) dialUnix(network string, laddr, raddr *net.UnixAddr) (*net.UnixConn, error) {
	if _, err := g.target(context.Background(), "unix", "", false); err != nil {
		return nil, deniedDial("dial", network, unixName(raddr), nil, err)
	}
	return net.DialUnix(network, laddr, raddr)
}

func unixName(a *net.UnixAddr) string {
	if a == nil {
		return ""
	}
	return a.Name
}
