package interp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/scriptd/scriptd/engine/interp/guard"
)

// web is what package net/http shares among all of a process, for one package of plugins: a default client and a default
// transport of its own. All its requests end with the package.
type web struct {
	client    *http.Client
	transport http.RoundTripper

	guard *guard.Guard
	own   *http.Transport // what transport is at first, where the host's is of this kind
	open  context.Context // ends with the package
	end   context.CancelFunc
}

func newWeb(g *guard.Guard) *web {
	w := &web{client: &http.Client{}, transport: http.DefaultTransport, guard: g}
	w.open, w.end = context.WithCancel(context.Background())
	if host, ok := w.transport.(*http.Transport); ok { // what else a host has set cannot be had twice
		w.own = host.Clone()
		g.OwnTransport(w.own)
		w.transport = w.own
	}
	return w
}

// close ends the requests, and those to come.
func (w *web) close() {
	w.end()
	w.guard.Close()
	if w.own != nil {
		w.own.CloseIdleConnections()
	}
}

// variables are those of package net/http that belong to the package of plugins.
func (w *web) variables() map[string]any {
	return map[string]any{
		"DefaultClient":    variable{&w.client},
		"DefaultTransport": variable{&w.transport},
	}
}

// functions stand in for those of package net/http that make requests.
func (w *web) functions() map[string]any {
	do := func(c *http.Client, req *http.Request) (*http.Response, error) { return w.ending(c).Do(req) }
	//nolint:noctx // it is plugins that call these, and the end of their package ends the request
	get := func(c *http.Client, addr string) (*http.Response, error) { return w.ending(c).Get(addr) }
	//nolint:noctx // see above
	head := func(c *http.Client, addr string) (*http.Response, error) { return w.ending(c).Head(addr) }
	post := func(c *http.Client, addr, contentType string, body io.Reader) (*http.Response, error) {
		return w.ending(c).Post(addr, contentType, body) //nolint:noctx // see above
	}
	form := func(c *http.Client, addr string, data url.Values) (*http.Response, error) {
		return w.ending(c).PostForm(addr, data) //nolint:noctx // see above
	}
	return map[string]any{
		"net/http.Get":  func(addr string) (*http.Response, error) { return get(w.client, addr) },
		"net/http.Head": func(addr string) (*http.Response, error) { return head(w.client, addr) },
		"net/http.Post": func(addr, contentType string, body io.Reader) (*http.Response, error) {
			return post(w.client, addr, contentType, body)
		},
		"net/http.PostForm": func(addr string, data url.Values) (*http.Response, error) { return form(w.client, addr, data) },

		"(*net/http.Client).Do": do, "(*net/http.Client).Get": get, "(*net/http.Client).Head": head,
		"(*net/http.Client).Post": post, "(*net/http.Client).PostForm": form,
		"(*net/http.Client).CloseIdleConnections": func(c *http.Client) { w.ending(c).CloseIdleConnections() },

		"(*net/http.Transport).RoundTrip": func(t *http.Transport, req *http.Request) (*http.Response, error) {
			return ending{w.guard.RoundTripper(t), w.open}.RoundTrip(req)
		},
		"(net/http.RoundTripper).RoundTrip": func(t http.RoundTripper, req *http.Request) (*http.Response, error) {
			return ending{w.guard.RoundTripper(t), w.open}.RoundTrip(req)
		},
	}
}

// ending returns a client like c whose requests end with the package. Where c has no transport, it is the package's default
// one.
func (w *web) ending(c *http.Client) *http.Client {
	like := *c
	if like.Transport == nil {
		like.Transport = w.transport
	}
	like.Transport = ending{w.guard.RoundTripper(like.Transport), w.open}
	return &like
}

// ending is a transport whose requests end when open does.
type ending struct {
	http.RoundTripper
	open context.Context
}

// RoundTrip implements http.RoundTripper.
func (e ending) RoundTrip(req *http.Request) (*http.Response, error) {
	if e.RoundTripper == nil {
		return nil, errors.New("http: no Client.Transport or DefaultTransport")
	}
	ctx, cancel := context.WithCancel(req.Context())
	forget := context.AfterFunc(e.open, cancel)
	over := func() {
		forget()
		cancel()
	}
	inner := req.WithContext(ctx)
	res, err := e.RoundTripper.RoundTrip(inner)
	if err != nil || res == nil {
		over()
		if e.open.Err() != nil { // a connection that was being made is not to be kept for another request
			e.CloseIdleConnections()
		}
		return res, err
	}
	if res.Request == inner {
		res.Request = req
	}
	body := endingBody{res.Body, over}
	if w, ok := res.Body.(io.Writer); ok { // the connection, once it has another protocol
		res.Body = struct {
			endingBody
			io.Writer
		}{body, w}
	} else if res.Body != nil {
		res.Body = body
	}
	return res, nil
}

// CloseIdleConnections is what http.Client looks for.
func (e ending) CloseIdleConnections() {
	if t, ok := e.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// endingBody tells when it is of no more use.
type endingBody struct {
	io.ReadCloser
	over func()
}

// Read implements io.Reader.
func (b endingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.over()
	}
	return n, err
}

// Close implements io.Closer.
func (b endingBody) Close() error {
	defer b.over()
	return b.ReadCloser.Close()
}
