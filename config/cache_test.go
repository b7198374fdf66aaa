package config_test

import (
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/config"
)

func TestRetention(t *testing.T) {
	for file, want := range map[string]cache.Retention{
		"":                                      {Keep: config.DefaultKeep},
		"cache: {}\n":                           {Keep: config.DefaultKeep},
		"cache: {keep: none, max_size: none}\n": {},
		"cache: {keep: 3, max_age: 720h, max_size: 1GB}\n":           {Keep: 3, MaxAge: 720 * time.Hour, MaxSize: 1e9},
		"cache: {dir: here, keep: 1, max_age: 1m, max_size: 1MiB}\n": {Keep: 1, MaxAge: time.Minute, MaxSize: 1 << 20},
	} {
		write(t, file+source)
		cfg, err := config.Load("scriptd.yaml")
		if err != nil {
			t.Fatal(err)
		}
		opts := cfg.Options()
		if *opts.Retention != want {
			t.Errorf("%q: got %+v, want %+v", file, *opts.Retention, want)
		}
		opts.Retention.Keep = 77
		if got := cfg.Options().Retention.Keep; got != want.Keep {
			t.Errorf("%q: a copy of the options changes the configuration: %d", file, got)
		}
	}
}
