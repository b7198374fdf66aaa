package escapes

import "github.com/scriptd/scriptd/engine/runtime"

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
type client struct{ *http.Client }
type getter interface { Get(string) (*http.Response, error) }
func get[T getter](c T) (*http.Response, error) { return c.Get("http://DENIED/") }
func late() (res *http.Response, err error) { var c http.Client; defer func() { res, err = c.Get("http://DENIED/") }(); return nil, nil }
func request() *http.Request { req, _ := http.NewRequest("GET", "http://DENIED/", nil); return req }
type other struct{ http.RoundTripper }
func (o other) RoundTrip(req *http.Request) (*http.Response, error) { req = req.Clone(req.Context()); req.URL.Scheme = "http"; return o.RoundTripper.RoundTrip(req) }
`
	return e
}

var requests = []escape{
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
	fetching("a protocol of a transport", "", `t := &http.Transport{}; t.RegisterProtocol("own", other{&http.Transport{}})
	return text((&http.Client{Transport: t}).Get("own://DENIED/"))`),
	fetching("a connection of a transport", "", `c, err := (&http.Transport{}).NewClientConn(ctx, "http", "DENIED"); if err != nil { return "", err }; defer c.Close()
	req, _ := http.NewRequest("GET", "http://DENIED/", nil); return text(c.RoundTrip(req))`),
	fetching("a redirect", "", `return text(http.Get("http://ALLOWED/to"))`),
	fetching("a proxy", "net/url", `u, _ := url.Parse("http://DENIED/"); return text((&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(u)}}).Get("http://ALLOWED/"))`),
	fetching("by reflection", "reflect", `out := reflect.ValueOf(&http.Client{}).MethodByName("Get").Call([]reflect.Value{reflect.ValueOf("http://DENIED/")})
	err, _ := out[1].Interface().(error); return text(out[0].Interface().(*http.Response), err)`),
	{
		"a reverse proxy", "net/http/httputil", `_ = &httputil.ReverseProxy{}; return "", nil`, "", near,
		"net/http/httputil.ReverseProxy needs the permission all",
		runtime.Permissions{},
		"",
	},
	{
		"the host's default mux", "net/rpc", `rpc.HandleHTTP(); return "", nil`, "", near,
		"net/rpc.HandleHTTP needs the permission all",
		runtime.Permissions{},
		"",
	},
}
