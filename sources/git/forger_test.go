package git_test

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// forger is a server that forwards to another, and once gives an answer of its own to a fetch that goes on from another.
type forger struct {
	url   string
	forge atomic.Pointer[string]
}

func newForger(t *testing.T, to string) *forger {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if forge := f.forge.Load(); forge != nil && strings.Contains(string(body), "have ") {
			f.forge.Store(nil)
			w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
			fmt.Fprint(w, forged(*forge))
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

func line(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

func forged(what string) string {
	switch what {
	case "without objects":
		pack := "PACK\x00\x00\x00\x02\x00\x00\x00\x00"
		sum := sha1.Sum([]byte(pack))
		return line("packfile\n") + line("\x01"+pack+string(sum[:])) + "0000"
	case "not a pack":
		return line("packfile\n") + line("\x01"+strings.Repeat("x", 100)) + "0000"
	case "a complaint":
		return line("ERR upload-pack: no such thing\n")
	default:
		return ""
	}
}
