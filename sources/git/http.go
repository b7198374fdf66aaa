package git

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/scriptd/scriptd/sources"
)

const (
	// connectTimeout bounds each step until there is a connection; the context bounds the rest.
	connectTimeout = 10 * time.Second
	// answerTimeout bounds the time to the first byte of an answer, while a server packs what was asked for.
	answerTimeout = 2 * time.Minute
	// maxAnswer bounds an answer: a pack, with some room for how it is wrapped.
	maxAnswer = maxPack + maxPack/8
	// maxComplaint bounds the text of an answer that is an error.
	maxComplaint = 64 << 10
)

// tokenUser is the user name beside an access token. GitHub, GitLab and Gitea take any.
const tokenUser = "x-access-token"

// openHTTP returns the repository behind a server that speaks HTTP, in whichever version of the protocol it speaks.
func (s *Source) openHTTP(ctx context.Context) (origin, error) {
	auth, err := s.httpAuth(ctx)
	if err != nil {
		return nil, err
	}
	tr, err := s.httpTransport(s.dialer)
	if err != nil {
		return nil, err
	}
	return &httpOrigin{source: s, client: httpClient{
		http: &http.Client{Transport: guarded{sources.CountRequests(tr)}, CheckRedirect: s.checkRedirect},
		url:  s.remote.url, auth: auth, end: tr.CloseIdleConnections,
	}}, nil
}

const maxRedirects = 10

// checkRedirect follows to where the address policy allows, and takes no credentials to another server. A request that is
// not a GET would lose what it says on the way.
func (s *Source) checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	if req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
		req.Header.Del("Authorization")
	}
	return sources.CheckURL(req.URL.String(), s.opts.Insecure)
}

// httpAuth reads the credentials. Without any it is nil.
func (s *Source) httpAuth(ctx context.Context) (*githttp.BasicAuth, error) {
	user, password := s.remote.user, s.remote.password
	if s.opts.Username != "" {
		user = s.opts.Username
	}
	for _, secret := range []sources.Secret{s.opts.Password, s.opts.Token} {
		if !secret.IsSet() {
			continue
		}
		var err error
		if password, err = secret.Reveal(); err != nil {
			return nil, err
		}
	}
	if s.opts.App.isSet() {
		var err error
		if password, err = s.appPassword(ctx); err != nil {
			return nil, err
		}
	}
	if user == "" && (s.opts.Token.IsSet() || s.opts.App.isSet()) {
		user = tokenUser
	}
	if user == "" && password == "" {
		return nil, nil
	}
	return &githttp.BasicAuth{Username: user, Password: password}, nil
}

// httpTransport is made for one conversation: what it reads from the disk may change, and no connection stays behind.
func (s *Source) httpTransport(dialer *sources.Dialer) (*http.Transport, error) {
	tr := &http.Transport{
		Proxy:                 dialer.Proxy,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: answerTimeout,
		ForceAttemptHTTP2:     true,
	}
	tr.TLSClientConfig = &tls.Config{}
	if s.opts.ClientCert != "" {
		cert, err := s.clientCert()
		if err != nil {
			return nil, err
		}
		tr.TLSClientConfig.Certificates = []tls.Certificate{cert}
	}
	if s.opts.CAFile == "" {
		return tr, nil
	}
	pem, err := os.ReadFile(s.opts.CAFile)
	if err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "read certificates")
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, sources.Fail(sources.Misconfigured, errors.New("there are none in it"), "read certificates from %s", s.opts.CAFile)
	}
	tr.TLSClientConfig.RootCAs = pool
	return tr, nil
}

// clientCert reads the certificate that stands for this client, and its key.
func (s *Source) clientCert() (tls.Certificate, error) {
	chain, err := os.ReadFile(s.opts.ClientCert)
	if err != nil {
		return tls.Certificate{}, sources.Fail(sources.Misconfigured, err, "read the client's certificate")
	}
	key, err := s.opts.ClientKey.Reveal()
	if err != nil {
		return tls.Certificate{}, err
	}
	cert, err := tls.X509KeyPair(chain, []byte(key))
	if err != nil { // it may repeat what it was given
		err = errors.New("they do not hold, or do not belong to each other")
	}
	return cert, sources.Fail(sources.Misconfigured, err, "read the client's certificate and its key")
}

// guarded checks that answers are git's, and limits their size.
type guarded struct{ next http.RoundTripper }

// advertisement is the type of a smart server's first answer.
const advertisement = "application/x-git-upload-pack-advertisement"

func (g guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	limited := &limitedBody{ReadCloser: res.Body, left: maxAnswer}
	if strings.HasSuffix(req.URL.Path, "/info/refs") {
		limited.left = maxRefBytes
	}
	res.Body = limited
	switch {
	case res.StatusCode >= http.StatusMultipleChoices:
		limited.left, limited.truncate = maxComplaint, true
	case strings.HasSuffix(req.URL.Path, "/info/refs") && res.Header.Get("Content-Type") != advertisement:
		res.Body.Close()
		err := errors.New("what answers there is no git server that speaks the smart protocol")
		return nil, sources.Fail(sources.NotFound, err, "list refs")
	}
	return res, nil
}

// limitedBody is a body that ends, or fails, at a limit.
type limitedBody struct {
	io.ReadCloser
	left     int64
	truncate bool
}

// lower lowers the limit, of a body that nothing was read of.
func (b *limitedBody) lower(limit int64) { b.left = min(b.left, limit) }

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		if b.truncate {
			return 0, io.EOF
		}
		return 0, sources.Fail(sources.Refused, errors.New("it has more bytes than are read"), "read the server's answer")
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
