package interp

import (
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

var (
	near = runtime.Permissions{Net: []string{"127.0.0.1:*"}}
	far  = runtime.Permissions{Net: []string{"127.0.0.2:*"}}
)

// dialling is an escape that connects to the other server.
func dialling(name, imports, body string) escape {
	return escape{name, imports, body, talk, near, `127.0.0.2:DPORT: permission denied: grant net: ["DENIED"] to package team/x in the configuration`, far, "127.0.0.2"}
}

// connecting is one that does not ask there for anything.
func connecting(name, imports, body string) escape {
	e := dialling(name, imports, body+`; if err != nil { return "", err }; return "connected", c.Close()`)
	e.decls, e.want = "", "connected"
	return e
}

// fetching is one that makes a request.
func fetching(name, imports, body string) escape {
	e := dialling(name, imports+" net/http io", body)
	e.decls = `
func text(res *http.Response, err error) (string, error) {
	if err != nil { return "", err }
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}
type own struct{ http.RoundTripper }
`
	return e
}

// talk asks for something over a connection.
const talk = `
func ask(c net.Conn, err error) (string, error) {
	if err != nil { return "", err }
	defer c.Close()
	if _, err := c.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil { return "", err }
	b, err := io.ReadAll(c)
	_, body, _ := strings.Cut(string(b), "\r\n\r\n")
	return body, err
}
`

func TestHostsAreNotReached(t *testing.T) {
	const base = "net io strings"
	udp := func(name, send string) escape {
		e := dialling(name, "net", `c, err := net.ListenPacket("udp", "127.0.0.1:0"); if err != nil { return "", err }; defer c.Close()
	to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: DPORT}; _, err = `+send+`; if err != nil { return "", err }; return "sent", nil`)
		e.decls, e.want = "", "sent"
		return e
	}
	inTemplate := dialling("in a template", "net text/template strings", `var b strings.Builder
	err := template.Must(template.New("x").Parse("{{(.Dial \"tcp\" \"DENIED\").RemoteAddr}}")).Execute(&b, &net.Dialer{}); return b.String(), err`)
	inTemplate.decls, inTemplate.want = "", "DENIED"
	run(t, []escape{
		dialling("net.Dial", base, `return ask(net.Dial("tcp", "DENIED"))`),
		dialling("net.DialTimeout", base+" time", `return ask(net.DialTimeout("tcp", "DENIED", time.Second))`),
		dialling("net.Dialer", base, `return ask((&net.Dialer{}).Dial("tcp", "DENIED"))`),
		dialling("net.Dialer, with a context", base, `var d net.Dialer; return ask(d.DialContext(ctx, "tcp", "DENIED"))`),
		dialling("a method value", base, `dial := new(net.Dialer).DialContext; return ask(dial(ctx, "tcp", "DENIED"))`),
		dialling("a method expression", base, `return ask((*net.Dialer).Dial(&net.Dialer{}, "tcp", "DENIED"))`),
		dialling("net.DialTCP", base, `return ask(net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: DPORT}))`),
		dialling("net.Dialer.DialTCP", base+" net/netip", `return ask((&net.Dialer{}).DialTCP(ctx, "tcp", netip.AddrPort{}, netip.MustParseAddrPort("DENIED")))`),
		dialling("by an interface of its own", base, `var d interface{ Dial(string, string) (net.Conn, error) } = &net.Dialer{}; return ask(d.Dial("tcp", "DENIED"))`),
		dialling("by reflection", base+" reflect", `out := reflect.ValueOf(&net.Dialer{}).MethodByName("Dial").Call([]reflect.Value{reflect.ValueOf("tcp"), reflect.ValueOf("DENIED")})
	err, _ := out[1].Interface().(error); c, _ := out[0].Interface().(net.Conn); return ask(c, err)`),
		dialling("by reflection of a number", base+" reflect", `v := reflect.ValueOf(&net.Dialer{})
	for i := 0; i < v.NumMethod(); i++ {
		if v.Type().Method(i).Name != "Dial" { continue }
		out := v.Method(i).Call([]reflect.Value{reflect.ValueOf("tcp"), reflect.ValueOf("DENIED")})
		err, _ := out[1].Interface().(error); c, _ := out[0].Interface().(net.Conn); return ask(c, err)
	}
	return "", nil`),
		inTemplate,
		udp("WriteTo", "c.WriteTo(nil, to)"),
		udp("WriteToUDP", "c.(*net.UDPConn).WriteToUDP(nil, to)"),
		udp("WriteTo by an interface of its own", "c.(interface{ WriteTo([]byte, net.Addr) (int, error) }).WriteTo(nil, to)"),
		connecting("net.DialUDP", "net", `c, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: DPORT})`),
		connecting("rpc.Dial", "net/rpc", `c, err := rpc.Dial("tcp", "DENIED")`),
		connecting("jsonrpc.Dial", "net/rpc/jsonrpc", `c, err := jsonrpc.Dial("tcp", "DENIED")`),
		connecting("textproto.Dial", "net/textproto", `c, err := textproto.Dial("tcp", "DENIED")`),
		{"rpc.DialHTTP", "net/rpc", `_, err := rpc.DialHTTP("tcp", "DENIED"); return "", err`, "", near, `grant net: ["DENIED"]`, far, ""},
		{"tls.Dial", "crypto/tls", `_, err := tls.Dial("tcp", "DENIED", nil); return "", err`, "", near, `grant net: ["DENIED"]`, far, ""},
		{"tls.Dialer", "crypto/tls net", `_, err := (&tls.Dialer{NetDialer: &net.Dialer{}}).DialContext(ctx, "tcp", "DENIED"); return "", err`, "", near, `grant net: ["DENIED"]`, far, ""},
		{"tls.DialWithDialer", "crypto/tls net", `_, err := tls.DialWithDialer(&net.Dialer{}, "tcp", "DENIED", nil); return "", err`, "", near, `grant net: ["DENIED"]`, far, ""},
		{"smtp.Dial", "net/smtp", `_, err := smtp.Dial("DENIED"); return "", err`, "", near, `grant net: ["DENIED"]`, far, ""},
		{"smtp.SendMail", "net/smtp", `return "", smtp.SendMail("DENIED", nil, "a", nil, nil)`, "", near, `grant net: ["DENIED"]`, far, ""},
		{
			"listening", "net", `l, err := net.Listen("tcp", "127.0.0.2:0"); if err != nil { return "", err }; return "listens", l.Close()`, "",
			near, `listen tcp 127.0.0.2:0: permission denied: grant net: ["127.0.0.2:0"]`, far, "listens",
		},
		{
			"serving", "net/http", `return "", http.ListenAndServe("127.0.0.2:0", nil)`, "",
			near, `grant net: ["127.0.0.2:0"]`, far, "",
		},
		{
			"a socket in the file system", "net", `_, err := net.Dial("unix", "DIR/socket"); return "", err`, "",
			runtime.Permissions{Net: []string{"*:*"}, Read: []string{"/"}, Write: []string{"/"}}, "grant all: true to package team/x", runtime.Permissions{}, "",
		},
		{
			"looking up", "net", `_, err := net.LookupHost("secret.other.test"); return "", err`, "",
			near, `lookup secret.other.test: permission denied: grant net: ["secret.other.test:*"]`, far, "",
		},
	})
}

func TestRequestsAreNotMade(t *testing.T) {
	run(t, []escape{
		fetching("http.Get", "", `return text(http.Get("http://DENIED/"))`),
		fetching("http.Post", "", `return text(http.Post("http://DENIED/", "", nil))`),
		fetching("http.PostForm", "", `return text(http.PostForm("http://DENIED/", nil))`),
		fetching("a client", "", `req, err := http.NewRequestWithContext(ctx, "GET", "http://DENIED/", nil); if err != nil { return "", err }
	var c http.Client; return text(c.Do(req))`),
		fetching("a transport", "", `return text((&http.Client{Transport: &http.Transport{}}).Get("http://DENIED/"))`),
		fetching("a transport by itself", "", `req, _ := http.NewRequest("GET", "http://DENIED/", nil); return text(new(http.Transport).RoundTrip(req))`),
		fetching("a transport of a transport", "", `req, _ := http.NewRequest("GET", "http://DENIED/", nil); var rt http.RoundTripper = own{&http.Transport{}}
	return text((&http.Client{Transport: rt}).Do(req))`),
		fetching("the default transport", "", `req, _ := http.NewRequest("GET", "http://DENIED/", nil); return text(http.DefaultTransport.RoundTrip(req))`),
		fetching("a copy of the default transport", "", `return text((&http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}).Get("http://DENIED/"))`),
		fetching("how the default transport dials", "", `c, err := http.DefaultTransport.(*http.Transport).DialContext(ctx, "tcp", "DENIED"); if err != nil { return "", err }
	defer c.Close(); io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); b, err := io.ReadAll(c); return string(b[len(b)-9:]), err`),
		fetching("a transport that dials itself", "net", `t := &http.Transport{DialContext: (&net.Dialer{}).DialContext}; return text((&http.Client{Transport: t}).Get("http://DENIED/"))`),
		fetching("a transport that changes", "net/url", `t := &http.Transport{}; t.Proxy = func(*http.Request) (*url.URL, error) { t.DialContext = nil; return nil, nil }
	return text((&http.Client{Transport: t}).Get("http://DENIED/"))`),
		fetching("a protocol of a transport", "", `t := &http.Transport{}; t.RegisterProtocol("own", own{&http.Transport{}})
	return text((&http.Client{Transport: t}).Get("own://DENIED/"))`),
		fetching("a connection of a transport", "", `c, err := (&http.Transport{}).NewClientConn(ctx, "http", "DENIED"); if err != nil { return "", err }; defer c.Close()
	req, _ := http.NewRequest("GET", "http://DENIED/", nil); return text(c.RoundTrip(req))`),
		fetching("a redirect", "", `return text(http.Get("http://ALLOWED/to"))`),
		fetching("a proxy", "net/url", `u, _ := url.Parse("http://DENIED/"); return text((&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(u)}}).Get("http://ALLOWED/"))`),
		fetching("by reflection", "reflect", `out := reflect.ValueOf(&http.Client{}).MethodByName("Get").Call([]reflect.Value{reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); return text(out[0].Interface().(*http.Response), err)`),
		{
			"a reverse proxy", "net/http/httputil", `_ = &httputil.ReverseProxy{}; return "", nil`, "", near,
			"net/http/httputil.ReverseProxy needs the permission all", runtime.Permissions{}, "",
		},
		{
			"the host's default mux", "net/rpc", `rpc.HandleHTTP(); return "", nil`, "", near,
			"net/rpc.HandleHTTP needs the permission all", runtime.Permissions{}, "",
		},
	})
}

func TestNamesLeadNowhereElse(t *testing.T) {
	every := runtime.Permissions{Net: []string{"*:*"}}
	get := func(name, url string, held runtime.Permissions, denied string, more runtime.Permissions, want string) escape {
		e := fetching(name, "", `return text(http.Get("`+url+`"))`)
		e.held, e.denied, e.more, e.want = held, denied, more, want
		return e
	}
	resolving := fetching("a resolver of its own", "net", `r := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return net.Dial("udp", "127.0.0.1:53") }}
	t := &http.Transport{DialContext: (&net.Dialer{Resolver: r}).DialContext}; return text((&http.Client{Transport: t}).Get("http://api.example.com:APORT/"))`)
	resolving.held, resolving.denied, resolving.want = runtime.Permissions{Net: []string{"api.example.com:*"}}, "permission denied: grant net: ", ""
	run(t, []escape{
		get("the addresses of clouds", "http://169.254.169.254/latest/meta-data/", every, `grant net: ["169.254.169.254:80"]`, runtime.Permissions{}, ""),
		get("the addresses of clouds, of version 6", "http://[fd00:ec2::254]/", every, `grant net: ["[fd00:ec2::254]:80"]`, runtime.Permissions{}, ""),
		get("the addresses of clouds by a name", "http://meta.example.com/", every,
			`grant net: ["meta.example.com:80"] to package team/x in the configuration (169.254.169.254 is a link-local address, which takes a grant without *)`, runtime.Permissions{}, ""),
		get("private addresses by a name", "http://db.example.com/", every, `(10.0.0.1 is a private address, which takes a grant without *)`, runtime.Permissions{}, ""),
		get("loopback by a name", "http://api.example.com:APORT/", every, `(127.0.0.1 is a loopback address, which takes a grant without *)`,
			runtime.Permissions{Net: []string{"api.example.com:*"}}, "127.0.0.1"),
		get("another address of a name", "http://own.test:DPORT/", runtime.Permissions{Net: []string{"*.test:*"}}, `grant net: ["own.test:DPORT"]`,
			runtime.Permissions{Net: []string{"own.test:DPORT"}}, "127.0.0.2"),
		get("decimal notation", "http://2130706433:APORT/", every, "no such host", runtime.Permissions{}, ""),
		resolving,
	})
}

// A name that leads elsewhere the second time is looked at the second time.
func TestNamesThatChange(t *testing.T) {
	w := newWorld(t)
	e := fetching("", "", `
	t := &http.Transport{DisableKeepAlives: true}
	first, err := text((&http.Client{Transport: t}).Get("http://rebind.example.com:APORT/"))
	if err != nil { return "", err }
	_, err = text((&http.Client{Transport: t}).Get("http://rebind.example.com:DPORT/"))
	if err == nil { return "reached", nil }
	return first + " " + err.Error(), nil`)
	data, failed := e.try(t, w, runtime.Permissions{Net: []string{"rebind.example.com:APORT", "*:*"}})
	const want = `127.0.0.1 Get "http://rebind.example.com:DPORT/": dial tcp 127.0.0.2:DPORT: permission denied: grant net: ["rebind.example.com:DPORT"] ` +
		"to package team/x in the configuration (127.0.0.2 is a loopback address, which takes a grant without *)"
	if data != w.fill(want) {
		t.Errorf("got %v, %s", data, failed)
	}
}
