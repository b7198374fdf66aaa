package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptd/scriptd/config"
)

// FuzzLoad looks for files that Load does not survive, and for errors without a place or a text.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", source, "sources: [", "- a\n- b\n", "<<: *x\n", "a: &a {b: *a}\n", "? [a]\n: b\n", "listen: !!str 5\n",
		"sources:\n  - name: a\n    git: {url: 'git@h:p', token: \"${env:HOME}\"}\n    packages: [{path: ., config: {a: |\n  x\n}}]\n",
		"sources: [{name: a, s3: {bucket: b, endpoint: 'http://[::1]:9000'}, permissions: {net: ['*:1'], all: true}}]\n",
		source + "    calls: {timeout: 1m, concurrency: 8, queue: 0, grace: 1s, drain: 30s, retry: {attempts: 3, backoff: 200ms}, quarantine: 5}\n",
		source + "    activate: tree\n    webhook: {secret: \"${env:HOME}\"}\n    packages: [{path: ., queue: 1, selftest: {plugin: a, params: {b: [\"$${env:HOME}\", 1]}, success: false}}]\n",
		"cache: {dir: ${file:x}}\n---\n%YAML 1.2\n", "a: 0x1f\nb: -.inf\nc: 1_0\nd: '\n",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<12 {
			t.Skip("nesting makes large files slow")
		}
		path := filepath.Join(t.TempDir(), "scriptd.yaml")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(path)
		if err == nil {
			cfg.Options()
			for name, secret := range cfg.Webhooks() {
				if value, err := secret.Reveal(); value == "" || err != nil {
					t.Errorf("webhook %s: got %q and error %v", name, value, err)
				}
			}
			return
		}
		errs, ok := errors.AsType[config.Errors](err)
		if !ok || len(errs) == 0 || cfg != nil {
			t.Fatalf("got %v and error %#v, want Errors", cfg, err)
		}
		for _, e := range errs {
			if e.File != path || e.Message == "" || e.Line < 0 || e.Column < 0 || e.Line > 0 != (e.Column > 0) {
				t.Errorf("got %#v", e)
			}
		}
	})
}
