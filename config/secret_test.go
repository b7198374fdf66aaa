package config_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/sources"
)

func packageConfig(t *testing.T, cfg *config.Config) func() (map[string]any, error) {
	t.Helper()
	f := cfg.Options().Sources[0].Packages[0].Config
	if f == nil {
		t.Fatal("got no Config")
	}
	return f
}

func TestPackageConfig(t *testing.T) {
	t.Setenv("CONFIG_TEST_HOST", "example.com")
	t.Setenv("CONFIG_TEST_NUMBER", "5")
	cfg, _ := load(t, source+`    packages:
      - path: .
        config:
          endpoint: https://${env:CONFIG_TEST_HOST}/${env:CONFIG_TEST_NUMBER}
          number: ${env:CONFIG_TEST_NUMBER}
          escaped: $${env:X} $5 $$
          whole: 5
          hex: 0x1f
          large: 18446744073709551615
          negative: -7
          half: 0.5
          thousand: 1e3
          quoted: "5"
          date: 2026-11-20
          "yes": yes
          on: true
          nothing: ~
          empty: ""
          lines: |
            a ${env:CONFIG_TEST_HOST}
            b
          list: [1, "${env:CONFIG_TEST_HOST}", {deep: [false]}]
          map: {}
`)
	want := map[string]any{
		"endpoint": "https://example.com/5",
		"number":   "5",
		"escaped":  "${env:X} $5 $$",
		"whole":    int64(5),
		"hex":      int64(31),
		"large":    uint64(18446744073709551615),
		"negative": int64(-7),
		"half":     0.5,
		"thousand": 1e3,
		"quoted":   "5",
		"date":     "2026-11-20",
		"yes":      "yes",
		"on":       true,
		"nothing":  nil,
		"empty":    "",
		"lines":    "a example.com\nb\n",
		"list":     []any{int64(1), "example.com", map[string]any{"deep": []any{false}}},
		"map":      map[string]any{},
	}
	get := packageConfig(t, cfg)
	for range 2 {
		got, err := get()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("- want, + got:\n%s", diff)
		}
		// What a caller does to its copy is its own affair.
		got["list"].([]any)[0] = "changed"
		clear(got)
	}
}

func TestNoPackageConfig(t *testing.T) {
	cfg, _ := load(t, source+"    packages: [{path: .}]\n")
	if cfg.Options().Sources[0].Packages[0].Config != nil {
		t.Error("got a Config for a package without one")
	}
}

// TestReferencesAreReadAgain: a rotated secret takes effect, and a lost one is an error that says where.
func TestReferencesAreReadAgain(t *testing.T) {
	t.Setenv("CONFIG_TEST_TOKEN", "one")
	write(t, source+"    packages: [{path: ., config: {a: \"${env:CONFIG_TEST_TOKEN}\", b: \"${file:secrets/b}\"}}]\n")
	secrets := filepath.Join("secrets", "b")
	if err := os.Mkdir("secrets", 0o700); err != nil {
		t.Fatal(err)
	}
	rotate := func(content string) {
		if err := os.WriteFile(secrets, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rotate("two\n")
	cfg, err := config.Load("scriptd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	get := packageConfig(t, cfg)
	want := func(a, b string) {
		t.Helper()
		got, err := get()
		if diff := cmp.Diff(map[string]any{"a": a, "b": b}, got); diff != "" || err != nil {
			t.Errorf("error %v, - want, + got:\n%s", err, diff)
		}
	}
	want("one", "two")
	rotate("three\r\n")
	t.Setenv("CONFIG_TEST_TOKEN", "${env:NOT_SET}")
	want("${env:NOT_SET}", "three")
	rotate("four\n\n")
	want("${env:NOT_SET}", "four\n")

	if err := os.Remove(secrets); err != nil {
		t.Fatal(err)
	}
	_, err = get()
	if got, want := fmt.Sprint(err), "scriptd.yaml:4:69: ${file:secrets/b}: no such file or directory"; got != want {
		t.Errorf("got error %s, want %s", got, want)
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
}

// TestSecretsAreNotPrinted holds messages and everything printable against the secrets of bad files.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Setenv("CONFIG_TEST_SECRET", "sesame://sesame:sesame")
	for name, content := range map[string]string{
		"literal in quotes":   "sources: [{name: a, git: {url: x, password: [sesame]}}]",
		"literal a number":    "sources: [{name: a, git: {url: x, password: 735354}}]",
		"literal octal":       "sources: [{name: a, git: {url: x, password: 0735354}}]",
		"literal too large":   "sources: [{name: a, git: {url: x, password: 99999999999735354}}]",
		"literal in a ref":    "sources: [{name: a, git: {url: x, password: '${sesame}'}}]",
		"literal half a ref":  "sources: [{name: a, git: {url: x, password: '${env:sesame'}}]",
		"as a section":        "sources: [{name: a, git: sesame}]",
		"as a config":         source + "    packages: [{path: ., config: sesame}]",
		"in a config":         source + "    packages: [{path: ., config: {a: '${sesame}'}}]",
		"number in a config":  source + "    packages: [{path: ., config: {a: 0735354}}]",
		"in a url":            "sources: [{name: a, git: {url: 'http://sesame:sesame@example.com/x'}}]",
		"in another url":      "sources: [{name: a, git: {url: 'sesame://735354:735354@example.com/x'}}]",
		"referenced url":      "sources: [{name: a, git: {url: '${env:CONFIG_TEST_SECRET}'}}]",
		"referenced endpoint": "sources: [{name: a, s3: {bucket: b, endpoint: 'http://${env:CONFIG_TEST_SECRET}'}}]",
		"referenced name":     "sources: [{name: '${env:CONFIG_TEST_SECRET}', git: {url: x}}]",
		"referenced duration": source + "    interval: ${env:CONFIG_TEST_SECRET}",
		"referenced port":     "listen: ${env:CONFIG_TEST_SECRET}\n" + source,
		"webhook in quotes":   source + "    webhook: {secret: [sesame]}",
		"webhook a number":    source + "    webhook: {secret: 735354}",
		"webhook octal":       source + "    webhook: {secret: 0735354}",
		"webhook in a ref":    source + "    webhook: {secret: '${sesame}'}",
		"webhook and unset":   source + "    webhook: {secret: '735354${env:NOT_SET}'}",
		"as a webhook":        source + "    webhook: sesame",
		"referenced activate": source + "    activate: ${env:CONFIG_TEST_SECRET}",
		"referenced backoff":  source + "    calls: {retry: {backoff: '${env:CONFIG_TEST_SECRET}'}}",
		"referenced plugin":   source + "    packages: [{path: ., selftest: {plugin: '${env:CONFIG_TEST_SECRET}'}}]",
		"in a self-test":      source + "    packages: [{path: ., selftest: {plugin: a, params: {b: '${sesame}'}}}]",
		"referenced params":   source + "    packages: [{path: ., selftest: {plugin: a, params: {b: '735354${env:CONFIG_TEST_SECRET}'}}}]",
		"number in a test":    source + "    packages: [{path: ., selftest: {plugin: a, params: {b: 0735354}}}]",
		"as params":           source + "    packages: [{path: ., selftest: {plugin: a, params: sesame}}]",
		"not YAML":            "sources: [{name: a, git: {url: x, password: 'sesame",
		"password and token":  "sources: [{name: a, git: {url: 'https://sesame:735354@example.com/x', token: sesame, password: '735354'}}]",
	} {
		t.Run(name, func(t *testing.T) {
			write(t, content)
			cfg, err := config.Load("scriptd.yaml")
			if err == nil {
				t.Fatalf("got %v, want an error", cfg)
			}
			for _, secret := range []string{"sesame", "735354"} {
				if name == "in another url" && secret == "sesame" {
					continue // a scheme is none
				}
				if strings.Contains(err.Error(), secret) {
					t.Errorf("got %s in the error %v", secret, err)
				}
			}
			t.Log(err)
		})
	}
}

func TestConfigIsNotPrinted(t *testing.T) {
	t.Setenv("CONFIG_TEST_SECRET", "sesame")
	cfg, _ := load(t, `
sources:
  - name: team
    git: {url: https://example.com/x, token: sesame}
    webhook: {secret: sesame}
    packages:
      - path: .
        config: {a: "${env:CONFIG_TEST_SECRET}", b: sesame}
        selftest: {plugin: a, params: {a: 1}}
`)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(format, cfg.Options()); strings.Contains(got, "sesame") {
			t.Errorf("%s of the options shows a secret: %s", format, got)
		}
		if got := fmt.Sprintf(format, cfg.Webhooks()); strings.Contains(got, "sesame") || !strings.Contains(got, "team") {
			t.Errorf("%s of the webhooks: got %s, want the name and no secret", format, got)
		}
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(format, cfg); strings.Contains(got, "sesame") {
			t.Errorf("%s of the config shows a secret: %s", format, got)
		}
	}
}

// TestSecretsAreReadAgain: the credentials of a source follow the environment.
func TestSecretsAreReadAgain(t *testing.T) {
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		mu.Lock()
		got = append(got, password)
		mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	t.Setenv("CONFIG_TEST_TOKEN", "one")
	cfg, _ := load(t, "sources: [{name: a, git: {url: '"+server.URL+"/x.git', token: 'x-${env:CONFIG_TEST_TOKEN}'}}]")
	from := cfg.Options().Sources[0].From
	for _, token := range []string{"one", "two"} {
		t.Setenv("CONFIG_TEST_TOKEN", token)
		if rev, err := from.Resolve(t.Context()); sources.KindOf(err) != sources.Denied {
			t.Errorf("got revision %q and error %v, want that it is denied", rev, err)
		}
		mu.Lock()
		if !slices.Contains(got, "x-"+token) {
			t.Errorf("got the tokens %q, want x-%s", got, token)
		}
		got = nil
		mu.Unlock()
	}
	if err := os.Unsetenv("CONFIG_TEST_TOKEN"); err != nil {
		t.Fatal(err)
	}
	_, err := from.Resolve(t.Context())
	if sources.KindOf(err) != sources.Misconfigured || !strings.Contains(fmt.Sprint(err), "scriptd.yaml:1:") {
		t.Errorf("got error %v, want that it is misconfigured, and where", err)
	}
}
