package sources

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Dialer connects to an origin, to the addresses that the policy allows:
//
//   - never to one that is unspecified, multicast or link-local, where clouds have what hands out credentials; a link-local
//     one that is configured as such is meant;
//   - for the name localhost, which may be spoken to without encryption, to this machine only;
//   - a redirect does not lead from the internet into a private network, nor from there to this machine.
//
// What counts is the address that is connected to: a name that resolves to another one later makes no difference. A
// proxy may be anywhere. It is safe for concurrent use.
type Dialer struct {
	// Home is the host of the origin, as it is configured. All others were reached by a redirect. Empty: none was.
	Home string
	// Timeout bounds the time for a connection. Zero is 10 seconds.
	Timeout time.Duration
	// Lookup returns the addresses of a host. Nil asks the system.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	proxy   func(*http.Request) (*url.URL, error) // nil: that of the environment
	proxies sync.Map                              // of those that are used: host:port
	reach   atomic.Int32                          // that of the origin, plus one; zero where it is not known
}

// reach is from how far away an address can be connected to.
type reach int32

const (
	public reach = iota
	private
	machine
)

const dialTimeout = 10 * time.Second

// Proxy is http.ProxyFromEnvironment, for a transport that dials with the Dialer.
func (d *Dialer) Proxy(req *http.Request) (*url.URL, error) {
	find := d.proxy
	if find == nil {
		find = http.ProxyFromEnvironment
	}
	proxy, err := find(req)
	if proxy != nil {
		port := proxy.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[proxy.Scheme]
		}
		d.proxies.Store(net.JoinHostPort(proxy.Hostname(), port), true)
	}
	return proxy, err
}

// DialContext connects to host:port. What the policy forbids is an error of kind Misconfigured.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: d.Timeout}
	if dialer.Timeout == 0 {
		dialer.Timeout = dialTimeout
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if _, ok := d.proxies.Load(addr); !ok {
		dialer.ControlContext = func(_ context.Context, _, at string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(at)
			if err != nil {
				return err
			}
			return d.check(host, to.Addr().Unmap())
		}
	}
	if d.Lookup == nil {
		c, err := dialer.DialContext(ctx, network, addr)
		return counted(ctx, c, err)
	}
	addrs, err := d.Lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	for _, a := range addrs {
		var c net.Conn
		if c, err = dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return counted(ctx, c, nil)
		}
	}
	return nil, err
}

func counted(ctx context.Context, c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return countConn(ctx, c), nil
}

// check holds an address against the policy, and remembers how far the origin's own reaches.
func (d *Dialer) check(host string, addr netip.Addr) error {
	home := d.Home == "" || host == d.Home
	literal, err := netip.ParseAddr(host)
	meant := err == nil && literal.Unmap() == addr
	at := reachOf(addr)
	switch {
	case addr.IsUnspecified(), addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return forbidden(host, addr, "it is no address of a server")
	case addr.IsLinkLocalUnicast() && (!home || !meant):
		return forbidden(host, addr, "link-local addresses are not for origins")
	case isLoopback(host) && at != machine:
		return forbidden(host, addr, "the name is that of this machine, and the address is not")
	case home && d.Home != "":
		d.reach.Store(int32(at) + 1)
	case !home && d.reach.Load() != 0 && at > reach(d.reach.Load()-1):
		return forbidden(host, addr, "a redirect does not lead into a network that is closer than the origin")
	}
	return nil
}

func reachOf(addr netip.Addr) reach {
	switch {
	case addr.IsLoopback():
		return machine
	case addr.IsPrivate(), shared.Contains(addr), addr.IsLinkLocalUnicast():
		return private
	}
	return public
}

// shared is the network of carriers, see RFC 6598.
var shared = netip.MustParsePrefix("100.64.0.0/10")

func forbidden(host string, addr netip.Addr, why string) error {
	return Fail(Misconfigured, errors.New(why), "connect to %s at %s", host, addr)
}
