package guard

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// proxyFor returns the proxy that an environment has for a URL; nil is none. See http.ProxyFromEnvironment.
func proxyFor(u *url.URL, getenv func(string) string) (*url.URL, error) {
	either := func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return getenv(strings.ToLower(name))
	}
	var proxy string
	switch u.Scheme {
	case "https":
		proxy = either("HTTPS_PROXY")
	case "http":
		proxy = either("HTTP_PROXY")
	}
	if proxy == "" || noProxy(u, either("NO_PROXY")) {
		return nil, nil
	}
	parsed, err := url.Parse(proxy)
	if err != nil || parsed.Scheme == "" || parsed.Host == "" {
		if withScheme, err := url.Parse("http://" + proxy); err == nil {
			return withScheme, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("invalid proxy address %q: %w", proxy, err)
	}
	return parsed, nil
}

// noProxy reports whether a URL is reached without a proxy: on this machine, or by a list of hosts.
func noProxy(u *url.URL, list string) bool {
	host, port := hostName(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	addr, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && addr.IsLoopback() {
		return true
	}
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "*" {
			return true
		}
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			if prefix.Contains(addr) {
				return true
			}
			continue
		}
		name, entryPort := entry, ""
		if h, p, err := net.SplitHostPort(entry); err == nil {
			name, entryPort = h, p
		}
		if name == "" || entryPort != "" && entryPort != port {
			continue
		}
		name = strings.Trim(name, "[]")
		if a, err := netip.ParseAddr(name); err == nil {
			if a == addr {
				return true
			}
			continue
		}
		name = strings.TrimPrefix(name, "*")
		if host == name || strings.HasSuffix(host, "."+strings.TrimPrefix(name, ".")) {
			return true
		}
	}
	return false
}
