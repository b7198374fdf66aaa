package config_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/sources"
)

func TestWebhooks(t *testing.T) {
	cfg, _ := load(t, `
sources:
  - {name: a, filesystem: {path: a}, webhook: {secret: "a $${secret}"}}
  - {name: b, filesystem: {path: b}}
  - {name: c, filesystem: {path: c}, webhook: {secret: c}}
`)
	hooks := cfg.Webhooks()
	if got, want := slices.Sorted(maps.Keys(hooks)), []string{"a", "c"}; !slices.Equal(got, want) {
		t.Errorf("got webhooks of %q, want %q", got, want)
	}
	for name, want := range map[string]string{"a": "a ${secret}", "c": "c"} {
		if got, err := hooks[name].Reveal(); got != want || err != nil {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, want)
		}
	}
}

func TestNoWebhooks(t *testing.T) {
	cfg, _ := load(t, source)
	if got := cfg.Webhooks(); len(got) != 0 {
		t.Errorf("got webhooks %v, want none", got)
	}
}

// TestWebhookSecretIsReadAgain: a rotated secret takes effect. One that is lost or empty is an error that says where,
// and never an empty secret, with which anybody could sign.
func TestWebhookSecretIsReadAgain(t *testing.T) {
	t.Setenv("CONFIG_TEST_HOOK", "one")
	write(t, source+"    webhook: {secret: \"${env:CONFIG_TEST_HOOK}${file:secrets/hook}\"}\n")
	file := filepath.Join("secrets", "hook")
	if err := os.Mkdir("secrets", 0o700); err != nil {
		t.Fatal(err)
	}
	rotate := func(variable, content string) {
		t.Setenv("CONFIG_TEST_HOOK", variable)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rotate("one", "\n")
	cfg, err := config.Load("scriptd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	secret := cfg.Webhooks()["team"]
	for _, step := range []struct{ variable, content, want string }{
		{"one", "\n", "one"},
		{"", "two\n", "two"},
		{"three", "3", "three3"},
	} {
		rotate(step.variable, step.content)
		if got, err := secret.Reveal(); got != step.want || err != nil {
			t.Errorf("got %q and error %v, want %q", got, err, step.want)
		}
	}
	wantLost := func(want string) {
		t.Helper()
		got, err := secret.Reveal()
		if got != "" || sources.KindOf(err) != sources.Misconfigured {
			t.Errorf("got %q and error %v, want that it is misconfigured", got, err)
		}
		at, ok := errors.AsType[config.Error](err)
		if !ok || fmt.Sprint(at) != want {
			t.Errorf("got error %v, want %s in it", err, want)
		}
	}
	rotate("", "\n")
	wantLost("scriptd.yaml:4:23: ${env:CONFIG_TEST_HOOK}${file:secrets/hook}: the secret is empty")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	wantLost("scriptd.yaml:4:23: ${file:secrets/hook}: no such file or directory")
}
