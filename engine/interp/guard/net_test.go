package guard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/nameserver"
)

var names = map[string][]string{
	"api.example.com":     {"192.0.2.1"},
	"db.example.com":      {"10.1.2.3"},
	"meta.example.com":    {"169.254.169.254"},
	"meta6.example.com":   {"fd00:ec2::254"},
	"mapped.example.com":  {"::ffff:10.0.0.1"},
	"nat64.example.com":   {"64:ff9b::a00:1"},
	"6to4.example.com":    {"2002:a00:1::1"},
	"rebind.example.com":  {"192.0.2.1|127.0.0.1"},
	"several.example.com": {"10.1.2.3", "192.0.2.2"},
	"other.test":          {"192.0.2.9"},
}

// errConnect stands for a connection that would be made.
var errConnect = errors.New("would connect")

// connecting returns a Guard that makes no connection: where it would be made, the error says so.
func connecting(t *testing.T, grants ...string) (*Guard, *nameserver.Server, *[]string) {
	t.Helper()
	dns := nameserver.New(t, names)
	var reached []string
	g := New(Options{
		Package: "team/x", Permissions: runtime.Permissions{Net: grants}, Resolver: dns.Resolver(),
		Connect: func(_, address string) error { reached = append(reached, address); return errConnect },
	})
	return g, dns, &reached
}

func TestHostsThatMayBeReached(t *testing.T) {
	for _, tt := range []struct {
		name, grant, address string
		want                 string // the address that is connected to; "" is none
	}{
		{"a name", "api.example.com:443", "api.example.com:443", "192.0.2.1:443"},
		{"a name in another form", "API.example.com:443", "api.Example.com.:443", "192.0.2.1:443"},
		{"a name of a service", "api.example.com:443", "api.example.com:https", "192.0.2.1:443"},
		{"another port", "api.example.com:443", "api.example.com:80", ""},
		{"any port", "api.example.com:*", "api.example.com:80", "192.0.2.1:80"},
		{"another name", "api.example.com:443", "other.test:443", ""},
		{"a label", "*.example.com:443", "api.example.com:443", "192.0.2.1:443"},
		{"a label stands for one", "*.com:443", "api.example.com:443", ""},
		{"a label of another name", "*.example.com:443", "other.test:443", ""},
		{"all names", "*:443", "other.test:443", "192.0.2.9:443"},
		{"an address", "192.0.2.1:443", "192.0.2.1:443", "192.0.2.1:443"},
		{"an address by a pattern for all", "*:443", "192.0.2.1:443", "192.0.2.1:443"},
		{"an address by a name", "192.0.2.1:443", "api.example.com:443", ""},
		{"a name by its address", "api.example.com:443", "192.0.2.1:443", ""},
		{"an address of version 6", "[2001:db8::1]:80", "[2001:db8::1]:80", "[2001:db8::1]:80"},
		{"loopback by a pattern", "*:*", "127.0.0.1:80", ""},
		{"loopback by a name and a pattern", "*:*", "localhost:80", ""},
		{"loopback, named", "127.0.0.1:80", "127.0.0.1:80", "127.0.0.1:80"},
		{"localhost, named", "localhost:80", "localhost:80", ":80"},
		{"loopback in other words", "*:*", "[::ffff:127.0.0.1]:80", ""},
		{"private by a pattern", "*.example.com:*", "db.example.com:5432", ""},
		{"private by its name", "db.example.com:5432", "db.example.com:5432", "10.1.2.3:5432"},
		{"private, named", "10.1.2.3:5432", "10.1.2.3:5432", "10.1.2.3:5432"},
		{"private, another named", "10.1.2.4:5432", "10.1.2.3:5432", ""},
		{"metadata by a pattern", "*:*", "169.254.169.254:80", ""},
		{"metadata by a name and a pattern", "*.example.com:80", "meta.example.com:80", ""},
		{"metadata of version 6", "*:*", "[fd00:ec2::254]:80", ""},
		{"metadata of version 6 by a name", "*.example.com:80", "meta6.example.com:80", ""},
		{"metadata, named", "169.254.169.254:80", "169.254.169.254:80", "169.254.169.254:80"},
		{"mapped", "*.example.com:80", "mapped.example.com:80", ""},
		{"translated", "*.example.com:80", "nat64.example.com:80", ""},
		{"tunnelled", "*.example.com:80", "6to4.example.com:80", ""},
		{"shared", "*:*", "100.100.100.200:80", ""},
		{"multicast", "*:*", "224.0.0.1:80", ""},
		{"broadcast", "*:*", "255.255.255.255:80", ""},
		{"unspecified", "*:*", "0.0.0.0:80", ""},
		{"unspecified, of version 6", "*:*", "[::]:80", ""},
		{"nothing", "*:*", ":80", ""},
		{"one of several", "*.example.com:80", "several.example.com:80", "192.0.2.2:80"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, dns, reached := connecting(t, tt.grant)
			conn, err := g.dial(t.Context(), &net.Dialer{}, "tcp", tt.address)
			if err == nil {
				conn.Close()
				t.Fatal("connected")
			}
			if tt.want != "" {
				if !errors.Is(err, errConnect) && !errors.Is(err, fs.ErrPermission) || len(*reached) == 0 || !strings.HasSuffix((*reached)[len(*reached)-1], tt.want) {
					t.Errorf("reached %q, %v, want %s", *reached, err, tt.want)
				}
				return
			}
			var op *net.OpError
			if len(*reached) > 0 || !errors.Is(err, fs.ErrPermission) || !errors.As(err, &op) || op.Op != "dial" || !strings.Contains(err.Error(), `permission denied: add permissions: {net: ["`) {
				t.Errorf("reached %q, %v", *reached, err)
			}
			host, _, _ := net.SplitHostPort(tt.address)
			if granted, _ := g.grants().byName(host, anyPort); !granted && dns.Asked(host) > 0 {
				t.Error("a name was looked up that is not granted")
			}
		})
	}
}

// An address is looked at when it is connected to: what a name led to before does not count.
func TestRebinding(t *testing.T) {
	g, _, reached := connecting(t, "*.example.com:80")
	if _, err := g.dial(t.Context(), &net.Dialer{}, "tcp", "rebind.example.com:80"); !errors.Is(err, errConnect) {
		t.Fatal(err)
	}
	_, err := g.dial(t.Context(), &net.Dialer{}, "tcp", "rebind.example.com:80")
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "(127.0.0.1 is a loopback address") || len(*reached) != 1 {
		t.Errorf("got %v, reached %q", err, *reached)
	}
}

// altContext is a context that answers package net when it asks for another way to look names up.
type altContext struct{ context.Context }

func (c altContext) Value(key any) any {
	if strings.Contains(fmt.Sprintf("%T", key), "AltResolver") {
		return func(context.Context, string, string) ([]net.IPAddr, error) {
			return []net.IPAddr{{IP: net.IPv4(127, 0, 0, 1)}}, nil
		}
	}
	return c.Context.Value(key)
}

// What a package says itself about where a name leads opens nothing.
func TestNamesAreTheMachines(t *testing.T) {
	lying := nameserver.New(t, map[string][]string{"api.example.com": {"203.0.113.7", "10.0.0.1"}}).Resolver()
	t.Run("a dialer's resolver", func(t *testing.T) {
		g, _, reached := connecting(t, "api.example.com:443")
		if _, err := g.dial(t.Context(), &net.Dialer{Resolver: lying}, "tcp", "api.example.com:443"); !errors.Is(err, fs.ErrPermission) || len(*reached) > 0 {
			t.Errorf("got %v, reached %q", err, *reached)
		}
	})
	t.Run("the default resolver", func(t *testing.T) {
		g, _, reached := connecting(t, "api.example.com:443")
		*g.defaultResolver() = lying
		if _, err := g.dial(t.Context(), &net.Dialer{}, "tcp", "api.example.com:443"); !errors.Is(err, fs.ErrPermission) || len(*reached) > 0 {
			t.Errorf("got %v, reached %q", err, *reached)
		}
		if net.DefaultResolver == lying {
			t.Error("it is the host's now")
		}
	})
	t.Run("a field of the default resolver", func(t *testing.T) {
		g, _, reached := connecting(t, "api.example.com:443")
		(*g.defaultResolver()).Dial = lying.Dial
		if _, err := g.dial(t.Context(), &net.Dialer{}, "tcp", "api.example.com:443"); !errors.Is(err, fs.ErrPermission) || len(*reached) > 0 {
			t.Errorf("got %v, reached %q", err, *reached)
		}
		if net.DefaultResolver.Dial != nil {
			t.Error("it is the host's now")
		}
	})
	t.Run("a context", func(t *testing.T) {
		g, _, reached := connecting(t, "api.example.com:443")
		if _, err := g.dial(altContext{t.Context()}, &net.Dialer{}, "tcp", "api.example.com:443"); !errors.Is(err, errConnect) || (*reached)[0] != "192.0.2.1:443" {
			t.Errorf("got %v, reached %q", err, *reached)
		}
		if addrs, err := g.lookupHost(nil, altContext{t.Context()}, "api.example.com"); fmt.Sprint(addrs) != "[192.0.2.1]" {
			t.Errorf("got %v, %v", addrs, err)
		}
	})
	t.Run("a lookup", func(t *testing.T) {
		g, _, reached := connecting(t, "api.example.com:443")
		if _, err := g.lookupHost(lying, t.Context(), "api.example.com"); err != nil {
			t.Fatal(err)
		}
		if _, err := g.dial(t.Context(), &net.Dialer{}, "tcp", "203.0.113.7:443"); !errors.Is(err, fs.ErrPermission) || len(*reached) > 0 {
			t.Errorf("got %v, reached %q", err, *reached)
		}
	})
}

// What a granted name has led to may be connected to by its address.
func TestAddressesThatNamesLedTo(t *testing.T) {
	g, _, reached := connecting(t, "api.example.com:443", "db.example.com:5432", "*.example.com:80")
	for _, name := range []string{"api.example.com", "db.example.com", "meta.example.com"} {
		if _, err := g.lookupHost(nil, t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	addr, err := g.resolveTCP("tcp", "api.example.com:443")
	must(t, err)
	if _, err := g.dialTCP("tcp", nil, addr); !errors.Is(err, errConnect) {
		t.Error(err)
	}
	for address, want := range map[string]error{
		"192.0.2.1:443": errConnect, "192.0.2.1:80": errConnect, "192.0.2.1:22": fs.ErrPermission, "10.1.2.3:5432": errConnect,
		"10.1.2.3:80": fs.ErrPermission, "169.254.169.254:80": fs.ErrPermission, "192.0.2.9:443": fs.ErrPermission,
	} {
		if _, err := g.dial(t.Context(), &net.Dialer{}, "tcp", address); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", address, err, want)
		}
	}
	if len(*reached) != 4 {
		t.Errorf("reached %q", *reached)
	}
}

func TestLookups(t *testing.T) {
	g, dns, _ := connecting(t, "api.example.com:443")
	ctx := t.Context()
	for name, ask := range map[string]func(string) error{
		"LookupHost":   func(n string) error { _, err := g.lookupHost(nil, ctx, n); return err },
		"LookupIP":     func(n string) error { _, err := g.lookupIPs(n); return err },
		"LookupIPAddr": func(n string) error { _, err := g.lookupIPAddr(nil, ctx, n); return err },
		"LookupNetIP":  func(n string) error { _, err := g.lookupNetIP(nil, ctx, "ip", n); return err },
		"LookupCNAME":  func(n string) error { _, err := g.lookupCNAME(nil, ctx, n); return err },
		"LookupTXT":    func(n string) error { _, err := g.lookupTXT(nil, ctx, n); return err },
		"LookupMX":     func(n string) error { _, err := g.lookupMX(nil, ctx, n); return err },
		"LookupNS":     func(n string) error { _, err := g.lookupNS(nil, ctx, n); return err },
		"LookupSRV":    func(n string) error { _, _, err := g.lookupSRV(nil, ctx, "", "", n); return err },
		"ResolveIP":    func(n string) error { _, err := g.resolveIP("ip", n); return err },
		"ResolveTCP":   func(n string) error { _, err := g.resolveTCP("tcp", n+":1"); return err },
		"ResolveUDP":   func(n string) error { _, err := g.resolveUDP("udp", n+":1"); return err },
	} {
		err := ask("secret-in-a-name.other.test")
		var dnsErr *net.DNSError
		if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &dnsErr) {
			t.Errorf("%s: got %v", name, err)
		}
		if err := ask("api.example.com"); errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := dns.Asked("secret-in-a-name.other.test"); n > 0 {
		t.Errorf("a name that is not granted was asked for %d times", n)
	}
	if _, err := g.lookupAddr(nil, ctx, "192.0.2.77"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("LookupAddr: got %v", err)
	}
}

// Listening takes a grant of the address, and packets one of where they go.
func TestListeningAndPackets(t *testing.T) {
	g := granting(runtime.Permissions{Net: []string{"127.0.0.1:*"}})
	for address, want := range map[string]bool{"127.0.0.1:0": true, ":0": false, "0.0.0.0:0": false, "127.0.0.2:0": false, "localhost:0": false} {
		l, err := g.listen(t.Context(), &net.ListenConfig{}, "tcp", address)
		if err == nil {
			l.Close()
		}
		if (err == nil) != want || err != nil && !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if _, err := granting(runtime.Permissions{Net: []string{"*:*"}}).listen(t.Context(), &net.ListenConfig{}, "tcp", ":0"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("by a pattern: %v", err)
	}
	l, err := granting(runtime.Permissions{Net: []string{"0.0.0.0:*"}}).listen(t.Context(), &net.ListenConfig{}, "tcp", ":0")
	must(t, err)
	l.Close()

	server, err := g.listenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer server.Close()
	conn, err := g.listenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer conn.Close()
	to := server.LocalAddr().(*net.UDPAddr)
	other := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: to.Port}
	for name, send := range map[string]func(*net.UDPAddr) error{
		"WriteTo":    func(a *net.UDPAddr) error { _, err := g.writeTo(conn, []byte("x"), a); return err },
		"WriteToUDP": func(a *net.UDPAddr) error { _, err := g.writeToUDP(conn, []byte("x"), a); return err },
		"WriteToUDPAddrPort": func(a *net.UDPAddr) error {
			_, err := g.writeToAddrPort(conn, []byte("x"), a.AddrPort())
			return err
		},
		"WriteMsgUDP": func(a *net.UDPAddr) error { _, _, err := g.writeMsgUDP(conn, []byte("x"), nil, a); return err },
		"WriteMsgUDPAddrPort": func(a *net.UDPAddr) error {
			_, _, err := g.writeMsgAddrPort(conn, []byte("x"), nil, a.AddrPort())
			return err
		},
	} {
		if err := send(other); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: got %v", name, err)
		}
		must(t, send(to))
		buf := make([]byte, 2)
		if n, err := server.Read(buf); n != 1 || err != nil {
			t.Errorf("%s: got %d bytes, %v", name, n, err)
		}
	}
	if _, err := g.dialUDP("udp", nil, other); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("DialUDP: got %v", err)
	}
	if _, err := g.listenMulticast("udp", nil, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("ListenMulticastUDP: got %v", err)
	}
}

// The fields of a transport may change while it is used, from within too; it connects where it may.
func TestTransports(t *testing.T) {
	allowed, denied := serveText(t, "127.0.0.1", "allowed"), serveText(t, "127.0.0.2", "denied")
	g := granting(runtime.Permissions{Net: []string{"127.0.0.1:*"}})
	get := func(tr *http.Transport, url string) (string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		must(t, err)
		res, err := (&http.Client{Transport: g.RoundTripper(tr)}).Do(req)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		data, err := io.ReadAll(res.Body)
		return string(data), err
	}
	tr := &http.Transport{}
	if got, err := get(tr, allowed); got != "allowed" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := get(tr, denied); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if tr.DialContext != nil {
		t.Error("the transport has changed")
	}
	tr.Proxy = func(*http.Request) (_ *url.URL, err error) {
		tr.DialContext = nil
		return nil, nil
	}
	tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return g.dial(ctx, &net.Dialer{}, network, address)
	}
	if _, err := get(tr, denied); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a transport that changes while it is used: got %v", err)
	}
	tr = &http.Transport{}
	g.registerProtocol(tr, "own", http.NewFileTransportFS(emptyFS{}))
	if _, err := get(tr, "own://host/x"); err != nil {
		t.Errorf("a protocol of its own: %v", err)
	}
	tr.MaxIdleConns = 7
	if _, err := get(tr, "own://host/x"); err != nil {
		t.Errorf("a protocol of its own, after a change: %v", err)
	}
	if clone := g.cloneTransport(tr); clone.MaxIdleConns != 7 || clone.TLSNextProto != nil {
		t.Errorf("got %+v", clone)
	}
	if g.RoundTripper((*http.Transport)(nil)) == nil {
		t.Error("nothing is not nothing any more")
	}
	if !g.transport(&http.Transport{}).ForceAttemptHTTP2 {
		t.Error("HTTP/2 is lost")
	}
	g.Close()
}

// serveText answers on an address of this machine.
func serveText(t *testing.T, addr, text string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr+":0")
	must(t, err)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

type emptyFS struct{}

func (emptyFS) Open(string) (fs.File, error) { return nil, fs.ErrNotExist }

func TestSpecialAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1": "", "8.8.8.8": "", "2606:4700::1": "", "127.0.0.1": "loopback", "::1": "loopback", "10.0.0.1": "private",
		"172.16.0.1": "private", "172.32.0.1": "", "192.168.1.1": "private", "169.254.169.254": "link-local", "fe80::1%eth0": "link-local",
		"fd00::1": "private", "224.0.0.1": "multicast", "ff02::1": "multicast", "0.0.0.0": "unspecified", "::": "unspecified",
		"0.1.2.3": "this network", "100.64.0.1": "shared", "255.255.255.255": "reserved", "192.0.0.192": "reserved",
		"::ffff:10.0.0.1": "private", "64:ff9b::a9fe:a9fe": "link-local", "64:ff9b::808:808": "", "2002:7f00:1::": "loopback",
		"2001:0:1::": "tunnelled", "::127.0.0.1": "reserved",
	} {
		if got := special(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: got %q, want %q", addr, got, want)
		}
	}
}
