package interp

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
)

// webPackage is a package with one plugin p.
func webPackage(body string) runtime.Package {
	return runtime.Package{Name: "test/p", Dir: ".", Permissions: runtime.Permissions{All: true}, Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import ("context"; "errors"; "fmt"; "io"; "net/http"; "net/url"; "strings"; "time"; "github.com/scriptd/scriptd/plugin")

var _, _, _, _, _ = errors.New, fmt.Sprint, url.Parse, strings.NewReader, time.Now

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }

func handle(ctx context.Context, p struct{ URL string }) (string, error) {
` + body + `
}

type fake struct{ text string }

func (f fake) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(f.text))}, nil
}

func text(res *http.Response, err error) (string, error) {
	if err != nil { return "", err }
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return fmt.Sprint(res.StatusCode, " ", string(data)), err
}
`)}}}
}

// Requests do what they do without a runtime around them.
func TestRequests(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/upgrade":
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
			_ = rw.Flush()
			line, _ := rw.ReadString('\n')
			_, _ = rw.WriteString("echo " + line)
			_ = rw.Flush()
		default:
			fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, r.FormValue("k"))
		}
	}))
	defer s.Close()
	for _, test := range []struct{ name, body, want string }{
		{"Get", `return text(http.Get(p.URL + "/a"))`, "200 GET /a "},
		{"Head", `return text(http.Head(p.URL + "/a"))`, "200 "},
		{"Post", `return text(http.Post(p.URL + "/a", "application/x-www-form-urlencoded", strings.NewReader("k=v")))`, "200 POST /a v"},
		{"PostForm", `return text(http.PostForm(p.URL + "/a", url.Values{"k": {"v"}}))`, "200 POST /a v"},
		{"a redirect", `return text(http.Get(p.URL + "/redirect"))`, "200 GET /there "},
		{"methods of a client", `c := &http.Client{Timeout: time.Minute}
	var all []string
	for _, f := range []func() (*http.Response, error){
		func() (*http.Response, error) { return c.Get(p.URL + "/a") },
		func() (*http.Response, error) { return c.Head(p.URL + "/b") },
		func() (*http.Response, error) { return c.Post(p.URL + "/c", "", nil) },
		func() (*http.Response, error) { return c.PostForm(p.URL + "/d", nil) },
	} {
		s, err := text(f())
		if err != nil { return "", err }
		all = append(all, s)
	}
	c.CloseIdleConnections()
	return strings.Join(all, ", "), nil`, "200 GET /a , 200 , 200 POST /c , 200 POST /d "},
		{"a request", `req, err := http.NewRequestWithContext(ctx, "PUT", p.URL + "/x", nil)
	if err != nil { return "", err }
	res, err := http.DefaultClient.Do(req)
	if err != nil { return "", err }
	s, err := text(res, err)
	return fmt.Sprint(s, res.Request == req), err`, "200 PUT /x true"},
		{"a client in a struct", `c := struct{ *http.Client }{&http.Client{}}; return text(c.Get(p.URL + "/a"))`, "200 GET /a "},
		{"an error", `_, err := http.Get("http://127.0.0.1:1/"); var e *url.Error; return fmt.Sprint(errors.As(err, &e), ": ", e.Op), nil`, "true: Get"},
		{"a context that ends", `ctx, cancel := context.WithCancel(ctx); cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", p.URL, nil)
	_, err := http.DefaultClient.Do(req)
	return fmt.Sprint(errors.Is(err, context.Canceled)), nil`, "true"},
		{"a transport", `req, _ := http.NewRequest("GET", p.URL + "/t", nil); return text(http.DefaultTransport.RoundTrip(req))`, "200 GET /t "},
		{"a transport of its own", `t := &http.Transport{}; defer t.CloseIdleConnections(); return text((&http.Client{Transport: t}).Get(p.URL + "/o"))`, "200 GET /o "},
		{"another protocol", `req, _ := http.NewRequest("GET", p.URL + "/upgrade", nil)
	req.Header.Set("Connection", "upgrade")
	req.Header.Set("Upgrade", "echo")
	res, err := http.DefaultClient.Do(req)
	if err != nil { return "", err }
	defer res.Body.Close()
	io.WriteString(res.Body.(io.Writer), "hello\n")
	data, err := io.ReadAll(res.Body)
	return string(data), err`, "echo hello\n"},
		{"a default client", `old := http.DefaultClient; defer func() { http.DefaultClient = old }()
	http.DefaultClient = &http.Client{Transport: fake{"assigned client"}}
	return text(http.Get(p.URL))`, "200 assigned client"},
		{"a transport of the default client", `c := http.DefaultClient
	c.Transport = fake{"assigned field"}
	return text(http.Get(p.URL))`, "200 assigned field"},
		{"a default transport", `http.DefaultTransport = fake{"assigned transport"}
	a, err := text(http.Get(p.URL))
	if err != nil { return "", err }
	b, err := text((&http.Client{}).Get(p.URL))
	return a + ", " + b, err`, "200 assigned transport, 200 assigned transport"},
		{"no default transport", `var none http.RoundTripper; http.DefaultTransport = none; _, err := http.Get(p.URL); return fmt.Sprint(err != nil), nil`, "true"},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, transport := http.DefaultClient, http.DefaultTransport
			inst, err := New().Load(t.Context(), webPackage(test.body))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := inst.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			res, err := inst.Call(t.Context(), "p", map[string]any{"URL": s.URL})
			if err != nil || res.Data != test.want {
				t.Errorf("got %+v, %v, want %s", res, err, test.want)
			}
			if http.DefaultClient != client || http.DefaultTransport != transport || http.DefaultClient.Transport != nil {
				t.Error("the host has another client or transport")
			}
		})
	}
}

// A host may have set its default transport to anything. Plugins use it.
func TestHostTransport(t *testing.T) {
	host := http.DefaultTransport
	defer func() { http.DefaultTransport = host }()
	http.DefaultTransport = transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("the host's transport")
	})
	inst, err := New().Load(t.Context(), webPackage(`_, err := http.Get(p.URL); return "", err`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := inst.Call(t.Context(), "p", map[string]any{"URL": "http://127.0.0.1"})
	if err != nil || !strings.Contains(res.Error, "the host's transport") {
		t.Errorf("got %+v, %v", res, err)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
