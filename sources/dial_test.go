package sources

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

var addresses = map[string]string{
	"local.test": "127.0.0.1", "public.test": "192.0.2.1", "private.test": "10.1.2.3", "carrier.test": "100.64.1.1", "metadata.test": "169.254.169.254",
	"metadata6.test": "fe80::1", "zero.test": "0.0.0.0", "zero6.test": "::", "multi.test": "224.0.0.1", "all.test": "255.255.255.255",
	"localhost": "127.0.0.1", "evil.localhost": "192.0.2.1", "mapped.test": "::ffff:127.0.0.1", "ula.test": "fd00::1",
}

func addressOf(host string) netip.Addr {
	if at, ok := addresses[host]; ok {
		host = at
	}
	return netip.MustParseAddr(host).Unmap()
}

func TestAddressPolicy(t *testing.T) {
	tests := []struct {
		name, home, host string
		want             string // empty: it connects, or tries to
	}{
		{"the origin", "local.test", "local.test", ""},
		{"the origin by its address", "127.0.0.1", "127.0.0.1", ""},
		{"localhost", "localhost", "localhost", ""},
		{"localhost that is elsewhere", "evil.localhost", "evil.localhost", "the name is that of this machine, and the address is not"},
		{"metadata", "metadata.test", "metadata.test", "connect to metadata.test at 169.254.169.254: link-local addresses are not for origins"},
		{"metadata over IPv6", "metadata6.test", "metadata6.test", "link-local"},
		{"a redirect to metadata", "public.test", "169.254.169.254", "link-local"},
		{"unspecified", "zero.test", "zero.test", "it is no address of a server"},
		{"unspecified, by its address", "0.0.0.0", "0.0.0.0", "it is no address of a server"},
		{"unspecified over IPv6", "zero6.test", "zero6.test", "it is no address of a server"},
		{"multicast", "multi.test", "multi.test", "it is no address of a server"},
		{"broadcast", "all.test", "all.test", "it is no address of a server"},
		{"a redirect to this machine", "public.test", "local.test", "a redirect does not lead into a network that is closer"},
		{"a redirect to this machine by its address", "public.test", "127.0.0.1", "a redirect does not lead"},
		{"a redirect to this machine, mapped", "public.test", "mapped.test", "a redirect does not lead"},
		{"a redirect into a private network", "public.test", "private.test", "a redirect does not lead"},
		{"a redirect into a carrier's network", "public.test", "carrier.test", "a redirect does not lead"},
		{"a redirect into a private network, IPv6", "public.test", "ula.test", "a redirect does not lead"},
		{"a redirect from a private network to this machine", "private.test", "local.test", "a redirect does not lead"},
		{"a redirect from this machine", "local.test", "127.0.0.1", ""},
		{"a redirect to the internet", "private.test", "public.test", ""},
		{"a link-local origin that is meant", "169.254.1.1", "169.254.1.1", ""},
		{"no redirects", "", "private.test", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Dialer{Home: tt.home}
			if tt.home != tt.host && tt.home != "" {
				if err := d.check(tt.home, addressOf(tt.home)); err != nil {
					t.Fatal(err)
				}
			}
			err := d.check(tt.host, addressOf(tt.host))
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || KindOf(err) != Misconfigured || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// The address that counts is the one that is connected to.
func TestDialerHoldsWhatItConnectsTo(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	at := []netip.Addr{netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("127.0.0.1")}
	d := &Dialer{Home: "x.test", Lookup: func(context.Context, string) ([]netip.Addr, error) { return at, nil }}
	c, err := d.DialContext(t.Context(), "tcp", "x.test:"+port)
	if err != nil {
		t.Fatalf("the second address is good: %v", err)
	}
	c.Close()
	at = at[:1]
	if _, err := d.DialContext(t.Context(), "tcp", "x.test:"+port); KindOf(err) != Misconfigured {
		t.Errorf("got %v", err)
	}
	if _, err := new(Dialer).DialContext(t.Context(), "tcp", "0.0.0.0:"+port); KindOf(err) != Misconfigured {
		t.Errorf("asked of the system: got %v", err)
	}
}

func TestProxiesMayBeAnywhere(t *testing.T) {
	d := &Dialer{Home: "git.example.com"}
	d.reach.Store(int32(public) + 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "through the proxy to "+r.URL.Host)
	}))
	defer proxy.Close()
	d.proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	tr := &http.Transport{DialContext: d.DialContext, Proxy: d.Proxy}
	defer tr.CloseIdleConnections()
	traffic := new(Traffic)
	req, err := http.NewRequestWithContext(WithTraffic(t.Context(), traffic), http.MethodGet, "http://git.example.com/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := CountRequests(tr).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != "through the proxy to git.example.com" {
		t.Errorf("got %q, %v", body, err)
	}
	if traffic.Requests() != 1 || traffic.Bytes() < 100 {
		t.Errorf("%d requests, %d bytes", traffic.Requests(), traffic.Bytes())
	}
}

func TestLookupFails(t *testing.T) {
	broken := errors.New("no such host")
	d := &Dialer{Lookup: func(context.Context, string) ([]netip.Addr, error) { return nil, broken }}
	if _, err := d.DialContext(t.Context(), "tcp", "x.test:1"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	d.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, nil }
	if _, err := d.DialContext(t.Context(), "tcp", "x.test:1"); err == nil {
		t.Error("a name without addresses")
	}
	if _, err := d.DialContext(t.Context(), "tcp", "x.test"); err == nil {
		t.Error("an address without a port")
	}
}
