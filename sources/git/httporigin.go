package git

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/scriptd/scriptd/sources"
)

// httpClient is a conversation with a server over HTTP.
type httpClient struct {
	http *http.Client
	url  string // of the repository
	auth *githttp.BasicAuth
	end  func()
}

// do asks for something in version 2 of the protocol, of which at most limit bytes are read.
func (c *httpClient) do(req *http.Request, limit int64) (*http.Response, error) {
	req.Header.Set("Git-Protocol", "version=2")
	req.Header.Set("User-Agent", userAgent)
	if c.auth != nil {
		c.auth.SetAuth(req)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if body, ok := res.Body.(*limitedBody); ok {
		body.lower(limit)
	}
	return res, nil
}

// statusError is the error of an answer, nil where it is none.
func statusError(res *http.Response) error {
	switch code := res.StatusCode; {
	case code < http.StatusBadRequest:
		return nil
	case code == http.StatusUnauthorized:
		return transport.ErrAuthenticationRequired
	case code == http.StatusForbidden:
		return transport.ErrAuthorizationFailed
	case code == http.StatusNotFound, code == http.StatusGone:
		return transport.ErrRepositoryNotFound
	default:
		return sources.NewStatusError(code, res.Header, time.Now())
	}
}

// discover asks a server which version it speaks, and follows where it redirects to. It returns the repository's address
// there, and whether that is version 2.
func (c *httpClient) discover(ctx context.Context) (url string, v2 bool, err error) {
	const path = "/info/refs"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path+"?service=git-upload-pack", http.NoBody)
	if err != nil {
		return "", false, err
	}
	res, err := c.do(req, maxRefBytes)
	if err != nil {
		return "", false, err
	}
	defer res.Body.Close()
	if err := statusError(res); err != nil {
		return "", false, err
	}
	at := *res.Request.URL
	if before, ok := strings.CutSuffix(at.Path, path); ok {
		at.Path, at.RawPath, at.RawQuery = before, "", ""
		url = at.String()
	}
	first, err := bufio.NewReader(res.Body).Peek(len("000eversion 2"))
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	return url, url != "" && string(first) == "000eversion 2", nil
}

// dialect is what is known of how a server wants to be spoken to.
type dialect struct {
	version int    // 2; 0 for all before; -1 where nobody has asked yet
	url     string // where it redirected to, empty for nowhere
}

var undiscovered = dialect{version: -1}

func (s *Source) dialect() dialect {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.speaks
}

func (s *Source) setDialect(d dialect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speaks = d
}

// httpOrigin is a repository behind a server that speaks HTTP.
type httpOrigin struct {
	source *Source
	client httpClient
}

func (o *httpOrigin) close() { o.client.end() }

func (o *httpOrigin) refs(ctx context.Context, ref string) (list refs, err error) {
	err = o.speak(ctx, func(c *httpClient) error {
		if list, err = c.lsRefs(ctx, prefixes(ref)); err == nil && !list.has(ref) {
			// It says what there is instead, which is worth another request.
			all, err := c.lsRefs(ctx, []string{"HEAD", "refs/heads/", "refs/tags/"})
			if err != nil {
				return err
			}
			list = all
		}
		return err
	}, func(old smartOrigin) error {
		list, err = old.refs(ctx, ref)
		return err
	})
	if err == nil && list.head.IsZero() && len(list.hashes) == 0 {
		err = transport.ErrEmptyRemoteRepository
	}
	return list, err
}

func (o *httpOrigin) fetch(ctx context.Context, commit plumbing.Hash, deep bool, have *state) (got *objects, err error) {
	err = o.speak(ctx, func(c *httpClient) error {
		got, err = c.fetch(ctx, commit, have)
		return err
	}, func(old smartOrigin) error {
		got, err = old.fetch(ctx, commit, deep, have)
		return err
	})
	return got, err
}

// speak tries version 2 at once, without asking whether the server speaks it. A server that does not answer in it, and
// never has, is asked; old is for those that do not.
func (o *httpOrigin) speak(ctx context.Context, v2 func(*httpClient) error, old func(smartOrigin) error) error {
	d := o.source.dialect()
	if d.version == 0 {
		return o.speakOld(old)
	}
	c := o.client
	if d.url != "" {
		c.url = d.url
		if !sameServer(c.url, o.client.url) {
			c.auth = nil
		}
	}
	err := v2(&c)
	switch {
	case err == nil:
		if d.version < 0 {
			o.source.setDialect(dialect{version: 2})
		}
		return nil
	case !isStrange(err):
		return err
	case d.version == 2:
		o.source.setDialect(undiscovered) // it may have moved, or gone back
		return err
	}
	url, speaks, asked := o.client.discover(ctx)
	switch {
	case asked != nil:
		return asked
	case !speaks:
		o.source.setDialect(dialect{})
		return o.speakOld(old)
	case url == o.client.url:
		o.source.setDialect(dialect{version: 2})
		return err // it speaks it, and this is what it says
	}
	o.source.setDialect(dialect{version: 2, url: url})
	return o.speak(ctx, v2, old)
}

// isStrange reports whether an error may come of a server that does not speak version 2, or not here.
func isStrange(err error) bool {
	_, said := errors.AsType[serverError](err)
	status, answered := errors.AsType[*sources.StatusError](err)
	switch {
	case answered:
		return status.Code != http.StatusTooManyRequests && status.Code != http.StatusServiceUnavailable
	case said, errors.Is(err, errNotV2), errors.Is(err, errNotGit), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	}
	return errors.Is(err, transport.ErrRepositoryNotFound)
}

// speakOld has go-git speak the versions before.
func (o *httpOrigin) speakOld(do func(smartOrigin) error) error {
	endpoint, err := transport.NewEndpoint(o.client.url)
	if err != nil {
		return err
	}
	var auth transport.AuthMethod
	if o.client.auth != nil {
		auth = o.client.auth
	}
	session, err := githttp.NewClient(o.client.http).NewUploadPackSession(endpoint, auth)
	if err != nil {
		return err
	}
	return do(smartOrigin{session: session, stateless: true})
}

// sameServer reports whether two addresses are of one server, as far as credentials go.
func sameServer(a, b string) bool {
	one, err := url.Parse(a)
	if err != nil {
		return false
	}
	other, err := url.Parse(b)
	return err == nil && one.Scheme == other.Scheme && one.Host == other.Host
}
