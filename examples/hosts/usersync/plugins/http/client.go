package http

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

const (
	// maxBody is how much of an answer is read, in bytes.
	maxBody = 16 << 20
	// maxPages bounds how many pages are asked for.
	maxPages = 100_000
)

// client asks an API. It is for one goroutine.
type client struct {
	base      *url.URL
	authorize func(*http.Request)
	attempts  int
	http      *http.Client
}

func newClient(config usersync.Config) (*client, error) {
	base, err := url.Parse(config.Text("url"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, plugin.Invalid("url: want http:// or https:// with a host")
	}
	c := &client{base: base, attempts: config.Number("attempts"), authorize: func(*http.Request) {}}
	switch token, user, password := string(config.Secret("token")), config.Text("username"), string(config.Secret("password")); config.Text("auth") {
	case "bearer":
		if token == "" {
			return nil, plugin.Invalid("token: is missing, and auth is bearer")
		}
		c.authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	case "basic":
		if user == "" {
			return nil, plugin.Invalid("username: is missing, and auth is basic")
		}
		c.authorize = func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	c.http = &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment},
		// Where the API sends us must not get what it may know.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// page is what the API answers.
type page struct {
	Count   *int              `json:"count"`
	Results []json.RawMessage `json:"results"`
}

// pages calls visit with each result, until that fails, and returns its error.
func (c *client) pages(ctx context.Context, path string, size int, visit func(json.RawMessage) error) error {
	seen := 0
	for n := 1; n <= maxPages; n++ {
		body, err := c.get(ctx, path, url.Values{"page": {strconv.Itoa(n)}, "page_size": {strconv.Itoa(size)}})
		if err != nil {
			return err
		}
		var p page
		if err := json.Unmarshal(body, &p); err != nil || p.Count == nil || p.Results == nil {
			return fmt.Errorf("%w: the answer is not {\"count\": …, \"results\": […]}: check url and the paths", usersync.ErrWrongFormat)
		}
		for _, item := range p.Results {
			if err := visit(item); err != nil {
				return err
			}
		}
		seen += len(p.Results)
		switch {
		case seen >= *p.Count:
			return nil
		case len(p.Results) == 0: // half of the users would pass for all of them
			return fmt.Errorf("%w: the API counts %d and has %d", usersync.ErrWrongFormat, *p.Count, seen)
		}
	}
	return fmt.Errorf("the API has more than %d pages", maxPages)
}

// answer is what the API answers.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// request makes one request. The answer is nil with an error.
func (c *client) request(ctx context.Context, path string, query url.Values) (*answer, error) {
	target := c.base.JoinPath(path)
	own := target.Query() // of the configured address
	maps.Copy(own, query)
	target.RawQuery = own.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	c.authorize(req)
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w to %s: %w", usersync.ErrCannotConnect, c.base.Host, cause(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, plugin.Retryable(fmt.Errorf("read the answer: %w", err))
	case len(body) > maxBody:
		return nil, fmt.Errorf("%w: a page has more than %d bytes: lower page_size", usersync.ErrWrongFormat, maxBody)
	}
	return &answer{resp.StatusCode, resp.Header, body}, nil
}

// cause is err without the URL that package http puts before it: an address may have a key in its query.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
