package server_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
)

const hookSecret = "open sesame"

// standardKey is the key in standardSecret.
var (
	standardKey    = []byte("a key of Standard Webhooks")
	standardSecret = "whsec_" + base64.StdEncoding.EncodeToString(standardKey)
)

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexMAC(key, text string) string { return hex.EncodeToString(mac([]byte(key), text)) }

// startHooks serves an engine whose sources have webhooks, and returns its log. The source none has no webhook; there is
// no source for the webhook stray.
func startHooks(t *testing.T, opts server.Options) (*httptest.Server, *safeBuffer) {
	t.Helper()
	folder, err := filesystem.New(filesystem.Options{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var eo engine.Options
	for _, name := range []string{"plain", "standard", "unset", "broken", "none"} {
		eo.Sources = append(eo.Sources, engine.Source{Name: name, From: folder})
	}
	eng, err := engine.New(t.Context(), eo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eng.Close() })
	log := &safeBuffer{}
	opts.Logger = slog.New(slog.NewTextHandler(log, nil))
	opts.Webhooks = map[string]sources.Secret{
		"plain":    sources.Literal(hookSecret),
		"standard": sources.Literal(standardSecret),
		"unset":    sources.Literal(""),
		"broken":   sources.NewSecret(func() (string, error) { return "", errors.New("no such vault") }),
		"stray":    sources.Literal(hookSecret),
	}
	srv := httptest.NewServer(server.New(eng, &opts))
	t.Cleanup(srv.Close)
	return srv, log
}

// safeBuffer is a buffer that a server writes to while the test reads.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestHooks(t *testing.T) {
	const body = `{"ref": "refs/heads/main"}`
	srv, _ := startHooks(t, server.Options{})
	now := fmt.Sprint(time.Now().Unix())
	old := fmt.Sprint(time.Now().Add(-6 * time.Minute).Unix())
	sum := hexMAC(hookSecret, body)
	standard := func(id, sent, signed string) map[string]string {
		return map[string]string{
			"webhook-id": id, "webhook-timestamp": sent,
			"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(mac(standardKey, signed)),
		}
	}
	tests := []struct {
		name, source string
		headers      map[string]string
		want         int
	}{
		{"GitHub", "plain", map[string]string{"X-Hub-Signature-256": "sha256=" + sum}, 202},
		{"GitHub, as a form", "plain", map[string]string{"X-Hub-Signature-256": "sha256=" + sum, "Content-Type": "application/x-www-form-urlencoded"}, 202},
		{"Gitea", "plain", map[string]string{"X-Gitea-Signature": sum}, 202},
		{"Forgejo", "plain", map[string]string{"X-Forgejo-Signature": sum}, 202},
		{"Gogs", "plain", map[string]string{"X-Gogs-Signature": strings.ToUpper(sum)}, 202},
		{"all of them", "plain", map[string]string{"X-Hub-Signature-256": "sha256=" + sum, "X-Gitea-Signature": sum, "X-Gogs-Signature": sum}, 202},
		{"GitLab's token", "plain", map[string]string{"X-Gitlab-Token": hookSecret}, 202},
		{"GitLab's signature", "standard", standard("1", now, "1."+now+"."+body), 202},
		{"the old token beside GitLab's signature", "standard", with(standard("1", now, "1."+now+"."+body), "X-Gitlab-Token", "an older one"), 202},

		{"no signature", "plain", nil, 401},
		{"an empty one", "plain", map[string]string{"X-Hub-Signature-256": "", "X-Gitlab-Token": ""}, 401},
		{"a wrong one", "plain", map[string]string{"X-Hub-Signature-256": "sha256=" + hexMAC("open barley", body)}, 401},
		{"one of another body", "plain", map[string]string{"X-Gitea-Signature": hexMAC(hookSecret, body+" ")}, 401},
		{"one with another hash", "plain", map[string]string{"X-Hub-Signature": "sha1=" + sum[:40]}, 401},
		{"no hexadecimal", "plain", map[string]string{"X-Gitea-Signature": "zz" + sum[2:]}, 401},
		{"a wrong token", "plain", map[string]string{"X-Gitlab-Token": hookSecret + "!"}, 401},
		{"the beginning of the token", "plain", map[string]string{"X-Gitlab-Token": hookSecret[:4]}, 401},
		{"an old signature", "standard", standard("1", old, "1."+old+"."+body), 401},
		{"an old signature with a new time", "standard", standard("1", now, "1."+old+"."+body), 401},
		{"a signature under another id", "standard", standard("2", now, "1."+now+"."+body), 401},
		{"a signature without a time", "standard", standard("1", "", "1.."+body), 401},
		{"a standard signature with a secret that is none", "plain", standard("1", now, "1."+now+"."+body), 401},

		{"a source without a webhook", "none", map[string]string{"X-Gitlab-Token": hookSecret}, 404},
		{"a webhook without a source", "stray", map[string]string{"X-Gitlab-Token": hookSecret}, 404},
		{"an unknown source", "nothing", map[string]string{"X-Gitlab-Token": hookSecret}, 404},
		{"a secret that is not set", "unset", map[string]string{"X-Hub-Signature-256": "sha256=" + hexMAC("", body)}, 503},
		{"a secret that cannot be read", "broken", map[string]string{"X-Gitlab-Token": hookSecret}, 503},

		{"a page of another origin", "plain", map[string]string{"X-Gitlab-Token": hookSecret, "Origin": "https://evil.example"}, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, "POST", srv.URL+"/v1/hooks/"+tt.source, body, func(r *http.Request) {
				for k, v := range tt.headers {
					r.Header.Set(k, v)
				}
			})
			if tt.want != http.StatusAccepted {
				wantProblem(t, got, tt.want, "")
				return
			}
			if got.status != tt.want || string(got.body) != `{"source":"`+tt.source+`"}`+"\n" || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("status %d, %s, %v", got.status, got.body, got.header)
			}
		})
	}
}

func with(headers map[string]string, key, value string) map[string]string {
	headers[key] = value
	return headers
}

// Whoever has no secret learns nothing from the answers, and the log nothing of the secret.
func TestHooksTellNothing(t *testing.T) {
	srv, log := startHooks(t, server.Options{})
	ask := func(source string, headers map[string]string) string {
		got := send(t, "POST", srv.URL+"/v1/hooks/"+source, "{}", func(r *http.Request) {
			for k, v := range headers {
				r.Header.Set(k, v)
			}
		})
		return strings.ReplaceAll(string(got.body), "/"+source+`"`, "")
	}
	if a, b := ask("none", nil), ask("nothing", nil); a != b {
		t.Errorf("a source without a webhook: %s; an unknown source: %s", a, b)
	}
	want := ask("plain", nil)
	for name, headers := range map[string]map[string]string{
		"a wrong signature": {"X-Hub-Signature-256": "sha256=" + hexMAC("no", "{}")},
		"a wrong token":     {"X-Gitlab-Token": "no"},
		"no hexadecimal":    {"X-Gitea-Signature": "no"},
	} {
		if got := ask("plain", headers); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := ask("broken", nil); strings.Contains(got, "vault") || !strings.Contains(log.String(), "no such vault") {
		t.Errorf("answer %s, log %s", got, log)
	}
	ask("plain", map[string]string{"X-Gitlab-Token": hookSecret})
	if text := log.String(); strings.Contains(text, hookSecret) || strings.Contains(text, hexMAC(hookSecret, "{}")) {
		t.Errorf("the log tells the secret: %s", text)
	}
}

func TestHookBodyIsBounded(t *testing.T) {
	const limit = 25 << 20
	srv, _ := startHooks(t, server.Options{MaxBodyBytes: 10}) // which is not for webhooks
	post := func(body io.Reader, length int64, sum string) answer {
		return send(t, "POST", srv.URL+"/v1/hooks/plain", "", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(body), length
			r.Header.Set("X-Gitea-Signature", sum)
		})
	}
	largest := strings.Repeat(" ", limit)
	if got := post(strings.NewReader(largest), limit, hexMAC(hookSecret, largest)); got.status != http.StatusAccepted {
		t.Errorf("status %d of the largest body: %s", got.status, got.body)
	}
	for name, length := range map[string]int64{"announced": limit + 1, "in chunks": -1} {
		t.Run(name, func(t *testing.T) {
			got := post(io.LimitReader(blanks{}, limit+1), length, hexMAC(hookSecret, largest+" "))
			wantProblem(t, got, http.StatusRequestEntityTooLarge, "larger than 26214400 bytes")
		})
	}
}

// unwatched hides that a folder can be watched: it is polled, as other sources are.
type unwatched struct{ sources.Source }

// A webhook has its source polled at once, long before its interval is over.
func TestHookPolls(t *testing.T) {
	dir := t.TempDir()
	folder, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(t.Context(), engine.Options{Sources: []engine.Source{{
		Name: "local", From: unwatched{folder}, Interval: time.Hour, Permissions: runtime.Permissions{All: true},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- eng.Run(ctx) }()
	srv := httptest.NewServer(server.New(eng, &server.Options{Webhooks: map[string]sources.Secret{"local": sources.Literal(hookSecret)}}))
	defer srv.Close()
	pkg := filepath.Join(dir, "tests")
	if err := errors.Join(os.Mkdir(pkg, 0o777), os.WriteFile(filepath.Join(pkg, "tests.go"), []byte(pluginSource), 0o666)); err != nil {
		t.Fatal(err)
	}
	got := send(t, "POST", srv.URL+"/v1/hooks/local", "{}", func(r *http.Request) { r.Header.Set("X-Gitlab-Token", hookSecret) })
	if got.status != http.StatusAccepted {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if _, err := eng.Call(t.Context(), "hello", nil); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("no poll: %v", err)
		}
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}
