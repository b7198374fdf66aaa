package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// Plugin is a plugin of the server, as lists show it.
type Plugin struct {
	Name        string          `json:"name"`
	Category    plugin.Category `json:"category"`
	Description string          `json:"description"`
	Source      string          `json:"source"`
	Package     string          `json:"package"`
	Revision    string          `json:"revision"`
	Digest      string          `json:"digest"`
}

// Description is everything there is to know about a plugin before calling it.
type Description struct {
	Plugin
	// Parameters is the JSON Schema of the parameters.
	Parameters map[string]any `json:"parameters"`
	// Permissions are what the plugin's package was granted, and Asks what it asks for.
	Permissions runtime.Permissions `json:"permissions"`
	Asks        runtime.Permissions `json:"asks"`
	Imports     []string            `json:"imports"`
}

// Implementation is what a package of the server provides for a contract.
type Implementation struct {
	Contract string   `json:"contract"`
	Version  int      `json:"version"`
	Name     string   `json:"name"`
	Missing  []string `json:"missing"`
	Source   string   `json:"source"`
	Package  string   `json:"package"`
	Revision string   `json:"revision"`
	Digest   string   `json:"digest"`
}

// Source is the state of a source of the server: see docs/http.md.
type Source struct {
	Name         string    `json:"name"`
	Type         string    `json:"type"`
	Revision     string    `json:"revision"`
	Digest       string    `json:"digest"`
	Ready        bool      `json:"ready"`
	Stale        bool      `json:"stale"`
	StaleSeconds int64     `json:"stale_seconds"`
	Verified     bool      `json:"verified"`
	Suspended    bool      `json:"suspended"`
	LastSync     time.Time `json:"last_sync"`
	LastSuccess  time.Time `json:"last_success"`
	ErrorKind    string    `json:"error_kind"`
	Error        string    `json:"error"`
}

// SyncResult is what Sync did.
type SyncResult struct {
	Source   string `json:"source"`
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
	Changed  bool   `json:"changed"`
	// Error is why it went wrong; empty where it did not.
	Error string `json:"error"`
}

// maxAnswer bounds the body of an answer.
const maxAnswer = 256 << 20

// Plugins lists the plugins that can be called, sorted by name.
func (c *Client) Plugins(ctx context.Context) (list []Plugin, err error) {
	return list, c.do(ctx, http.MethodGet, "/v1/plugins", nil, &list)
}

// Describe tells all about a plugin, or fails with ErrNotFound.
func (c *Client) Describe(ctx context.Context, name string) (d Description, err error) {
	return d, c.do(ctx, http.MethodGet, "/v1/plugins/"+url.PathEscape(name), nil, &d)
}

// Run calls a plugin. Params is what encodes to a JSON object; nil is no parameters. What the plugin answered, failure included, is in
// the result. The error is about the call: ErrNotFound, ErrInvalid, ErrBusy, ErrTimeout, or another *Problem, or an *UnavailableError.
func (c *Client) Run(ctx context.Context, name string, params any) (plugin.Result, error) {
	var body []byte
	if params != nil {
		var err error
		if body, err = json.Marshal(params); err != nil {
			return plugin.Result{}, fmt.Errorf("run %s: encode the parameters: %w", name, err)
		}
	}
	var res plugin.Result
	err := c.do(ctx, http.MethodPost, "/v1/plugins/"+url.PathEscape(name)+"/run", body, &res)
	return res, err
}

// Implementations lists what the server has for contracts, sorted by contract and name.
func (c *Client) Implementations(ctx context.Context) (list []Implementation, err error) {
	return list, c.do(ctx, http.MethodGet, "/v1/contracts", nil, &list)
}

// Sources tells the state of each source.
func (c *Client) Sources(ctx context.Context) (list []Source, err error) {
	return list, c.do(ctx, http.MethodGet, "/v1/sources", nil, &list)
}

// Sync brings a source up to date, or fails with ErrNoSource. What went wrong with the source is in the result.
func (c *Client) Sync(ctx context.Context, source string) (r SyncResult, err error) {
	return r, c.do(ctx, http.MethodPost, "/v1/sources/"+url.PathEscape(source)+"/sync", nil, &r)
}

// Healthy fails where the server does not answer, and Ready where it does not serve all of its sources, too.
func (c *Client) Healthy(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "/healthz", nil, nil)
}

// Ready fails where Healthy does, and with the reasons where the server does not serve a tree of each source, and all packages of it, or
// where a package is not well.
func (c *Client) Ready(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "/readyz", nil, nil)
}

func (c *Client) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.String()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for key, values := range c.opts.Header {
		req.Header[http.CanonicalHeaderKey(key)] = append([]string(nil), values...)
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// do sends a request, and decodes the answer into what into points to; nil is nothing.
func (c *Client) do(ctx context.Context, method, path string, body []byte, into any) error {
	if !c.enter() {
		return ErrClosed
	}
	defer c.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.closing, cancel)()
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return c.unavailable(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return problemOf(resp)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return c.unavailable(err)
	}
	c.mu.Lock()
	c.seen = time.Now()
	c.mu.Unlock()
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s: the answer: %w", method, req.URL.Redacted(), err)
	}
	return nil
}
