package guard

import (
	"context"
	"net"
	"syscall"
)

// listenFuncs are the functions of package net that listen.
func listenFuncs(g *Guard) map[string]any {
	return map[string]any{
		"net.Listen": func(network, address string) (net.Listener, error) {
			return g.listen(context.Background(), &net.ListenConfig{}, network, address)
		},
		"net.ListenPacket": func(network, address string) (net.PacketConn, error) {
			return g.listenPacket(context.Background(), &net.ListenConfig{}, network, address)
		},
		"(*net.ListenConfig).Listen": func(lc *net.ListenConfig, ctx context.Context, network, address string) (net.Listener, error) {
			return g.listen(ctx, lc, network, address)
		},
		"(*net.ListenConfig).ListenPacket": func(lc *net.ListenConfig, ctx context.Context, network, address string) (net.PacketConn, error) {
			return g.listenPacket(ctx, lc, network, address)
		},
		"net.ListenTCP":          g.listenTCP,
		"net.ListenUDP":          g.listenUDP,
		"net.ListenIP":           g.listenIP,
		"net.ListenMulticastUDP": g.listenMulticast,
		"net.ListenUnix": func(network string, laddr *net.UnixAddr) (*net.UnixListener, error) {
			if _, err := g.target(context.Background(), "unix", "", false); err != nil {
				return nil, deniedDial("listen", network, unixName(laddr), nil, err)
			}
			return net.ListenUnix(network, laddr)
		},
		"net.ListenUnixgram": func(network string, laddr *net.UnixAddr) (*net.UnixConn, error) {
			if _, err := g.target(context.Background(), "unix", "", false); err != nil {
				return nil, deniedDial("listen", network, unixName(laddr), nil, err)
			}
			return net.ListenUnixgram(network, laddr)
		},
	}
}

// listening returns a config like lc that looks at the address of each socket before it is bound.
func (g *Guard) listening(ctx context.Context, lc *net.ListenConfig, network, address string) (*net.ListenConfig, error) {
	t, err := g.target(ctx, network, address, false)
	if err != nil {
		return nil, deniedDial("listen", network, address, nil, err)
	}
	like := *lc
	check, own := g.control(t), lc.Control
	like.Control = func(network, address string, c syscall.RawConn) error {
		if err := check(ctx, network, address, c); err != nil || own == nil {
			return err
		}
		return own(network, address, c)
	}
	return &like, nil
}

func (g *Guard) listen(ctx context.Context, lc *net.ListenConfig, network, address string) (net.Listener, error) {
	ctx = asking{ctx}
	config, err := g.listening(ctx, lc, network, address)
	if err != nil {
		return nil, err
	}
	return config.Listen(ctx, network, address)
}

func (g *Guard) listenPacket(ctx context.Context, lc *net.ListenConfig, network, address string) (net.PacketConn, error) {
	ctx = asking{ctx}
	config, err := g.listening(ctx, lc, network, address)
	if err != nil {
		return nil, err
	}
	return config.ListenPacket(ctx, network, address)
}

// listenTCP is net.ListenTCP. What that does not listen on, it says.
func (g *Guard) listenTCP(network string, laddr *net.TCPAddr) (*net.TCPListener, error) {
	if network != "tcp" && network != "tcp4" && network != "tcp6" {
		return net.ListenTCP(network, laddr)
	}
	if laddr == nil {
		laddr = &net.TCPAddr{}
	}
	l, err := g.listen(context.Background(), &net.ListenConfig{}, network, laddr.String())
	tcp, _ := l.(*net.TCPListener)
	return tcp, err
}

// listenUDP is net.ListenUDP.
func (g *Guard) listenUDP(network string, laddr *net.UDPAddr) (*net.UDPConn, error) {
	if network != "udp" && network != "udp4" && network != "udp6" {
		return net.ListenUDP(network, laddr)
	}
	if laddr == nil {
		laddr = &net.UDPAddr{}
	}
	c, err := g.listenPacket(context.Background(), &net.ListenConfig{}, network, laddr.String())
	udp, _ := c.(*net.UDPConn)
	return udp, err
}

// listenIP is net.ListenIP.
func (g *Guard) listenIP(network string, laddr *net.IPAddr) (*net.IPConn, error) {
	if laddr == nil {
		laddr = &net.IPAddr{}
	}
	c, err := g.listenPacket(context.Background(), &net.ListenConfig{}, network, laddr.String())
	ip, _ := c.(*net.IPConn)
	return ip, err
}

// listenMulticast is net.ListenMulticastUDP.
func (g *Guard) listenMulticast(network string, ifi *net.Interface, group *net.UDPAddr) (*net.UDPConn, error) {
	if group != nil && group.IP != nil {
		group = copyOf(group)
		if _, err := g.target(context.Background(), network, group.String(), false); err != nil {
			return nil, deniedDial("listen", network, group.String(), nil, err)
		}
	}
	return net.ListenMulticastUDP(network, ifi, group)
}
