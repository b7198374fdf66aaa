package guard

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// lookupFuncs are the functions of package net that look names up. Each method of a resolver has a function that asks the
// default one.
func lookupFuncs(g *Guard) map[string]any {
	bg := context.Background()
	all := map[string]any{
		"net.LookupHost":  func(host string) ([]string, error) { return g.lookupHost(nil, bg, host) },
		"net.LookupIP":    g.lookupIPs,
		"net.LookupAddr":  func(addr string) ([]string, error) { return g.lookupAddr(nil, bg, addr) },
		"net.LookupCNAME": func(host string) (string, error) { return g.lookupCNAME(nil, bg, host) },
		"net.LookupMX":    func(name string) ([]*net.MX, error) { return g.lookupMX(nil, bg, name) },
		"net.LookupNS":    func(name string) ([]*net.NS, error) { return g.lookupNS(nil, bg, name) },
		"net.LookupTXT":   func(name string) ([]string, error) { return g.lookupTXT(nil, bg, name) },
		"net.LookupSRV": func(service, proto, name string) (string, []*net.SRV, error) {
			return g.lookupSRV(nil, bg, service, proto, name)
		},
		"net.ResolveTCPAddr": g.resolveTCP,
		"net.ResolveUDPAddr": g.resolveUDP,
		"net.ResolveIPAddr":  g.resolveIP,
	}
	for name, f := range map[string]any{
		"LookupHost": g.lookupHost, "LookupIPAddr": g.lookupIPAddr, "LookupIP": g.lookupIP, "LookupNetIP": g.lookupNetIP,
		"LookupAddr": g.lookupAddr, "LookupCNAME": g.lookupCNAME, "LookupMX": g.lookupMX, "LookupNS": g.lookupNS,
		"LookupTXT": g.lookupTXT, "LookupSRV": g.lookupSRV,
	} {
		all["(*net.Resolver)."+name] = f
	}
	return all
}

// lookup looks a name up, where that is granted with any port. Addresses tells those in the answer, if there are any; it may be
// nil.
func lookup[T any](g *Guard, r *net.Resolver, name string, ask func(*net.Resolver) (T, error), addresses func(T) []netip.Addr) (T, error) {
	resolver, own := g.resolverFor(r)
	if err := g.mayLookUp(name); err != nil {
		var none T
		return none, &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: name}
	}
	found, err := ask(resolver)
	if err == nil && addresses != nil && !own {
		g.remember(name, addresses(found))
	}
	return found, err
}

func (g *Guard) mayLookUp(name string) error {
	if _, err := netip.ParseAddr(name); g.grants().allNet || name == "" || err == nil {
		return nil // there is nothing to look up
	}
	if granted, _ := g.grants().byName(name, anyPort); !granted {
		return g.deniedNet(name, anyPort, "")
	}
	return nil
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupHost(r *net.Resolver, ctx context.Context, host string) ([]string, error) {
	return lookup(g, r, host, func(r *net.Resolver) ([]string, error) { return r.LookupHost(asking{ctx}, host) }, func(list []string) []netip.Addr {
		var addrs []netip.Addr
		for _, s := range list {
			if a, err := netip.ParseAddr(s); err == nil {
				addrs = append(addrs, a)
			}
		}
		return addrs
	})
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupIPAddr(r *net.Resolver, ctx context.Context, host string) ([]net.IPAddr, error) {
	return lookup(g, r, host, func(r *net.Resolver) ([]net.IPAddr, error) { return r.LookupIPAddr(asking{ctx}, host) }, func(list []net.IPAddr) []netip.Addr {
		var addrs []netip.Addr
		for _, a := range list {
			addr, _ := netip.AddrFromSlice(a.IP)
			addrs = append(addrs, addr)
		}
		return addrs
	})
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupIP(r *net.Resolver, ctx context.Context, network, host string) ([]net.IP, error) {
	return lookup(g, r, host, func(r *net.Resolver) ([]net.IP, error) { return r.LookupIP(asking{ctx}, network, host) }, func(list []net.IP) []netip.Addr {
		var addrs []netip.Addr
		for _, ip := range list {
			addr, _ := netip.AddrFromSlice(ip)
			addrs = append(addrs, addr)
		}
		return addrs
	})
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupNetIP(r *net.Resolver, ctx context.Context, network, host string) ([]netip.Addr, error) {
	return lookup(g, r, host, func(r *net.Resolver) ([]netip.Addr, error) { return r.LookupNetIP(asking{ctx}, network, host) },
		func(list []netip.Addr) []netip.Addr { return list })
}

// lookupIPs is net.LookupIP.
func (g *Guard) lookupIPs(host string) ([]net.IP, error) {
	addrs, err := g.lookupIPAddr(nil, context.Background(), host)
	if err != nil {
		return nil, err
	}
	ips := make([]net.IP, len(addrs))
	for i, a := range addrs {
		ips[i] = a.IP
	}
	return ips, nil
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupAddr(r *net.Resolver, ctx context.Context, addr string) ([]string, error) {
	resolver, _ := g.resolverFor(r)
	if a, err := netip.ParseAddr(addr); err == nil && !g.grants().allNet {
		if err := g.mayConnect(ctx, target{port: anyPort}, a); err != nil {
			return nil, &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: addr}
		}
	}
	return resolver.LookupAddr(ctx, addr)
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupCNAME(r *net.Resolver, ctx context.Context, host string) (string, error) {
	return lookup(g, r, host, func(r *net.Resolver) (string, error) { return r.LookupCNAME(ctx, host) }, nil)
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupMX(r *net.Resolver, ctx context.Context, name string) ([]*net.MX, error) {
	return lookup(g, r, name, func(r *net.Resolver) ([]*net.MX, error) { return r.LookupMX(ctx, name) }, nil)
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupNS(r *net.Resolver, ctx context.Context, name string) ([]*net.NS, error) {
	return lookup(g, r, name, func(r *net.Resolver) ([]*net.NS, error) { return r.LookupNS(ctx, name) }, nil)
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupTXT(r *net.Resolver, ctx context.Context, name string) ([]string, error) {
	return lookup(g, r, name, func(r *net.Resolver) ([]string, error) { return r.LookupTXT(ctx, name) }, nil)
}

//nolint:revive // the receiver comes first
func (g *Guard) lookupSRV(r *net.Resolver, ctx context.Context, service, proto, name string) (string, []*net.SRV, error) {
	var cname string
	found, err := lookup(g, r, name, func(r *net.Resolver) (list []*net.SRV, err error) {
		cname, list, err = r.LookupSRV(ctx, service, proto, name)
		return list, err
	}, nil)
	return cname, found, err
}

// resolved returns an address whose host, where it is a name, has become an address of the network.
func (g *Guard) resolved(network, host string) (string, error) {
	if _, err := netip.ParseAddr(host); host == "" || err == nil {
		return host, nil
	}
	addrs, err := g.lookupIPAddr(nil, context.Background(), host)
	if err != nil {
		return "", err
	}
	family, _, _ := strings.Cut(network, ":")
	var other string
	for _, a := range addrs {
		is4 := a.IP.To4() != nil
		switch {
		case is4 && !strings.HasSuffix(family, "6"), !is4 && strings.HasSuffix(family, "6"):
			return a.String(), nil
		case other == "" && !strings.HasSuffix(family, "4") && !strings.HasSuffix(family, "6"):
			other = a.String()
		}
	}
	if other == "" {
		return "", &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return other, nil
}

// resolvedPort is resolved for an address with a port.
func (g *Guard) resolvedPort(network, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, nil //nolint:nilerr // the compiled function says what is wrong
	}
	host, err = g.resolved(network, host)
	return net.JoinHostPort(host, port), err
}

func (g *Guard) resolveTCP(network, address string) (*net.TCPAddr, error) {
	if network != "" && network != "tcp" && network != "tcp4" && network != "tcp6" {
		return net.ResolveTCPAddr(network, address)
	}
	address, err := g.resolvedPort(network, address)
	if err != nil {
		return nil, err
	}
	return net.ResolveTCPAddr(network, address)
}

func (g *Guard) resolveUDP(network, address string) (*net.UDPAddr, error) {
	if network != "" && network != "udp" && network != "udp4" && network != "udp6" {
		return net.ResolveUDPAddr(network, address)
	}
	address, err := g.resolvedPort(network, address)
	if err != nil {
		return nil, err
	}
	return net.ResolveUDPAddr(network, address)
}

func (g *Guard) resolveIP(network, address string) (*net.IPAddr, error) {
	address, err := g.resolved(network, address)
	if err != nil {
		return nil, err
	}
	return net.ResolveIPAddr(network, address)
}
