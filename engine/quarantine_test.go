package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func TestQuarantine(t *testing.T) {
	store := cache.Memory()
	e, dir := mooded(t, engine.Policy{Quarantine: 3, Timeout: 100 * time.Millisecond}, engine.Options{Cache: store})
	version := func() any {
		t.Helper()
		res, err := e.Call(t.Context(), "moods", nil)
		if err != nil || !res.Success {
			return errors.Join(err, errors.New(res.Error)).Error()
		}
		return res.Data.(map[string]any)["version"]
	}
	write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
	sync(t, e)
	// Calls that succeed or fail in between, and the haste of callers, do not count.
	for _, mood := range []string{"panic", "panic", "good", "panic", "panic", "fail", "panic", "wait"} {
		_, _ = e.Call(t.Context(), "moods", in(mood))
	}
	for range 5 {
		brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, _ = e.Call(brief, "moods", in("wait"))
		cancel()
		_, _ = e.Call(t.Context(), "other", in("panic"))
		_, _ = e.Call(t.Context(), "other", nil)
	}
	if got := version(); got != "v2" {
		t.Fatalf("got %v", got)
	}
	bad := func() {
		for _, mood := range []string{"panic", "wait", "panic"} {
			_, _ = e.Call(t.Context(), "moods", in(mood))
		}
	}
	bad()
	eventually(t, func() bool { return version() == "v1" })
	check := func(when string) {
		t.Helper()
		history, err := e.History("local/moods")
		if err != nil || len(history) != 2 || history[0].State != cache.Live || history[1].State != cache.Quarantined || !strings.HasPrefix(history[1].Error, "3 calls of moods panicked or timed out") {
			t.Errorf("%s: got %+v, %v", when, history, err)
		}
		if p := e.Packages()[0]; p.State != cache.Live || !strings.HasPrefix(p.Error, "moods: quarantined: ") {
			t.Errorf("%s: got %+v", when, p)
		}
		if st := e.Sources()[0]; !st.Ready || !st.Stale || !strings.HasPrefix(st.Error, "moods: quarantined: 3 calls") {
			t.Errorf("%s: got %+v", when, st)
		}
		if got := version(); got != "v1" {
			t.Errorf("%s: got %v", when, got)
		}
	}
	check("at once")
	sync(t, e)
	check("after a sync")
	write(t, dir, map[string]string{"readme": "x"})
	sync(t, e)
	check("after a change elsewhere")
	e = newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{func() engine.Source {
		src, _ := moody(t, "local", dir)
		src.Packages = []engine.Package{{Path: "moods", Policy: engine.Policy{Quarantine: 3, Timeout: 100 * time.Millisecond}}}
		return src
	}()}})
	check("after a restart")
	// A reload tries again; the version is as bad as it was.
	if v, err := e.Reload(t.Context(), "local/moods"); err != nil || v.State != cache.Live {
		t.Errorf("got %+v, %v", v, err)
	}
	if got := version(); got != "v2" {
		t.Errorf("got %v", got)
	}
	bad()
	eventually(t, func() bool { return version() == "v1" })
	check("once more")
	write(t, dir, map[string]string{"moods/moods.go": moods("v3")})
	sync(t, e)
	if got := version(); got != "v3" {
		t.Errorf("got %v", got)
	}
}

func TestQuarantineOfTheOnlyVersion(t *testing.T) {
	e, dir := mooded(t, engine.Policy{Quarantine: 2}, engine.Options{})
	for range 2 {
		_, _ = e.Call(t.Context(), "moods", in("panic"))
	}
	eventually(t, func() bool {
		_, err := e.Call(t.Context(), "other", nil)
		return errors.Is(err, engine.ErrQuarantined) && strings.Contains(err.Error(), "2 calls of moods panicked")
	})
	if n := len(e.Plugins()); n != 0 {
		t.Errorf("%d plugins are listed", n)
	}
	if _, err := e.Describe("moods"); !errors.Is(err, engine.ErrQuarantined) {
		t.Errorf("got %v", err)
	}
	if err := e.Explain("moods"); !errors.Is(err, engine.ErrQuarantined) {
		t.Errorf("got %v", err)
	}
	if st := e.Sources()[0]; st.Ready || !st.Stale {
		t.Errorf("got %+v", st)
	}
	if p := e.Packages()[0]; p.State != cache.Quarantined || p.Digest != "" {
		t.Errorf("got %+v", p)
	}
	if _, err := e.Reload(t.Context(), "local/moods"); err != nil {
		t.Error(err)
	}
	if _, err := e.Call(t.Context(), "moods", nil); err != nil {
		t.Error(err)
	}
	write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
	if st := sync(t, e)[0]; st.Err != nil {
		t.Errorf("got %+v", st)
	}
}
