package escapes

import (
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

func names() []escape {
	every := runtime.Permissions{Net: []string{"*:*"}}
	get := func(name, url string, held runtime.Permissions, denied string, more runtime.Permissions, want string) escape {
		e := fetching(name, "", `return text(http.Get("`+url+`"))`)
		e.held, e.denied, e.more, e.want = held, denied, more, want
		return e
	}
	resolving := fetching("a resolver of its own", "net", `r := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return net.Dial("udp", "127.0.0.1:53") }}
	t := &http.Transport{DialContext: (&net.Dialer{Resolver: r}).DialContext}; return text((&http.Client{Transport: t}).Get("http://api.example.com:APORT/"))`)
	resolving.held, resolving.denied, resolving.want = runtime.Permissions{Net: []string{"api.example.com:*"}}, "permission denied: add permissions: {net: ", ""
	return []escape{
		get("the addresses of clouds", "http://169.254.169.254/latest/meta-data/", every, `permissions: {net: ["169.254.169.254:80"]`, runtime.Permissions{}, ""),
		get("the addresses of clouds, of version 6", "http://[fd00:ec2::254]/", every, `permissions: {net: ["[fd00:ec2::254]:80"]`, runtime.Permissions{}, ""),
		get("the addresses of clouds by a name", "http://meta.example.com/", every,
			`permissions: {net: ["meta.example.com:80"]} to package team/x or its source in the configuration (169.254.169.254 is a link-local address, which takes a grant without *)`, runtime.Permissions{}, ""),
		get("private addresses by a name", "http://db.example.com/", every, `(10.0.0.1 is a private address, which takes a grant without *)`, runtime.Permissions{}, ""),
		get("loopback by a name", "http://api.example.com:APORT/", every, `(127.0.0.1 is a loopback address, which takes a grant without *)`,
			runtime.Permissions{Net: []string{"api.example.com:*"}}, "127.0.0.1"),
		get("another address of a name", "http://own.test:DPORT/", runtime.Permissions{Net: []string{"*.test:*"}}, `permissions: {net: ["own.test:DPORT"]`,
			runtime.Permissions{Net: []string{"own.test:DPORT"}}, "127.0.0.2"),
		get("decimal notation", "http://2130706433:APORT/", every, "no such host", runtime.Permissions{}, ""),
		resolving,
	}
}

// namesThatChange: a name that leads elsewhere the second time is looked at the second time.
func namesThatChange(t *testing.T, start Start) {
	t.Helper()
	w := newWorld(t, start)
	e := fetching("", "", `
	t := &http.Transport{DisableKeepAlives: true}
	first, err := text((&http.Client{Transport: t}).Get("http://rebind.example.com:APORT/"))
	if err != nil { return "", err }
	_, err = text((&http.Client{Transport: t}).Get("http://rebind.example.com:DPORT/"))
	if err == nil { return "reached", nil }
	return first + " " + err.Error(), nil`)
	data, failed := e.try(t, w, runtime.Permissions{Net: []string{"rebind.example.com:APORT", "*:*"}})
	const want = `127.0.0.1 Get "http://rebind.example.com:DPORT/": dial tcp 127.0.0.2:DPORT: permission denied: add permissions: {net: ["rebind.example.com:DPORT"]} ` +
		"to package team/x or its source in the configuration (127.0.0.2 is a loopback address, which takes a grant without *)"
	if data != w.fill(want) {
		t.Errorf("got %v, %s", data, failed)
	}
}
