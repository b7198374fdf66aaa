package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// A tenant goes on from version to version of its plugin.
func TestTenantFollowsReloads(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			f := newFolder(t, "  - {name: a, type: custom_a}\n", map[string]string{"a/a.go": custom("custom_a", "ann", "")})
			h, log := f.open(t, where)
			for _, code := range []string{"ann", "bob", "cid"} {
				f.write(t, "custom/a/a.go", custom("custom_a", code, ""))
				if _, err := h.engine.Sync(t.Context()); err != nil {
					t.Fatal(err)
				}
				if users, err := h.tenants[0].FetchUsers(t.Context()); err != nil || len(users) != 1 || users[0].Code != code {
					t.Fatalf("got %+v and %v, want %s\n%s", users, err, code, log)
				}
			}
			if err := os.RemoveAll(filepath.Join(f.dir, "custom", "a")); err != nil {
				t.Fatal(err)
			}
			if _, err := h.engine.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := h.tenants[0].FetchUsers(t.Context()); !errors.Is(err, engine.ErrNotFound) || !strings.Contains(err.Error(), "general") {
				t.Errorf("got %v, want what there is", err)
			}
		})
	}
}

// A piece of work ends with the version of the plugin that it began with.
func TestReloadDuringWork(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			f := newFolder(t, "  - {name: a, type: custom_a}\n", map[string]string{"a/a.go": custom("custom_a", "ann", "")})
			h, log := f.open(t, where)
			users, err := with(t.Context(), h.tenants[0], func(ds usersync.DataSource) ([]usersync.User, error) {
				f.write(t, "custom/a/a.go", custom("custom_a", "bob", ""))
				if _, err := h.engine.Sync(t.Context()); err != nil {
					return nil, err
				}
				later, err := h.tenants[0].FetchUsers(t.Context())
				if err != nil || len(later) != 1 || later[0].Code != "bob" {
					t.Errorf("got %+v and %v, want bob", later, err)
				}
				return ds.FetchUsers(t.Context())
			})
			if err != nil || len(users) != 1 || users[0].Code != "ann" {
				t.Errorf("got %+v and %v, want ann\n%s", users, err, log)
			}
		})
	}
}

// Tenants fetch while their plugin is reloaded. None fails, and none gets what a version had that was replaced before it began.
func TestFetchOverReloads(t *testing.T) {
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			f := newFolder(t, "  - {name: a, type: custom_a}\n", map[string]string{"a/a.go": custom("custom_a", "0", "")})
			h, log := f.open(t, where)
			var live atomic.Int64
			stop := runtimetest.Callers(t, 8, func() bool {
				atLeast := live.Load()
				users, err := h.tenants[0].FetchUsers(t.Context())
				if err != nil || len(users) != 1 {
					t.Errorf("got %+v and %v\n%s", users, err, log)
					return false
				}
				if n, err := strconv.ParseInt(users[0].Code, 10, 64); err != nil || n < atLeast {
					t.Errorf("got %s when version %d was live", users[0].Code, atLeast)
					return false
				}
				return true
			})
			for n := range int64(20) {
				f.write(t, "custom/a/a.go", custom("custom_a", strconv.FormatInt(n+1, 10), ""))
				if _, err := h.engine.Sync(t.Context()); err != nil {
					t.Error(err)
				}
				live.Store(n + 1)
			}
			fetched := stop()
			t.Logf("%d fetches", fetched)
			if fetched < 100 {
				t.Errorf("only %d fetches", fetched)
			}
		})
	}
}
