package config_test

import (
	"testing"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
)

func TestRole(t *testing.T) {
	for file, want := range map[string]engine.Role{
		"":              "",
		"role: both\n":  engine.RoleBoth,
		"role: sync\n":  engine.RoleSync,
		"role: serve\n": engine.RoleServe,
	} {
		write(t, file+source)
		cfg, err := config.Load("scriptd.yaml")
		if err != nil {
			t.Fatal(err)
		}
		src := cfg.Options().Sources[0]
		if cfg.Role() != want || cfg.Options().Role != want || src.Origin == "" || src.Type == "" {
			t.Errorf("%q: got role %q and source %+v", file, cfg.Role(), src)
		}
		if asks := src.From != nil; asks == (want == engine.RoleServe) {
			t.Errorf("%q: an origin can be asked: %v", file, asks)
		}
	}
}

func TestTrust(t *testing.T) {
	write(t, source)
	cfg, err := config.Load("scriptd.yaml")
	if err != nil || cfg.Trust().IsSet() {
		t.Errorf("got %v and error %v of a file that says nothing", cfg.Trust().IsSet(), err)
	}
	t.Setenv("KEYS", "ssh-ed25519 AAAA")
	write(t, "cache: {trust: \"${env:KEYS}\"}\n"+source)
	if cfg, err = config.Load("scriptd.yaml"); err != nil {
		t.Fatal(err)
	}
	if keys, err := cfg.Trust().Reveal(); err != nil || keys != "ssh-ed25519 AAAA" {
		t.Errorf("got %q and error %v", keys, err)
	}
}
