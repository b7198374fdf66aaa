package guard

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/scriptd/scriptd/engine/symbols"
)

// network is what a package has of the network for itself.
type network struct {
	once     sync.Once
	resolver *net.Resolver // net.DefaultResolver of the package
	original net.Resolver  // what it was at first

	mu       sync.Mutex
	resolved map[netip.Addr][]string // which names have led to an address
}

// maxResolved bounds the addresses that are remembered.
const maxResolved = 4096

// target is where a connection goes, as the package says it.
type target struct {
	network string
	host    string // a name, "" where it is an address or left out
	port    int
	own     bool // the name is looked up with a resolver of the package's, which may say what it likes
}

// target finds out where a connection goes, and whether it may: by the name, before that is looked up. Addresses are looked at
// when they are connected to.
func (g *Guard) target(ctx context.Context, network, address string, own bool) (target, error) {
	t := target{network: network, port: anyPort, own: own}
	if g.grants().allNet {
		return t, nil
	}
	proto, _, _ := strings.Cut(network, ":")
	host := address
	switch {
	case strings.HasPrefix(proto, "unix"):
		denied := g.denied(symbols.All, "")
		denied.Why = "sockets in the file system are not part of net"
		return t, denied
	case strings.HasPrefix(proto, "ip"):
		t.port = noPort
	default:
		var port string
		var err error
		if host, port, err = net.SplitHostPort(address); err != nil {
			return t, nil //nolint:nilerr // the compiled function says it
		}
		if t.port, err = net.DefaultResolver.LookupPort(ctx, proto, port); err != nil {
			return t, nil //nolint:nilerr // so it does here
		}
	}
	if host == "" {
		return t, nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return t, g.mayConnect(ctx, t, addr)
	}
	t.host = host
	if granted, _ := g.grants().byName(host, t.port); !granted {
		return t, g.deniedNet(host, t.port, "")
	}
	return t, nil
}

// mayConnect reports whether an address may be connected to, and bound to.
func (g *Guard) mayConnect(ctx context.Context, t target, addr netip.Addr) error {
	granted, literally := g.grants().byAddress(addr, t.port)
	if addr.IsUnspecified() { // one stands for the other
		for _, a := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
			_, named := g.grants().byAddress(a, t.port)
			literally = literally || named
		}
	}
	what := special(addr)
	if literally || granted && what == "" && t.host == "" {
		return nil
	}
	names := []string{t.host}
	if t.host == "" {
		names = g.namesOf(addr)
	} else if t.own && !g.leadsTo(ctx, t.host, addr) {
		return g.deniedNet(addr.String(), t.port, "the machine's resolver does not know it as "+t.host)
	}
	for _, name := range names {
		if granted, literally := g.grants().byName(name, t.port); literally || granted && what == "" {
			return nil
		}
	}
	host, why := addr.String(), ""
	if t.host != "" {
		host = t.host
	}
	if what != "" {
		why = fmt.Sprintf("%s is a %s address, which takes a grant without *", addr, what)
	}
	return g.deniedNet(host, t.port, why)
}

// leadsTo reports whether a name has an address according to the machine's resolver.
func (g *Guard) leadsTo(ctx context.Context, host string, addr netip.Addr) bool {
	found, err := g.machineResolver().LookupNetIP(ctx, "ip", host)
	return err == nil && slices.ContainsFunc(found, func(a netip.Addr) bool { return a.Unmap() == addr.Unmap().WithZone("") })
}

// remember notes that the machine's resolver has led from a name to addresses: the package may connect to these as to the
// name.
func (g *Guard) remember(host string, addrs []netip.Addr) {
	g.net.mu.Lock()
	defer g.net.mu.Unlock()
	if g.net.resolved == nil || len(g.net.resolved) > maxResolved {
		g.net.resolved = make(map[netip.Addr][]string)
	}
	host = hostName(host)
	for _, addr := range addrs {
		addr = addr.Unmap().WithZone("")
		if names := g.net.resolved[addr]; !slices.Contains(names, host) {
			g.net.resolved[addr] = append(names, host)
		}
	}
}

func (g *Guard) namesOf(addr netip.Addr) []string {
	g.net.mu.Lock()
	defer g.net.mu.Unlock()
	return slices.Clone(g.net.resolved[addr.Unmap().WithZone("")])
}

// deniedNet is the error for a host.
func (g *Guard) deniedNet(host string, port int, why string) error {
	value := net.JoinHostPort(host, "*")
	if port >= 0 {
		value = net.JoinHostPort(host, strconv.Itoa(port))
	}
	denied := g.denied(symbols.Net, value)
	denied.Why = why
	return denied
}

// control is called with each socket before it is connected or bound, and with the address that it will have: what is looked at
// is what is connected to.
func (g *Guard) control(t target) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, network, address string, _ syscall.RawConn) error {
		if g.grants().allNet {
			return nil
		}
		addr, err := addressOf(address)
		if err != nil {
			return g.deniedNet(address, t.port, "")
		}
		if err := g.mayConnect(ctx, t, addr); err != nil {
			return err
		}
		if g.Connect != nil {
			return g.Connect(network, address)
		}
		return nil
	}
}

// addressOf parses the address of a socket, with or without a port. What is left out is all addresses.
func addressOf(address string) (netip.Addr, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	if host == "" {
		return netip.IPv6Unspecified(), nil
	}
	return netip.ParseAddr(host)
}

// deniedDial is the error of a dial that was refused before anything was looked up.
func deniedDial(op, network, address string, local net.Addr, err error) error {
	return &net.OpError{Op: op, Net: network, Source: local, Addr: namedAddr{network, address}, Err: err}
}

// namedAddr is an address as it was written.
type namedAddr struct{ network, text string }

// Network implements net.Addr.
func (a namedAddr) Network() string { return a.network }

// String implements net.Addr.
func (a namedAddr) String() string { return a.text }

// machineResolver is what names are looked up with that the package does not bring its own for.
func (g *Guard) machineResolver() *net.Resolver {
	if g.Resolver != nil {
		return g.Resolver
	}
	return net.DefaultResolver
}

// defaultResolver is where the package's net.DefaultResolver is.
func (g *Guard) defaultResolver() **net.Resolver {
	g.net.once.Do(func() {
		host := net.DefaultResolver
		g.net.original = net.Resolver{PreferGo: host.PreferGo, StrictErrors: host.StrictErrors, Dial: host.Dial}
		g.net.resolver = &net.Resolver{PreferGo: host.PreferGo, StrictErrors: host.StrictErrors, Dial: host.Dial}
	})
	return &g.net.resolver
}

// resolverFor returns what a function looks names up with, given the resolver that it was told to use, and whether that is one
// of the package's own, which may say what it likes. The result does not change under its user.
func (g *Guard) resolverFor(r *net.Resolver) (_ *net.Resolver, isOwn bool) {
	own := *g.defaultResolver()
	if r == nil {
		r = own
	}
	if r == nil {
		return g.machineResolver(), false
	}
	like := &net.Resolver{PreferGo: r.PreferGo, StrictErrors: r.StrictErrors, Dial: r.Dial}
	switch {
	case like.Dial == nil && g.Resolver != nil, r == own && isAsBefore(like, &g.net.original):
		return g.machineResolver(), false
	case like.Dial == nil:
		return like, false
	}
	return like, true
}

// isAsBefore reports whether a package has left its default resolver alone.
func isAsBefore(r, original *net.Resolver) bool {
	return r.PreferGo == original.PreferGo && r.StrictErrors == original.StrictErrors && sameFuncs(&r.Dial, &original.Dial)
}
