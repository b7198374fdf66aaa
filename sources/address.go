package sources

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// CheckURL applies the address policy to the URL of an origin: http and git travel in the clear, where anyone on the
// way can read credentials and replace code, so they need insecure, unless the origin is on this machine. Which
// schemes there are is for the kind of source to say. The error is of kind Misconfigured and shows no credentials.
func CheckURL(raw string, insecure bool) error {
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's error repeats the URL, with what is secret in it.
		return Fail(Misconfigured, errors.New("it is not a valid URL"), "address %s", RedactURL(raw))
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "git":
		if !insecure && !isLoopback(u.Hostname()) {
			return Fail(Misconfigured, errors.New("it is not encrypted: use https, or set insecure: true"),
				"address %s", RedactURL(raw))
		}
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// RedactURL returns an address without what may be secret: the user and password, except for the user name of ssh,
// the values of the query, and the fragment. It takes anything, a path and git@host:path included.
func RedactURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		if user, host, ok := cutLast(raw, "@"); ok && strings.Contains(user, ":") {
			return redacted + "@" + host
		}
		return raw
	}
	user, host, ok := cutLast(rest, "@")
	switch {
	case !ok:
		host = rest
	case strings.ContainsAny(user, "/?#"):
		// An @ behind the host; or a password with such a character, which no URL may have, and people write.
		host = redacted + "@" + host
	case strings.EqualFold(scheme, "ssh"):
		user, _, _ = strings.Cut(user, ":")
		host = user + "@" + host
	}
	host, _, _ = strings.Cut(host, "#")
	if before, query, ok := strings.Cut(host, "?"); ok {
		host = before + "?" + redactQuery(query)
	}
	return scheme + "://" + host
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func redactQuery(query string) string {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if key, _, ok := strings.Cut(part, "="); ok {
			parts[i] = key + "=" + redacted
		} else {
			parts[i] = redacted
		}
	}
	return strings.Join(parts, "&")
}
