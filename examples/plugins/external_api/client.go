package externalapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

const (
	// maxBody is how much of an answer is read, in bytes.
	maxBody = 1 << 20
	// maxReason is how much of a refusal goes into an error, in characters.
	maxReason = 200
	// maxRedirects is how many redirects in a row are followed.
	maxRedirects = 5
)

// client talks to the configured API. It is safe for concurrent use.
type client struct {
	endpoint *url.URL
	token    string
	http     *http.Client
}

func newClient(cfg Config) (*client, error) {
	endpoint, err := url.Parse(cfg.Endpoint)
	if err != nil || endpoint.Host == "" {
		return nil, errors.New("config: endpoint: want a URL with a host")
	}
	if endpoint.Scheme != "https" && (endpoint.Scheme != "http" || !loopback(endpoint.Hostname())) {
		return nil, errors.New("config: endpoint: want https, or the token travels in the clear")
	}
	transport := http.DefaultTransport
	if shared, ok := transport.(*http.Transport); ok {
		// A transport of its own can be closed without closing the connections of others.
		transport = shared.Clone()
	}
	return &client{
		endpoint: endpoint,
		token:    cfg.Token,
		http: &http.Client{
			Transport:     transport,
			Timeout:       time.Duration(cfg.Timeout) * time.Second,
			CheckRedirect: checkRedirect,
		},
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// checkRedirect follows redirects within the origin only. The HTTP client would carry the token to another port, to a
// subdomain, and from https to http.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if req.URL.Scheme != first.Scheme || req.URL.Host != first.Host || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

func (c *client) close(_ context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

func (c *client) search(ctx context.Context, p Params) (Answer, error) {
	req, err := newRequest(ctx, c, p)
	if err != nil {
		return Answer{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, plugin.Retryable(fmt.Errorf("search: %w", cause(err)))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return Answer{}, plugin.Retryable(fmt.Errorf("search: read the answer: %w", err))
	case resp.StatusCode != http.StatusOK:
		return Answer{}, refusal(resp, body, c.token)
	case len(body) > maxBody:
		return Answer{}, fmt.Errorf("search: the answer is larger than %d bytes: lower limit", maxBody)
	}
	answer := Answer{StatusCode: resp.StatusCode}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // a float64 would change the last digits of long numbers
	if err := decoder.Decode(&answer.Body); err != nil {
		return Answer{}, fmt.Errorf("search: the answer is not JSON: %w", err)
	}
	return answer, nil
}

func newRequest(ctx context.Context, c *client, p Params) (*http.Request, error) {
	// What the endpoint has in its own query stays.
	query := c.endpoint.Query()
	query.Set("q", p.Query)
	query.Set("limit", strconv.Itoa(p.Limit))
	for _, tag := range p.Tags {
		query.Add("tag", tag)
	}
	target := *c.endpoint
	target.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("search: %w", cause(err))
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// cause is err without the URL that package http puts before it: an endpoint may have a key in its query.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// refusal turns an answer other than 200 into an error that says whose turn it is: the caller's, with other
// parameters; the operator's, with another configuration; or nobody's, it may work later.
func refusal(resp *http.Response, body []byte, token string) error {
	// An API that repeats what it was sent does not get the token into errors and logs.
	text := strings.ReplaceAll(strings.TrimSpace(string(body)), token, "[token]")
	err := fmt.Errorf("search: the API answered %d %s: %.*q",
		resp.StatusCode, http.StatusText(resp.StatusCode), maxReason, text)
	code := resp.StatusCode
	switch {
	case code == http.StatusBadRequest || code == http.StatusUnprocessableEntity:
		return plugin.Invalid("%w", err)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("%w: check the token in the configuration", err)
	case code == http.StatusNotFound:
		return fmt.Errorf("%w: check the endpoint in the configuration", err)
	case code >= 300 && code < 400:
		return errors.New("search: the API redirects to where the token may not go, or in a circle: " +
			"check the endpoint in the configuration")
	case code == http.StatusTooManyRequests || code >= 500:
		return plugin.Retryable(err)
	default:
		return err
	}
}
