package restartdeployment

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/scriptd/scriptd/plugin"
)

// maxBody is how much of an answer is read, in bytes: etcd takes no object of more than 1.5 MiB.
const maxBody = 4 << 20

// cluster talks to a Kubernetes API server. It is safe for concurrent use.
type cluster struct {
	server *url.URL
	token  string
	http   *http.Client
}

// deployment is the part of an apps/v1 Deployment that a restart looks at.
type deployment struct {
	Metadata struct {
		Name       string `json:"name"`
		Namespace  string `json:"namespace"`
		Generation int64  `json:"generation"`
	} `json:"metadata"`
	Spec struct {
		Paused   bool `json:"paused"`
		Strategy struct {
			Type string `json:"type"`
		} `json:"strategy"`
		Template struct {
			Metadata struct {
				Annotations map[string]string `json:"annotations"`
			} `json:"metadata"`
		} `json:"template"`
	} `json:"spec"`
}

func newCluster(cfg Config) (*cluster, error) {
	server, err := url.Parse(cfg.Server)
	if err != nil || server.Host == "" || (server.Scheme != "http" && server.Scheme != "https") {
		return nil, errors.New("config: server: want an http or https URL with a host")
	}
	transport, err := transportFor(cfg.CA)
	if err != nil {
		return nil, err
	}
	return &cluster{
		server: server,
		token:  cfg.Token,
		http: &http.Client{
			Transport: transport,
			// An API server does not redirect. Whoever does is not to get the token.
			CheckRedirect: func(_ *http.Request, _ []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// transportFor returns a transport of the package's own, so that closing it closes no connections of others.
func transportFor(ca string) (*http.Transport, error) {
	shared, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("http.DefaultTransport is a %T: want an *http.Transport", http.DefaultTransport)
	}
	own := shared.Clone()
	if ca == "" {
		return own, nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca)) {
		return nil, errors.New("config: ca: no certificate in it: want PEM")
	}
	own.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return own, nil
}

func (c *cluster) close(_ context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// deploymentURL is where the API server has the Deployment that p names.
func (c *cluster) deploymentURL(p Params) *url.URL {
	return c.server.JoinPath("apis/apps/v1/namespaces", p.Namespace, "deployments", p.Deployment)
}

// send asks the API server for an object, or patches it, and returns what the server has then.
func send[T any](ctx context.Context, c *cluster, method string, target *url.URL, patch []byte) (object T, err error) {
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(patch))
	if err != nil {
		return object, err
	}
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return object, plugin.Retryable(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return object, plugin.Retryable(fmt.Errorf("read the API server's answer: %w", err))
	}
	if resp.StatusCode != http.StatusOK {
		return object, refusal(resp, method, body)
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return object, fmt.Errorf("decode the API server's answer: %w", err)
	}
	return object, nil
}

// refusal turns an answer other than 200 into an error that says what to do about it.
func refusal(resp *http.Response, method string, body []byte) error {
	// Kubernetes explains itself in a Status object. What stands between may answer anything, so that is left out.
	var status struct {
		Message string `json:"message"`
	}
	err := fmt.Errorf("the API server answered %s", resp.Status)
	if json.Unmarshal(body, &status) == nil && status.Message != "" {
		err = fmt.Errorf("%w: %s", err, status.Message)
	}
	code := resp.StatusCode
	switch {
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%w: check the token in the configuration", err)
	case code == http.StatusForbidden:
		return fmt.Errorf("%w: the token needs the verb %s on deployments in apps", err, strings.ToLower(method))
	case code == http.StatusNotFound:
		return fmt.Errorf("no such deployment: %w", err)
	case code == http.StatusConflict || code == http.StatusTooManyRequests || code >= 500:
		return plugin.Retryable(err)
	default:
		return err
	}
}
