package engine_test

import (
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
)

func TestOptionsThatCannotWork(t *testing.T) {
	src := folder(t, "local", t.TempDir())
	changed := func(change func(*engine.Source)) engine.Options {
		s := src
		change(&s)
		return engine.Options{Sources: []engine.Source{s}}
	}
	packages := func(paths ...string) engine.Options {
		return changed(func(s *engine.Source) {
			for _, path := range paths {
				s.Packages = append(s.Packages, engine.Package{Path: path})
			}
		})
	}
	for _, tt := range []struct {
		want string
		opts engine.Options
	}{
		{"source local: there are two of that name", engine.Options{Sources: []engine.Source{src, src}}},
		{`source name "A": want lower-case letters, digits, _ and -, at most 64, the first a letter or digit`, changed(func(s *engine.Source) { s.Name = "A" })},
		{"source local: no origin", changed(func(s *engine.Source) { s.From = nil })},
		{"source local: negative interval -1s", changed(func(s *engine.Source) { s.Interval = -time.Second })},
		{"source local: negative timeout -1s", changed(func(s *engine.Source) { s.Timeout = -time.Second })},
		{"source local: package a is listed twice", packages("a", "b", "a")},
		{"source local: package a/b is listed twice", packages("a/b", "./a//b/")},
		{`source local: package "../a": want a folder of the tree, with slashes`, packages("../a")},
		{`source local: package "/a": want a folder of the tree, with slashes`, packages("/a")},
		{"source local: package a: negative timeout -1s", changed(func(s *engine.Source) {
			s.Packages = []engine.Package{{Path: "a", Policy: engine.Policy{Timeout: -time.Second}}}
		})},
		{`isolation "x": want process or none`, engine.Options{Isolation: "x"}},
		{"negative timeout -1s", engine.Options{CallTimeout: -time.Second}},
		{"negative timeout -1s", engine.Options{StartTimeout: -time.Second}},
	} {
		if _, err := engine.New(t.Context(), tt.opts); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

// What the engine fills in is not the caller's to see.
func TestOptionsStayTheCallers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/a.go": greeter("a", "v1")})
	src := folder(t, "local", dir)
	src.Interval, src.Packages = 0, []engine.Package{{Path: "./a/"}}
	opts := engine.Options{Sources: []engine.Source{src}}
	if got := call(t, open(t, opts), "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	if s := opts.Sources[0]; opts.Cache != nil || s.Interval != 0 || s.Packages[0].Path != "./a/" {
		t.Errorf("got %+v", opts)
	}
}
