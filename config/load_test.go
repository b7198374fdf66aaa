package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/s3"
)

// load loads scriptd.yaml with that content, from another folder than its own, and returns its folder.
func load(t *testing.T, content string) (cfg *config.Config, dir string) {
	t.Helper()
	write(t, content)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	cfg, err = config.Load(filepath.Join(dir, "scriptd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return cfg, dir
}

func TestLoad(t *testing.T) {
	t.Setenv("CONFIG_TEST_REF", "v1")
	cfg, dir := load(t, `
cache: {dir: .scriptd/cache}
isolation: {mode: process, share: source, idle: 10m}
listen: localhost:0
sources:
  - name: examples
    filesystem: {path: plugins}
  - name: team
    git: {url: https://git.example.com/team/plugins.git, ref: "release-${env:CONFIG_TEST_REF}", token: x}
    dir: ./plugins/
    interval: 90s
    timeout: 2m
    limits: {bytes: 1000, files: 20, file_bytes: 300, path_bytes: 40, depth: 5, memory: 256MiB, cpu: 1.5, output: none}
    permissions: &some
      net: ["*.example.com:443", "[::1]:*", "*:80"]
      read: [data, /etc/hosts]
      write: ["data/"]
      env: [HTTP_PROXY, "*"]
      run: [git, ./tool, /bin/true]
    packages:
      - path: ./netcheck/
        timeout: 30s
        permissions: *some
      - path: .
        permissions: {all: true}
        limits: {memory: 1 GB, cpu: none, open_files: 64, processes: 32, output: 100000}
  - name: bucket
    s3: {bucket: plugins, prefix: team/, endpoint: "http://127.0.0.1:9000", region: us-east-1, path_style: true}
    activate: tree
    calls:
      timeout: 1m
      concurrency: 8
      queue: 64
      grace: 2s
      drain: 40s
      retry: {attempts: 3, backoff: 200ms}
      quarantine: 5
    packages:
      - path: a
        timeout: 30s
        concurrency: 1
        queue: 0
        grace: 100ms
        drain: 1h
        retry: {attempts: 1}
        quarantine: 1
        selftest:
          plugin: service_status
          params: {url: "http://127.0.0.1:1", n: 5, "on": [true, "$${x}"], none: {}}
          success: false
      - {path: b, retry: {backoff: 1s}, selftest: {plugin: b}}
      - {path: c, selftest: {plugin: c, params: , success: true}}
`)
	permissions := runtime.Permissions{
		Net:   []string{"*.example.com:443", "[::1]:*", "*:80"},
		Read:  []string{filepath.Join(dir, "data"), "/etc/hosts"},
		Write: []string{filepath.Join(dir, "data")},
		Env:   []string{"HTTP_PROXY", "*"},
		Run:   []string{"git", filepath.Join(dir, "tool"), "/bin/true"},
	}
	want := engine.Options{
		Isolation: engine.IsolationProcess,
		Processes: engine.Processes{Share: engine.ShareSource, Idle: 10 * time.Minute},
		Retention: &cache.Retention{Keep: config.DefaultKeep},
		Sources: []engine.Source{
			{
				Name: "examples", Type: "filesystem",
				Origin: `filesystem path "` + filepath.Join(dir, "plugins") + `" dir "."`,
			},
			{
				Name: "team", Type: "git",
				Origin: `git url "https://git.example.com/team/plugins.git" ref "release-v1" dir "plugins"`,
				Dir:    "plugins", Interval: 90 * time.Second, Timeout: 2 * time.Minute,
				Limits:        sources.Limits{Bytes: 1000, Files: 20, FileBytes: 300, PathBytes: 40, Depth: 5},
				ProcessLimits: runtime.Limits{Memory: 256 << 20, CPU: 1.5, Output: -1},
				Permissions:   permissions,
				Packages: []engine.Package{
					{Path: "netcheck", Policy: engine.Policy{Timeout: 30 * time.Second}, Permissions: permissions},
					{
						Path: ".", Permissions: runtime.Permissions{All: true},
						ProcessLimits: runtime.Limits{Memory: 1e9, CPU: -1, OpenFiles: 64, Processes: 32, Output: 100000},
					},
				},
			},
			{
				Name: "bucket", Type: "s3",
				Origin:   `s3 bucket "plugins" prefix "team/" endpoint "http://127.0.0.1:9000" dir "."`,
				Activate: engine.ActivateTree,
				Policy: engine.Policy{
					Timeout: time.Minute, Concurrency: 8, Queue: 64, Grace: 2 * time.Second, Drain: 40 * time.Second,
					Retry: engine.Retry{Attempts: 3, Backoff: 200 * time.Millisecond}, Quarantine: 5,
				},
				Packages: []engine.Package{
					{
						Path: "a",
						Policy: engine.Policy{
							Timeout: 30 * time.Second, Concurrency: 1, Queue: -1, Grace: 100 * time.Millisecond, Drain: time.Hour,
							Retry: engine.Retry{Attempts: 1}, Quarantine: 1,
						},
						SelfTest: &engine.SelfTest{
							Plugin: "service_status",
							Params: map[string]any{
								"url": "http://127.0.0.1:1", "n": int64(5), "on": []any{true, "${x}"}, "none": map[string]any{},
							},
							Fails: true,
						},
					},
					{
						Path: "b", Policy: engine.Policy{Retry: engine.Retry{Backoff: time.Second}},
						SelfTest: &engine.SelfTest{Plugin: "b"},
					},
					{Path: "c", SelfTest: &engine.SelfTest{Plugin: "c"}},
				},
			},
		},
	}
	got := cfg.Options()
	ignored := cmp.Options{
		cmpopts.IgnoreFields(engine.Options{}, "Cache"),
		cmpopts.IgnoreFields(engine.Source{}, "From"),
		cmpopts.IgnoreFields(engine.Package{}, "Config"),
	}
	if diff := cmp.Diff(want, got, ignored, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("options, - want, + got:\n%s", diff)
	}
	if _, ok := got.Sources[0].From.(*filesystem.Source); !ok {
		t.Errorf("examples: got a %T", got.Sources[0].From)
	}
	if _, ok := got.Sources[1].From.(*git.Source); !ok {
		t.Errorf("team: got a %T", got.Sources[1].From)
	}
	if _, ok := got.Sources[2].From.(*s3.Source); !ok {
		t.Errorf("bucket: got a %T", got.Sources[2].From)
	}
	if _, ok := got.Cache.(*cache.Files); !ok {
		t.Errorf("cache: got a %T", got.Cache)
	}
	if info, err := os.Stat(filepath.Join(dir, ".scriptd", "cache")); err != nil || !info.IsDir() {
		t.Errorf("cache folder: %v", err)
	}
	if got, want := cfg.Listen(), "localhost:0"; got != want {
		t.Errorf("Listen: got %s, want %s", got, want)
	}
	if got, want := cfg.Path(), filepath.Join(dir, "scriptd.yaml"); got != want {
		t.Errorf("Path: got %s, want %s", got, want)
	}
	if got, want := cfg.Isolation(), engine.IsolationProcess; got != want {
		t.Errorf("Isolation: got %s, want %s", got, want)
	}
}

func TestDefaults(t *testing.T) {
	cfg, _ := load(t, "sources: []\n")
	opts := cfg.Options()
	if len(opts.Sources) != 0 || opts.Isolation != "" || opts.Cache == nil {
		t.Errorf("got %+v", opts)
	}
	if got, want := cfg.Listen(), config.DefaultListen; got != want {
		t.Errorf("Listen: got %s, want %s", got, want)
	}
	cacheHome, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(cacheHome, "scriptd")); err != nil {
		t.Errorf("default cache folder: %v", err)
	}
}

func TestOptionsAreTheCallers(t *testing.T) {
	cfg, _ := load(t, source+"    packages: [{path: a, selftest: {plugin: p, params: {list: [1]}}}]\n    webhook: {secret: x}\n")
	opts := cfg.Options()
	opts.Sources[0].Packages[0].Path = "b"
	opts.Sources[0].Name = "other"
	test := opts.Sources[0].Packages[0].SelfTest
	test.Plugin = "q"
	test.Params["list"].([]any)[0] = "changed"
	got := cfg.Options().Sources[0]
	if got.Name != "team" || got.Packages[0].Path != "a" {
		t.Errorf("got %+v, changed by a caller", got)
	}
	want := &engine.SelfTest{Plugin: "p", Params: map[string]any{"list": []any{int64(1)}}}
	if diff := cmp.Diff(want, got.Packages[0].SelfTest); diff != "" {
		t.Errorf("self-test, changed by a caller, - want, + got:\n%s", diff)
	}
	clear(cfg.Webhooks())
	if got := len(cfg.Webhooks()); got != 1 {
		t.Errorf("got %d webhooks, want the one that a caller removed from its map", got)
	}
}

func TestFilesThatAreFine(t *testing.T) {
	for name, content := range map[string]string{
		"byte order mark":     "\ufeff" + source,
		"Windows lines":       strings.ReplaceAll(source, "\n", "\r\n"),
		"JSON":                `{"sources": [{"name": "team", "filesystem": {"path": "plugins"}}]}`,
		"document marks":      "---\n" + source + "...\n",
		"nothing in a list":   source + "    packages:\n",
		"nothing in sections": source + "    limits:\n    permissions:\n    calls:\n    packages: [{path: ., config: , permissions: , retry: }]\n",
		"calls that an alias repeats": source + "    calls: &c {timeout: 5s, retry: &r {attempts: 2}}\n    packages: [{path: ., retry: *r}]\n" +
			"  - {name: b, filesystem: {path: b}, calls: *c}\n",
		"git over ssh":     "sources: [{name: a, git: {url: 'git@example.com:a/b.git', ssh_key: k, known_hosts: hosts}}]",
		"git at a path":    "sources: [{name: a, git: {url: ../repo}}]",
		"http on loopback": "sources: [{name: a, git: {url: 'http://127.0.0.1:1/x.git'}}]",
		"http insecure":    "sources: [{name: a, git: {url: 'http://example.com/x.git'}, insecure: true}]",
	} {
		t.Run(name, func(t *testing.T) {
			if cfg, _ := load(t, content); len(cfg.Options().Sources) == 0 {
				t.Errorf("got %+v, want a source", cfg.Options())
			}
		})
	}
}

func TestRelativeRepositories(t *testing.T) {
	cfg, dir := load(t, "sources: [{name: a, git: {url: ../repo}}, {name: b, git: {url: './a:b'}}, {name: c, git: {url: /abs}}]")
	for i, want := range []string{filepath.Join(filepath.Dir(dir), "repo"), filepath.Join(dir, "a:b"), "/abs"} {
		if got := cfg.Options().Sources[i].Origin; !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("got origin %s, want %s in it", got, want)
		}
	}
}
