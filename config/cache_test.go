package config_test

import (
	"os"
	"reflect"
	"strings"
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

func TestCacheKinds(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("CACHE_SECRET", "s3cret")
	const bucket = `s3: {bucket: b, endpoint: "http://127.0.0.1:1", access_key_id: a, secret_access_key: "${env:CACHE_SECRET}"}`
	for file, want := range map[string]cache.Keeper{
		"":                                  &cache.Files{},
		"cache: {dir: here}\n":              &cache.Files{},
		"cache: {" + bucket + "}\n":         &cache.Shared{},
		"cache: {dir: f, " + bucket + "}\n": &cache.Layered{},
	} {
		write(t, file+source)
		cfg, err := config.Load("scriptd.yaml")
		if err != nil {
			t.Fatalf("%q: %v", file, err)
		}
		got := cfg.Options().Cache
		if reflect.TypeOf(got) != reflect.TypeOf(want) {
			t.Errorf("%q: got a %T, want a %T", file, got, want)
		}
		_, local := want.(*cache.Files)
		_, shared := want.(*cache.Shared)
		if (cfg.CacheDir() == "") != shared || (cfg.SharedCache() == nil) != local {
			t.Errorf("%q: got folder %q and bucket %v", file, cfg.CacheDir(), cfg.SharedCache())
		}
	}
}

func TestCacheIsRefused(t *testing.T) {
	for file, want := range map[string]string{
		"cache: {s3: {}}\n": "1:13: s3: bucket is missing",
		"cache: {s3: b}\n":  "1:13: s3: want a mapping",
		"cache:\n  s3:\n    bucket: b\n    endpoint: http://example.com\n":                                                  "4:15: cache: s3 bucket b",
		"cache: {s3: {bucket: b, access_key_id: a}}\n":                                                                      "access_key_id and secret_access_key go together",
		"cache: {s3: {bucket: b, manifest: required}}\n":                                                                    `1:25: unknown key "manifest"`,
		"cache: {s3: {bucket: b, endpoint: \"https://u:s3cret@example.com\"}}\n":                                            "1:35: cache: s3 bucket b",
		"cache:\n  s3: {bucket: b, access_key_id: a, secret_access_key: \"${env:NOT_THERE}\"}\n":                            "2:56: secret_access_key: ${env:NOT_THERE}",
		"cache: {insecure: true}\n":                                                                                         "1:9: insecure: it is for the endpoint of s3",
		"cache: {dir: made, s3: {bucket: b, endpoint: \"http://10.0.0.1\", anonymous: true, profile: p}, insecure: true}\n": "it is anonymous, and has credentials",
	} {
		write(t, file+source)
		_, err := config.Load("scriptd.yaml")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got %v, want %q", file, err, want)
		}
		if _, err := os.Stat("made"); err == nil {
			t.Errorf("%q: a folder was made", file)
		}
	}
}
