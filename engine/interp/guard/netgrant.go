package guard

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// netGrant is one host:port pattern.
type netGrant struct {
	host string     // in lower case; "" for an address
	addr netip.Addr // of a pattern that is an address
	port string     // * is any
}

func netGrants(patterns []string) []netGrant {
	var out []netGrant
	for _, pattern := range patterns {
		host, port, err := net.SplitHostPort(pattern)
		if err != nil {
			host, port = strings.Trim(pattern, "[]"), "*"
		}
		n := netGrant{port: port}
		if addr, err := netip.ParseAddr(host); err == nil {
			n.addr = addr.Unmap().WithZone("")
		} else {
			n.host = hostName(host)
		}
		out = append(out, n)
	}
	return out
}

// hostName returns the form of a name in which names are compared.
func hostName(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// anyPort stands for looking a name up, which is for whatever comes next.
const anyPort = -1

// noPort stands for protocols that have none, as ip:icmp. They are beside all ports of a host.
const noPort = -2

func (n netGrant) hasPort(port int) bool {
	return n.port == "*" || port == anyPort || n.port == strconv.Itoa(port)
}

// byName says whether a name is granted, and whether it is written out in a grant.
func (gr *grants) byName(host string, port int) (granted, literally bool) {
	host = hostName(host)
	for _, n := range gr.net {
		if n.host == "" || !n.hasPort(port) || !matches(n.host, host) {
			continue
		}
		granted = true
		literally = literally || !strings.Contains(n.host, "*")
	}
	return granted, literally
}

// byAddress says whether an address is granted by a pattern for all hosts, and whether it is written out in a grant.
func (gr *grants) byAddress(addr netip.Addr, port int) (granted, literally bool) {
	addr = addr.Unmap().WithZone("")
	for _, n := range gr.net {
		if !n.hasPort(port) {
			continue
		}
		granted = granted || n.host == "*"
		literally = literally || n.addr == addr
	}
	return granted || literally, literally
}

// matches reports whether a pattern stands for a name: * is a label of it, or all of it.
func matches(pattern, host string) bool {
	if pattern == "*" || pattern == host {
		return true
	}
	labels, hostLabels := strings.Split(pattern, "."), strings.Split(host, ".")
	if len(labels) != len(hostLabels) {
		return false
	}
	for i, label := range labels {
		if label != hostLabels[i] && (label != "*" || hostLabels[i] == "") {
			return false
		}
	}
	return true
}
