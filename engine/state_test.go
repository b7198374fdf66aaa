package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

const (
	syntaxError = "package p\n\nfunc Register( {\n"
	none        = "" // no plugin of that name
)

// step is something that happens to a source, and what its state is after the next sync.
type step struct {
	name string
	// files are written into the folder; an empty content removes the file or the folder.
	files map[string]string
	mood  *mood

	ready, stale, changed bool
	err                   string // what the error begins with
	// moved: the revision and the digest are the folder's; else they are what they were.
	moved bool
	// heard: last_sync has moved on.
	heard bool
	// a and b are what the plugins answer, also after a restart.
	a, b string
}

func goodA(v string) map[string]string { return map[string]string{"a/a.go": greeter("a", v)} }

func good(a, b string) map[string]string {
	return map[string]string{"a/a.go": greeter("a", a), "b/b.go": greeter("b", b)}
}

func with(files map[string]string, name, content string) map[string]string {
	files[name] = content
	return files
}

// TestStates walks sources through what can become of them. The first step is the start of the engine.
func TestStates(t *testing.T) {
	fresh := step{name: "good", files: good("v1", "v1"), ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"}
	const noPlugins = "no plugins: no folder has a Go file with a function Register"
	for _, tt := range []struct {
		name   string
		listed []string
		steps  []step
	}{
		{"edits", nil, []step{
			fresh,
			{name: "again", ready: true, heard: true, a: "v1", b: "v1"},
			{name: "edit", files: goodA("v2"), ready: true, moved: true, heard: true, changed: true, a: "v2", b: "v1"},
			{name: "edit of what is no plugin", files: map[string]string{"readme": "x"}, ready: true, moved: true, heard: true, changed: true, a: "v2", b: "v1"},
			{name: "a package more", files: map[string]string{"c/c.go": greeter("c", "v1")}, ready: true, moved: true, heard: true, changed: true, a: "v2", b: "v1"},
			{name: "a package less", files: map[string]string{"b": ""}, ready: true, moved: true, heard: true, changed: true, a: "v2"},
		}},
		{"a start with a tree that is partly broken", nil, []step{
			{name: "b broken", files: with(goodA("v1"), "b/b.go", syntaxError), stale: true, moved: true, heard: true, changed: true, err: "b/b.go:3:16: ", a: "v1"},
			{name: "again", stale: true, heard: true, err: "b/b.go:3:16: ", a: "v1"},
			{name: "a broken too", files: map[string]string{"a/a.go": syntaxError}, stale: true, heard: true, err: "a/a.go:3:16: ", a: "v1"},
			{name: "b mended", files: map[string]string{"b/b.go": greeter("b", "v2")}, ready: true, stale: true, moved: true, heard: true, changed: true, err: "a/a.go:3:16: ", a: "v1", b: "v2"},
			{name: "a mended", files: goodA("v3"), ready: true, moved: true, heard: true, changed: true, a: "v3", b: "v2"},
		}},
		{"a start with a tree that is broken", nil, []step{
			{name: "both broken", files: map[string]string{"a/a.go": syntaxError, "b/b.go": syntaxError}, heard: true, err: "a/a.go:3:16: "},
			{name: "again", heard: true, err: "a/a.go:3:16: "},
			{name: "down", mood: down, err: "ask origin: connection refused"},
			{name: "mended", files: good("v1", "v1"), mood: up, ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
		}},
		{"broken edits", nil, []step{
			fresh,
			{name: "b broken, a new", files: with(goodA("v2"), "b/b.go", syntaxError), ready: true, stale: true, moved: true, heard: true, changed: true, err: "b/b.go:3:16: ", a: "v2", b: "v1"},
			{name: "both broken", files: map[string]string{"a/a.go": syntaxError}, ready: true, stale: true, heard: true, err: "a/a.go:3:16: ", a: "v2", b: "v1"},
			{name: "reverted", files: good("v1", "v1"), ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
			{name: "broken again", files: map[string]string{"a/a.go": syntaxError, "b/b.go": syntaxError}, ready: true, stale: true, heard: true, err: "a/a.go:3:16: ", a: "v1", b: "v1"},
			{name: "reverted again", files: good("v1", "v1"), ready: true, heard: true, a: "v1", b: "v1"},
			{name: "a new package that is broken", files: map[string]string{"c/c.go": syntaxError}, stale: true, moved: true, heard: true, changed: true, err: "c/c.go:3:16: ", a: "v1", b: "v1"},
			{name: "and is gone", files: map[string]string{"c": ""}, ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
		}},
		{"nothing is left", nil, []step{
			fresh,
			{name: "no package", files: map[string]string{"a": "", "b": "", "readme": "x"}, moved: true, heard: true, changed: true, err: noPlugins},
			{name: "again", heard: true, err: noPlugins},
			{name: "no package, and down", mood: down, stale: true, err: "ask origin: connection refused"},
			{name: "back", files: good("v2", "v2"), mood: up, ready: true, moved: true, heard: true, changed: true, a: "v2", b: "v2"},
		}},
		{"a start with nothing", nil, []step{
			{name: "no package", files: map[string]string{"readme": "x"}, moved: true, heard: true, changed: true, err: noPlugins},
			{name: "there", files: good("v1", "v1"), ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
		}},
		{"the origin is away", nil, []step{
			fresh,
			{name: "down", mood: down, ready: true, stale: true, err: "ask origin: connection refused", a: "v1", b: "v1"},
			{name: "edited meanwhile", files: goodA("v2"), ready: true, stale: true, err: "ask origin: connection refused", a: "v1", b: "v1"},
			{name: "denied", mood: denied, ready: true, stale: true, err: "ask origin: wrong credentials", a: "v1", b: "v1"},
			{name: "gone", mood: gone, ready: true, stale: true, err: "ask origin: it does not exist", a: "v1", b: "v1"},
			{name: "silent", mood: silent, ready: true, stale: true, err: "ask origin: no answer within 1s", a: "v1", b: "v1"},
			{name: "silent half-way", mood: halfWay, ready: true, stale: true, heard: true, err: "ask origin: no answer within 1s", a: "v1", b: "v1"},
			{name: "cut off", mood: cutOff, ready: true, stale: true, heard: true, err: "ask origin: connection reset", a: "v1", b: "v1"},
			{name: "back", mood: up, ready: true, moved: true, heard: true, changed: true, a: "v2", b: "v1"},
		}},
		{"a start while the origin is away", nil, []step{
			{name: "down", files: good("v1", "v1"), mood: down, err: "ask origin: connection refused"},
			{name: "denied", mood: denied, err: "ask origin: wrong credentials"},
			{name: "cut off", mood: cutOff, heard: true, err: "ask origin: connection reset"},
			{name: "there", mood: up, ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
		}},
		{"broken and away", nil, []step{
			fresh,
			{name: "b broken", files: with(goodA("v2"), "b/b.go", syntaxError), ready: true, stale: true, moved: true, heard: true, changed: true, err: "b/b.go:3:16: ", a: "v2", b: "v1"},
			{name: "and down", mood: down, ready: true, stale: true, err: "ask origin: connection refused", a: "v2", b: "v1"},
			{name: "up, broken still", mood: up, ready: true, stale: true, heard: true, err: "b/b.go:3:16: ", a: "v2", b: "v1"},
		}},
		{"packages that are listed", []string{"a", "./b/"}, []step{
			fresh,
			{name: "more that are not listed", files: map[string]string{"c/c.go": syntaxError}, ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
			{name: "one is gone", files: with(goodA("v2"), "b", ""), ready: true, stale: true, moved: true, heard: true, changed: true, err: "b: ", a: "v2", b: "v1"},
			{name: "both are gone", files: map[string]string{"a": ""}, ready: true, stale: true, heard: true, err: "a: ", a: "v2", b: "v1"},
			{name: "both are back", files: good("v3", "v3"), ready: true, moved: true, heard: true, changed: true, a: "v3", b: "v3"},
		}},
		{"a listed package that was never there", []string{"a", "b"}, []step{
			{name: "b is not there", files: goodA("v1"), stale: true, moved: true, heard: true, changed: true, err: "b: ", a: "v1"},
			{name: "b is there", files: good("v1", "v1"), ready: true, moved: true, heard: true, changed: true, a: "v1", b: "v1"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, store := t.TempDir(), cache.Memory()
			src, origin := moody(t, "local", dir)
			src.Timeout = time.Second
			for _, path := range tt.listed {
				src.Packages = append(src.Packages, engine.Package{Path: path})
			}
			books := newLedger(t)
			var e *engine.Engine
			var before engine.SourceStatus
			for i, s := range tt.steps {
				s.prepare(t, dir, origin)
				var result engine.SyncResult
				if i == 0 {
					e = books.open(engine.Options{Cache: store, Sources: []engine.Source{src}})
					st := e.Sources()[0]
					result = engine.SyncResult{Source: st.Name, Revision: st.Revision, Digest: st.Digest, Changed: st.Digest != "", Error: st.Error, Err: st.Err}
				} else {
					result = sync(t, e)[0]
				}
				after := e.Sources()[0]
				s.check(t, before, after, result)
				s.checkAnswers(t, e, s.a, s.b)
				s.checkRestarts(t, origin, engine.Options{Cache: store, Sources: []engine.Source{src}})
				before = after
			}
		})
	}
}

func (s *step) prepare(t *testing.T, dir string, o *origin) {
	t.Helper()
	if s.mood != nil {
		o.mood.Store(s.mood)
	}
	for name, content := range s.files {
		if content != "" {
			write(t, dir, map[string]string{name: content})
		} else if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *step) check(t *testing.T, before, after engine.SourceStatus, result engine.SyncResult) {
	t.Helper()
	if after.Ready != s.ready || after.Stale != s.stale || result.Changed != s.changed {
		t.Errorf("%s: ready %t, stale %t, changed %t, want %t, %t, %t", s.name, after.Ready, after.Stale, result.Changed, s.ready, s.stale, s.changed)
	}
	if !strings.HasPrefix(after.Error, s.err) || (after.Error == "") != (s.err == "") {
		t.Errorf("%s: error %q, want %q", s.name, after.Error, s.err)
	}
	if (after.Err == nil) != (after.Error == "") || result.Error != after.Error || result.Revision != after.Revision || result.Digest != after.Digest {
		t.Errorf("%s: result %+v, status %+v", s.name, result, after)
	}
	if moved := after.Revision != before.Revision && after.Digest != before.Digest; moved != s.moved {
		t.Errorf("%s: from %s %s to %s %s, want a move: %t", s.name, before.Revision, before.Digest, after.Revision, after.Digest, s.moved)
	}
	if heard := after.LastSync.After(before.LastSync); heard != s.heard {
		t.Errorf("%s: last sync from %s to %s, want it later: %t", s.name, before.LastSync, after.LastSync, s.heard)
	}
}

func (s *step) checkAnswers(t *testing.T, e *engine.Engine, a, b string) {
	t.Helper()
	for name, want := range map[string]string{"a": a, "b": b} {
		res, err := e.Call(t.Context(), name, nil)
		switch {
		case want == none && !errors.Is(err, engine.ErrNotFound):
			t.Errorf("%s: %s answers %v, %v, want it to be away", s.name, name, res.Data, err)
		case want != none && (err != nil || res.Data != want+" world"):
			t.Errorf("%s: %s answers %v, %v, want %s", s.name, name, res.Data, err, want)
		}
	}
}

// checkRestarts starts other engines with the same cache: while the origin is away, and as it is.
func (s *step) checkRestarts(t *testing.T, o *origin, opts engine.Options) {
	t.Helper()
	recorded, err := opts.Cache.Active(t.Context(), "local")
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		t.Fatal(err)
	}
	at := *s
	at.name += ", restarted"
	lost := opts
	lost.Sources = slices.Clone(opts.Sources)
	lost.Sources[0].From = away{}
	e := newLedger(t).open(lost)
	at.checkAnswers(t, e, s.a, s.b)
	st := e.Sources()[0]
	if st.Error != "ask origin: connection refused" || st.Stale != (st.Digest != "") || st.Ready && s.a == none && s.b == none {
		t.Errorf("%s: status %+v", at.name, st)
	}
	if !st.LastSync.Equal(recorded.FetchedAt) || st.Digest != string(recorded.Digest) || st.Revision != recorded.Revision {
		t.Errorf("%s: status %+v, want what was recorded: %+v", at.name, st, recorded)
	}
	if o.mood.Load() != up {
		return
	}
	at.checkAnswers(t, newLedger(t).open(opts), s.a, s.b)
}
