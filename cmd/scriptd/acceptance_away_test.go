package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/plugin"
)

// TestAWarmStartWithNothingToBeHad starts with every origin away and a cache that has seen them: all serves, and says
// that it is stale.
func TestAWarmStartWithNothingToBeHad(t *testing.T) {
	o := newOrigins(t)
	for _, source := range kinds {
		o.put(source, map[string]string{"word/word.go": word("word_"+source, source), "ferry/ferry.go": ferry(t, "ferry_"+source)})
	}
	path := o.config()
	before := object[[]engine.SyncResult](t, cli(t, exitOK, "-c", path, "sync", "-o", "json"))
	o.leave()

	cfg, err := config.Load(path)
	o.must(err)
	start := time.Now()
	eng, err := engine.New(t.Context(), cfg.Options())
	took := time.Since(start)
	o.must(err)
	defer eng.Close()
	t.Logf("engine.New took %s", took)
	if took > 5*time.Second {
		t.Errorf("engine.New took %s, want less than a second", took)
	}
	d := serve(t, path)
	d.ask(t, http.MethodGet, "/readyz", "", http.StatusOK)
	for i, source := range kinds {
		res, err := eng.Call(t.Context(), "word_"+source, nil)
		if err != nil || res.Data != source || res.Revision != before[i].Revision || res.Digest != before[i].Digest {
			t.Errorf("%s: got %+v, %v, want what was synced: %+v", source, res, err, before[i])
		}
		if !d.answers(t, "word_"+source, source) {
			t.Errorf("%s: no answer by HTTP", source)
		}
		if got := object[plugin.Result](t, cli(t, exitOK, "-c", path, "run", "word_"+source, "-o", "json")); got.Data != source {
			t.Errorf("%s: got %+v by command line", source, got)
		}
	}
	for way, list := range map[string][]engine.SourceStatus{
		"host":         eng.Sources(),
		"HTTP":         object[[]engine.SourceStatus](t, d.ask(t, http.MethodGet, "/v1/sources", "", http.StatusOK)),
		"command line": object[[]engine.SourceStatus](t, cli(t, exitOK, "-c", path, "sources", "-o", "json")),
	} {
		for i, st := range list {
			if !st.Ready || !st.Stale || st.Revision != before[i].Revision || st.LastSync.IsZero() || !strings.Contains(st.Error, o.cause(st.Name)) {
				t.Errorf("by %s: got %+v, want ready and stale, because of %s", way, st, o.cause(st.Name))
			}
		}
	}
}

// TestAWarmStartWithOriginsThatAreSilent is about origins that take connections and never answer, which costs more time
// than those that refuse them.
func TestAWarmStartWithOriginsThatAreSilent(t *testing.T) {
	o := newOrigins(t)
	for _, source := range kinds {
		o.put(source, map[string]string{"word/word.go": word("word_"+source, source)})
	}
	path := o.config()
	cli(t, exitOK, "-c", path, "sync")
	o.leave()
	for _, addr := range []string{o.git.Addr(), strings.TrimPrefix(o.s3.Endpoint(), "http://")} {
		var lc net.ListenConfig
		silent, err := lc.Listen(t.Context(), "tcp", addr) // the system takes connections, nobody reads from them
		o.must(err)
		defer silent.Close()
	}

	cfg, err := config.Load(path)
	o.must(err)
	start := time.Now()
	eng, err := engine.New(t.Context(), cfg.Options())
	took := time.Since(start)
	o.must(err)
	defer eng.Close()
	t.Logf("engine.New took %s", took)
	if took > 5*time.Second {
		t.Errorf("engine.New took %s, want less than a second", took)
	}
	for _, st := range eng.Sources() {
		res, err := eng.Call(t.Context(), "word_"+st.Name, nil)
		if err != nil || res.Data != st.Name || !st.Ready || !st.Stale {
			t.Errorf("got %+v, %v, status %+v, want an answer, ready and stale", res, err, st)
		}
		if st.Name != "local" && !strings.HasSuffix(st.Error, ": no answer within 700ms") {
			t.Errorf("got error %q", st.Error)
		}
	}
}

// TestAColdStartWithNothingToBeHad starts with every origin away and no cache: the errors name each source and its cause,
// and a daemon recovers by itself, source by source.
func TestAColdStartWithNothingToBeHad(t *testing.T) {
	o := newOrigins(t)
	for _, source := range kinds {
		o.put(source, map[string]string{"word/word.go": word("word_"+source, source)})
	}
	path := o.config()
	o.leave()

	d := serve(t, path)
	for where, text := range map[string]string{
		"run by command line": object[plugin.Result](t, cli(t, exitConfig, "-c", path, "run", "word_team", "-o", "json")).Error,
		"run by HTTP":         object[map[string]any](t, d.ask(t, http.MethodPost, "/v1/plugins/word_team/run", "", http.StatusServiceUnavailable))["detail"].(string),
		"readyz":              object[map[string]any](t, d.ask(t, http.MethodGet, "/readyz", "", http.StatusServiceUnavailable))["detail"].(string),
	} {
		for _, source := range kinds {
			if !hasLine(text, "source "+source+": ", o.cause(source)) {
				t.Errorf("%s: no line names %s and %s: %s", where, source, o.cause(source), text)
			}
		}
	}
	for _, source := range kinds {
		st := d.source(t, source)
		if st.Ready || st.Stale || st.Revision != "" || !strings.Contains(st.Error, o.cause(source)) {
			t.Errorf("got %+v", st)
		}
		if !strings.Contains(d.log.String(), "source="+source+" error=") {
			t.Errorf("%s is not in the log: %s", source, d.log)
		}
	}
	for _, source := range kinds {
		o.comeBack(source)
		if !eventually(func() bool { return d.answers(t, "word_"+source, source) }) {
			t.Fatalf("%s does not come back: %+v", source, d.source(t, source))
		}
	}
	if !eventually(func() bool { _, status := d.send(t, http.MethodGet, "/readyz", ""); return status == http.StatusOK }) {
		t.Errorf("not ready: %s", d.ask(t, http.MethodGet, "/readyz", "", http.StatusOK))
	}
	for _, source := range kinds {
		if st := d.source(t, source); !st.Ready || st.Stale || st.Error != "" {
			t.Errorf("got %+v", st)
		}
	}
}

// cause is what the error of a source has to say while all origins are away.
func (o *origins) cause(source string) string {
	if source == "local" {
		return o.folder + ": it does not exist"
	}
	return "connection refused"
}

// hasLine reports whether a line of text has all the parts.
func hasLine(text string, parts ...string) bool {
	for line := range strings.Lines(text) {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			return true
		}
	}
	return false
}
