package escapes

import "github.com/scriptd/scriptd/engine/runtime"

var (
	near = runtime.Permissions{Net: []string{"127.0.0.1:*"}}
	far  = runtime.Permissions{Net: []string{"127.0.0.2:*"}}
)

// dialling is an escape that connects to the other server.
func dialling(name, imports, body string) escape {
	return escape{name, imports, body, talk, near, `127.0.0.2:DPORT: permission denied: add permissions: {net: ["DENIED"]} to package team/x or its source in the configuration`, far, "127.0.0.2"}
}

// connecting is one that does not ask there for anything.
func connecting(name, imports, body string) escape {
	e := dialling(name, imports, body+`; if err != nil { return "", err }; return "connected", c.Close()`)
	e.decls, e.want = "", "connected"
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

func hosts() []escape {
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
	return []escape{
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
		{"rpc.DialHTTP", "net/rpc", `_, err := rpc.DialHTTP("tcp", "DENIED"); return "", err`, "", near, `permissions: {net: ["DENIED"]`, far, ""},
		{"tls.Dial", "crypto/tls", `_, err := tls.Dial("tcp", "DENIED", nil); return "", err`, "", near, `permissions: {net: ["DENIED"]`, far, ""},
		{"tls.Dialer", "crypto/tls net", `_, err := (&tls.Dialer{NetDialer: &net.Dialer{}}).DialContext(ctx, "tcp", "DENIED"); return "", err`, "", near, `permissions: {net: ["DENIED"]`, far, ""},
		{"tls.DialWithDialer", "crypto/tls net", `_, err := tls.DialWithDialer(&net.Dialer{}, "tcp", "DENIED", nil); return "", err`, "", near, `permissions: {net: ["DENIED"]`, far, ""},
		{"smtp.Dial", "net/smtp", `_, err := smtp.Dial("DENIED"); return "", err`, "", near, `permissions: {net: ["DENIED"]`, far, ""},
		{"smtp.SendMail", "net/smtp", `return "", smtp.SendMail("DENIED", nil, "a", nil, nil)`, "", near, `permissions: {net: ["DENIED"]`, far, ""},
		{
			"listening", "net", `l, err := net.Listen("tcp", "127.0.0.2:0"); if err != nil { return "", err }; return "listens", l.Close()`, "",
			near, `listen tcp 127.0.0.2:0: permission denied: add permissions: {net: ["127.0.0.2:0"]`, far, "listens",
		},
		{
			"serving", "net/http", `return "", http.ListenAndServe("127.0.0.2:0", nil)`, "",
			near, `permissions: {net: ["127.0.0.2:0"]`, far, "",
		},
		{
			"a socket in the file system", "net", `_, err := net.Dial("unix", "DIR/socket"); return "", err`, "",
			runtime.Permissions{Net: []string{"*:*"}, Read: []string{"/"}, Write: []string{"/"}},
			"permissions: {all: true} to package team/x",
			runtime.Permissions{},
			"",
		},
		{
			"looking up", "net", `_, err := net.LookupHost("secret.other.test"); return "", err`, "",
			near, `lookup secret.other.test: permission denied: add permissions: {net: ["secret.other.test:*"]`, far, "",
		},
	}
}
