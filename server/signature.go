package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// hookAge is how old a webhook may be that says when it was sent, and how far its clock may be ahead.
const hookAge = 5 * time.Minute

// claims are what the headers of a webhook say that only those say who have its secret. The body is written to them.
type claims struct {
	// token says that the secret itself was sent.
	token bool
	// signatures are held against the body.
	signatures []signature
}

// signature is a sum over the body, and what it may come to.
type signature struct {
	mac  hash.Hash
	sums [][]byte
}

// hexSignatures are the headers with an HMAC of the body in hexadecimal digits.
var hexSignatures = []struct{ header, prefix string }{
	{"X-Hub-Signature-256", "sha256="}, // GitHub
	{"X-Gitea-Signature", ""},
	{"X-Forgejo-Signature", ""},
	{"X-Gogs-Signature", ""},
}

// claimsOf reads the headers of a webhook. The error is about the secret.
func claimsOf(h http.Header, secret string, now time.Time) (*claims, error) {
	c := &claims{token: sameText(h.Get("X-Gitlab-Token"), secret)}
	body := signature{mac: hmac.New(sha256.New, []byte(secret))}
	for _, s := range hexSignatures {
		value, ok := strings.CutPrefix(h.Get(s.header), s.prefix)
		if sum, err := hex.DecodeString(value); ok && err == nil {
			body.sums = append(body.sums, sum)
		}
	}
	c.add(body)
	if h.Get("webhook-signature") == "" || !timely(h.Get("webhook-timestamp"), now) {
		return c, nil
	}
	standard, err := standardSignature(h, secret)
	c.add(standard)
	return c, err
}

// standardSignature reads the headers of Standard Webhooks, which newer GitLab signs with.
func standardSignature(h http.Header, secret string) (signature, error) {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	if !ok {
		return signature{}, nil // it is for other ways to sign
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) == 0 {
		return signature{}, errors.New("what follows whsec_ is not base64") // and no word of what it is
	}
	s := signature{mac: hmac.New(sha256.New, key)}
	fmt.Fprintf(s.mac, "%s.%s.", h.Get("webhook-id"), h.Get("webhook-timestamp"))
	for text := range strings.FieldsSeq(h.Get("webhook-signature")) {
		value, ok := strings.CutPrefix(text, "v1,")
		if sum, err := base64.StdEncoding.DecodeString(value); ok && err == nil {
			s.sums = append(s.sums, sum)
		}
	}
	return s, nil
}

// timely reports whether a Unix time is about now.
func timely(sent string, now time.Time) bool {
	seconds, err := strconv.ParseInt(sent, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= hookAge
}

// sameText compares in a time that tells neither where two texts differ nor how long they are.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func (c *claims) add(s signature) {
	if len(s.sums) > 0 {
		c.signatures = append(c.signatures, s)
	}
}

// none reports whether there is nothing that a body could make true.
func (c *claims) none() bool { return !c.token && len(c.signatures) == 0 }

// Write takes a part of the body.
func (c *claims) Write(p []byte) (int, error) {
	for _, s := range c.signatures {
		s.mac.Write(p) // never fails
	}
	return len(p), nil
}

// hold reports whether one of them is true of the body.
func (c *claims) hold() bool {
	ok := c.token
	for _, s := range c.signatures {
		got := s.mac.Sum(nil)
		for _, sum := range s.sums {
			same := hmac.Equal(got, sum)
			ok = ok || same
		}
	}
	return ok
}
