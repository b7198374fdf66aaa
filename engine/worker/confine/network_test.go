package confine

import (
	"net/netip"
	"slices"
	"testing"
)

func TestParseNetwork(t *testing.T) {
	own := []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("fe80::1")}
	tests := []struct {
		name     string
		patterns []string
		want     network
	}{
		{"nothing", nil, network{}},
		{"a host", []string{"api.example.com:443"}, network{granted: true, connect: []uint16{53, 443}}},
		{"a pattern of hosts", []string{"*.example.com:443", "*.example.com:80"}, network{granted: true, connect: []uint16{53, 80, 443}}},
		{"an address", []string{"192.0.2.1:443"}, network{granted: true, connect: []uint16{443}}},
		{"all hosts", []string{"*:443"}, network{granted: true, listen: true, connect: []uint16{53, 443}, bind: []uint16{443}}},
		{"everything", []string{"*:*"}, network{granted: true, listen: true, anyPort: true, anyBind: true, connect: []uint16{53}}},
		{"everything, in short", []string{"*"}, network{granted: true, listen: true, anyPort: true, anyBind: true, connect: []uint16{53}}},
		{"all ports of a host", []string{"example.com:*"}, network{granted: true, anyPort: true, connect: []uint16{53}}},
		{"a host without a port", []string{"example.com"}, network{granted: true, anyPort: true, connect: []uint16{53}}},
		{"localhost", []string{"LOCALHOST:80"}, network{granted: true, listen: true, connect: []uint16{53, 80}, bind: []uint16{80}}},
		{"loopback", []string{"127.1.2.3:80", "[::1]:81"}, network{granted: true, listen: true, connect: []uint16{80, 81}, bind: []uint16{80, 81}}},
		{"an address of this machine", []string{"192.0.2.7:80"}, network{granted: true, listen: true, connect: []uint16{80}, bind: []uint16{80}}},
		{"one with a zone", []string{"[fe80::1%eth0]:80"}, network{granted: true, listen: true, connect: []uint16{80}, bind: []uint16{80}}},
		{"one as IPv6", []string{"[::ffff:192.0.2.7]:80"}, network{granted: true, listen: true, connect: []uint16{80}, bind: []uint16{80}}},
		{"any address", []string{"0.0.0.0:80"}, network{granted: true, listen: true, connect: []uint16{80}, bind: []uint16{80}}},
		{"an address without a port", []string{"::1"}, network{granted: true, listen: true, anyPort: true, anyBind: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseNetwork(tt.patterns, own)
			if err != nil || got.granted != tt.want.granted || got.listen != tt.want.listen || got.anyPort != tt.want.anyPort ||
				got.anyBind != tt.want.anyBind || !slices.Equal(got.connect, tt.want.connect) || !slices.Equal(got.bind, tt.want.bind) {
				t.Errorf("got %+v and %v, want %+v", got, err, tt.want)
			}
		})
	}
	for _, bad := range []string{"", ":80", "a:0", "a:65536", "a:http", "a:-1"} {
		if got, err := parseNetwork([]string{bad}, nil); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}

func FuzzParseNetwork(f *testing.F) {
	for _, seed := range []string{"*:443", "[::1]:80", "a", "::", "a:b:c", "[", "%:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		n, err := parseNetwork([]string{pattern}, nil)
		if err == nil && (!n.granted || !n.anyPort && len(n.connect) == 0 || n.anyBind && !n.listen || len(n.bind) > len(n.connect)) {
			t.Errorf("%q: got %+v", pattern, n)
		}
	})
}
