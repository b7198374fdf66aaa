package guard

import (
	"io"
	"net/http"
	"net/url"
)

// requestFuncs are the functions that make requests through a client, for programs: those of plugins end with their package, and
// are made elsewhere.
func requestFuncs(g *Guard) map[string]any {
	//nolint:noctx // it is programs that call these
	return map[string]any{
		"net/http.Get":  func(u string) (*http.Response, error) { return g.client(http.DefaultClient).Get(u) },
		"net/http.Head": func(u string) (*http.Response, error) { return g.client(http.DefaultClient).Head(u) },
		"net/http.Post": func(u, contentType string, body io.Reader) (*http.Response, error) {
			return g.client(http.DefaultClient).Post(u, contentType, body)
		},
		"net/http.PostForm": func(u string, data url.Values) (*http.Response, error) {
			return g.client(http.DefaultClient).PostForm(u, data)
		},
		"(*net/http.Client).Do":   func(c *http.Client, req *http.Request) (*http.Response, error) { return g.client(c).Do(req) },
		"(*net/http.Client).Get":  func(c *http.Client, u string) (*http.Response, error) { return g.client(c).Get(u) },
		"(*net/http.Client).Head": func(c *http.Client, u string) (*http.Response, error) { return g.client(c).Head(u) },
		"(*net/http.Client).Post": func(c *http.Client, u, contentType string, body io.Reader) (*http.Response, error) {
			return g.client(c).Post(u, contentType, body)
		},
		"(*net/http.Client).PostForm": func(c *http.Client, u string, data url.Values) (*http.Response, error) {
			return g.client(c).PostForm(u, data)
		},
		"(*net/http.Client).CloseIdleConnections": func(c *http.Client) { g.client(c).CloseIdleConnections() },
	}
}

// client returns a client like c that connects where the package may.
func (g *Guard) client(c *http.Client) *http.Client {
	like := *c
	if like.Transport == nil {
		like.Transport = http.DefaultTransport
	}
	like.Transport = g.RoundTripper(like.Transport)
	return &like
}
