package confine

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// network is what the patterns of a permission come to for a kernel that knows ports and no hosts.
type network struct {
	granted bool // something is
	// listen reports whether a pattern's host may be this machine: only then is there something to listen on.
	listen bool
	// anyPort and anyBind are for patterns whose port is *.
	anyPort, anyBind bool
	// connect and bind are the ports otherwise, sorted.
	connect, bind []uint16
}

// dns is the port of name servers.
const dns = 53

// parseNetwork reads patterns of host and port. A pattern without a port is for all ports. own are the addresses of this
// machine.
func parseNetwork(patterns []string, own []netip.Addr) (network, error) {
	n := network{granted: len(patterns) > 0}
	for _, pattern := range patterns {
		host, port, err := net.SplitHostPort(pattern)
		if err != nil {
			host, port = strings.Trim(pattern, "[]"), "*"
		}
		if host == "" {
			return network{}, fmt.Errorf("%q: want host:port", pattern)
		}
		local := isLocal(host, own)
		n.listen = n.listen || local
		if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
			n.connect = append(n.connect, dns) // the answers that do not fit into a datagram
		}
		if port == "*" {
			n.anyPort, n.anyBind = true, n.anyBind || local
			continue
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			return network{}, fmt.Errorf("%q: want a port from 1 to 65535, or *", pattern)
		}
		n.connect = append(n.connect, uint16(number))
		if local {
			n.bind = append(n.bind, uint16(number))
		}
	}
	slices.Sort(n.connect)
	slices.Sort(n.bind)
	n.connect, n.bind = slices.Compact(n.connect), slices.Compact(n.bind)
	return n, nil
}

// isLocal reports whether a host pattern may stand for this machine.
func isLocal(host string, own []netip.Addr) bool {
	if host == "*" || strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && (addr.IsLoopback() || addr.IsUnspecified() || slices.Contains(own, addr.Unmap().WithZone("")))
}

// ownAddresses are those of this machine's interfaces.
func ownAddresses() []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var own []netip.Addr
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, prefix.Addr().Unmap())
		}
	}
	return own
}
