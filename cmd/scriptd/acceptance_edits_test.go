package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// word is a plugin that answers with a word. Its handler stands at line 10, the word at line 11, column 10.
func word(name, answer string) string {
	return `package word

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "` + name + `"}, func(context.Context) (string, error) {
		return "` + answer + `", nil
	})
}
`
}

// TestEdits edits plugins in all three origins while a daemon runs: what is good goes live, what is broken leaves the
// old version answering, and is shown where people look.
func TestEdits(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes ten seconds")
	}
	o := newOrigins(t)
	for _, source := range kinds {
		o.put(source, map[string]string{"word/word.go": word("word_"+source, "v0")})
	}
	path := o.config()
	d := serve(t, path)
	for i, source := range kinds {
		name, other := "word_"+source, "word_"+kinds[(i+1)%len(kinds)]
		until := func(what string, happened func() bool) {
			t.Helper()
			if !eventually(happened) {
				t.Fatalf("%s: %s: it did not happen: %+v", source, what, d.source(t, source))
			}
		}
		for _, edit := range []struct {
			name, file, content, want string
		}{
			{"syntax error", "word/word.go", strings.Replace(word(name, "bad"), "(r *", "(r r *", 1), "word/word.go:9:19: "},
			{"type error", "word/word.go", strings.Replace(word(name, "bad"), `"bad"`, "bad", 1), "word/word.go:11:10: undefined: bad"},
			{"panic in Register", "word/word.go", strings.Replace(word(name, "bad"), "return r.Add", "panic(\"no luck\")\n\treturn r.Add", 1), "word/word.go:10:2: panic in Register: no luck"},
			{"taken name", "zz/zz.go", word(other, "bad"), fmt.Sprintf("zz/zz.go:10:%d: plugin name %s is taken by %s/word (word/word.go:10)", 38+len(other), other, strings.TrimPrefix(other, "word_"))},
		} {
			good := fmt.Sprintf("before the %s", edit.name)
			o.put(source, map[string]string{"word/word.go": word(name, good)})
			until(good, func() bool { return d.answers(t, name, good) && d.source(t, source).Error == "" })
			served := d.source(t, source)

			o.put(source, map[string]string{edit.file: edit.content})
			until(edit.name, func() bool { return d.source(t, source).Error != "" })
			if !d.answers(t, name, good) || !d.answers(t, other, d.last(t, other)) {
				t.Errorf("%s: %s: the old version does not answer", source, edit.name)
			}
			shown := map[string]string{
				"GET /v1/sources": d.source(t, source).Error,
				"sources -o json": pick(object[[]engine.SourceStatus](t, cli(t, exitOK, "-c", path, "sources", "-o", "json")), source).Error,
			}
			for where, text := range shown {
				if !strings.HasPrefix(text, edit.want) {
					t.Errorf("%s: %s: %s shows %q, want %q", source, edit.name, where, text, edit.want)
				}
			}
			if !strings.Contains(d.log.String(), `problem="`+edit.want) {
				t.Errorf("%s: %s: %q is not in the log: %s", source, edit.name, edit.want, d.log)
			}
			st := d.source(t, source)
			if newTree := edit.name == "taken name"; !st.Stale || st.Ready == newTree || (st.Digest != served.Digest) != newTree {
				t.Errorf("%s: %s: status %+v, served %+v", source, edit.name, st, served)
			}
			if edit.file != "word/word.go" {
				o.put(source, map[string]string{edit.file: ""})
			}
		}
		o.put(source, map[string]string{"word/word.go": word(name, "mended")})
		until("mended", func() bool { return d.answers(t, name, "mended") })
		until("ready", func() bool { st := d.source(t, source); return st.Ready && !st.Stale && st.Error == "" })
	}
}

// source is the state of a source as the daemon has it.
func (d *daemon) source(t testing.TB, name string) engine.SourceStatus {
	t.Helper()
	return pick(object[[]engine.SourceStatus](t, d.ask(t, http.MethodGet, "/v1/sources", "", http.StatusOK)), name)
}

func pick(list []engine.SourceStatus, name string) engine.SourceStatus {
	i := slices.IndexFunc(list, func(s engine.SourceStatus) bool { return s.Name == name })
	return list[i]
}

// last is what a plugin answers now.
func (d *daemon) last(t testing.TB, name string) any {
	t.Helper()
	return object[map[string]any](t, d.ask(t, http.MethodPost, "/v1/plugins/"+name+"/run", "", http.StatusOK))["data"]
}

// BenchmarkEdit measures the time from an edit to the first new answer over HTTP, the edit's own time left out. A
// source that is polled needs half its interval on average: x-interval is the median over the interval.
func BenchmarkEdit(b *testing.B) {
	for _, source := range kinds {
		b.Run(source, func(b *testing.B) {
			o := newOrigins(b)
			name := "word_" + source
			for _, source := range kinds {
				o.put(source, map[string]string{"word/word.go": word("word_"+source, "v0")})
			}
			d := serve(b, o.config())
			var took []time.Duration
			for b.Loop() {
				answer := fmt.Sprint("v", len(took)+1)
				o.put(source, map[string]string{"word/word.go": word(name, answer)})
				edited := time.Now()
				for !d.answers(b, name, answer) {
					time.Sleep(time.Millisecond)
				}
				took = append(took, time.Since(edited))
				time.Sleep(time.Duration(len(took)%10) * interval / 10) // edits do not wait for polls
			}
			slices.SortFunc(took, cmp.Compare[time.Duration])
			median := took[len(took)/2]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(median.Microseconds())/1000, "ms/median")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms/worst")
			if source != "local" {
				b.ReportMetric(float64(median)/float64(interval), "x-interval")
			}
		})
	}
}
