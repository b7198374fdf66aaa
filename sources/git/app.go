package git

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/scriptd/scriptd/sources"
)

// App is a GitHub App that is installed where the repository is. It stands for itself with its private key, and is given
// tokens of an hour.
type App struct {
	// ID is that of the app, or its client ID, and Installation that of the installation.
	ID, Installation string
	// PrivateKey is the key that GitHub made for the app, in PEM.
	PrivateKey sources.Secret
	// API is the address of the API. Empty is https://api.github.com.
	API string
}

func (a App) isSet() bool {
	return a.ID != "" || a.Installation != "" || a.PrivateKey.IsSet() || a.API != ""
}

func (a App) check(insecure bool) error {
	if a.ID == "" || a.Installation == "" || !a.PrivateKey.IsSet() {
		return errors.New("a GitHub App needs an id, an installation and a private_key")
	}
	if strings.Trim(a.Installation, "0123456789") != "" {
		return errors.New("the installation of a GitHub App is a number")
	}
	return sources.CheckURL(cmp.Or(a.API, githubAPI), insecure)
}

const (
	githubAPI = "https://api.github.com"
	// early is how long before its end a token is replaced, and maxToken bounds the answer that has one.
	early    = 5 * time.Minute
	maxToken = 64 << 10
)

// appToken is a token of an installation, for the key that it was given for.
type appToken struct {
	value   string
	expires time.Time
	key     [sha256.Size]byte
}

// appPassword returns a token, a new one where the last one ends soon, or the key is another.
func (s *Source) appPassword(ctx context.Context) (string, error) {
	text, err := s.opts.App.PrivateKey.Reveal()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(text))
	s.mu.Lock()
	known := s.token
	s.mu.Unlock()
	if known.key == sum && time.Until(known.expires) > early {
		return known.value, nil
	}
	key, err := parseRSA(text)
	if err != nil {
		return "", sources.Fail(sources.Misconfigured, err, "read the private key of the GitHub App")
	}
	token, err := s.requestToken(ctx, key)
	if err != nil {
		return "", err
	}
	token.key = sum
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
	return token.value, nil
}

// forgetToken drops a token that was refused.
func (s *Source) forgetToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = appToken{}
}

func parseRSA(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it is not in PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("it is no RSA key")
	}
	return key, nil
}

// requestToken asks for a token, see GitHub's "Generating an installation access token for a GitHub App".
func (s *Source) requestToken(ctx context.Context, key *rsa.PrivateKey) (appToken, error) {
	jwt, err := signJWT(s.opts.App.ID, key, time.Now())
	if err != nil {
		return appToken{}, err
	}
	dialer := &sources.Dialer{Timeout: connectTimeout, Lookup: s.opts.Lookup}
	tr, err := s.httpTransport(dialer)
	if err != nil {
		return appToken{}, err
	}
	defer tr.CloseIdleConnections()
	at := strings.TrimSuffix(cmp.Or(s.opts.App.API, githubAPI), "/") + "/app/installations/" + s.opts.App.Installation + "/access_tokens"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, http.NoBody)
	if err != nil {
		return appToken{}, err
	}
	req.Header.Set("Authorization", "Bearer "+jwt)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("User-Agent", userAgent)
	res, err := sources.CountRequests(tr).RoundTrip(req)
	if err != nil {
		return appToken{}, sources.Fail(sources.Transient, bare(err), "ask for a token of the GitHub App")
	}
	defer res.Body.Close()
	return readToken(res)
}

func readToken(res *http.Response) (appToken, error) {
	const op = "ask for a token of the GitHub App"
	switch code := res.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound:
		return appToken{}, sources.Fail(sources.Denied, fmt.Errorf("GitHub refuses the id, the installation or the private key (%d)", code), op)
	case code != http.StatusCreated && code != http.StatusOK:
		return appToken{}, sources.Fail(sources.Transient, sources.NewStatusError(code, res.Header, time.Now()), op)
	}
	var answer struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires_at"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxToken)).Decode(&answer); err != nil || answer.Token == "" {
		return appToken{}, sources.Fail(sources.Transient, errors.New("the answer has no token"), op)
	}
	return appToken{value: answer.Token, expires: answer.Expires}, nil
}

// signJWT makes the token with which an app asks for others, see RFC 7519. Clocks differ: it holds from a minute ago.
func signJWT(id string, key *rsa.PrivateKey, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(9 * time.Minute).Unix(), "iss": id})
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	out.WriteString(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)))
	out.WriteString("." + base64.RawURLEncoding.EncodeToString(claims))
	sum := sha256.Sum256(out.Bytes())
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	out.WriteString("." + base64.RawURLEncoding.EncodeToString(signature))
	return out.String(), err
}
