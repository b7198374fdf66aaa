package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// lived is an engine over a folder that has had the versions v1, v2 and v3 of the plugins a and b.
type lived struct {
	*testing.T
	e     *engine.Engine
	books *ledger
	dir   string
	opts  engine.Options
}

func newLived(t *testing.T) *lived {
	t.Helper()
	l := &lived{T: t, dir: t.TempDir(), books: newLedger(t)}
	src, _ := moody(t, "local", l.dir)
	l.opts = engine.Options{Cache: cache.Memory(), Sources: []engine.Source{src}}
	write(t, l.dir, good("v1", "v1"))
	l.e = l.books.open(l.opts)
	for _, v := range []string{"v2", "v3"} {
		write(t, l.dir, goodA(v))
		sync(t, l.e)
	}
	return l
}

// states are those of the history, the newest first.
func (l *lived) states(pkg string) string {
	l.Helper()
	history, err := l.e.History(pkg)
	if err != nil {
		l.Fatal(err)
	}
	var states []string
	for _, v := range history {
		if !v.Digest.Valid() || v.Revision == "" || v.ActivatedAt.IsZero() || (v.Error != "") != (v.State == cache.Failed || v.State == cache.Quarantined) {
			l.Errorf("history of %s has %+v", pkg, v)
		}
		states = append(states, string(v.State))
	}
	return strings.Join(states, " ")
}

// want ends the test unless the plugins answer so and the histories are so.
func (l *lived) want(a, b, historyA string) {
	l.Helper()
	if got := call(l, l.e, "a"); got != a+" world" {
		l.Errorf("a answers %v, want %s", got, a)
	}
	if got := call(l, l.e, "b"); got != b+" world" {
		l.Errorf("b answers %v, want %s", got, b)
	}
	if got := l.states("local/a"); got != historyA {
		l.Errorf("the history of a is %s, want %s", got, historyA)
	}
}

// restart opens another engine on the same cache: with the origin as it is, and before, in passing, without it.
func (l *lived) restart(a, b string) {
	l.Helper()
	away := lost(l.T, l.opts.Cache, l.opts.Sources[0])
	for name, want := range map[string]string{"a": a, "b": b} {
		if got := call(l, away, name); got != want+" world" {
			l.Errorf("%s answers %v after a restart without the origin, want %s", name, got, want)
		}
	}
	l.books = newLedger(l.T)
	l.e = l.books.open(l.opts)
}

func (l *lived) digest(pkg string, i int) string {
	l.Helper()
	history, err := l.e.History(pkg)
	if err != nil || i >= len(history) {
		l.Fatal(history, err)
	}
	return string(history[i].Digest)
}

func TestHistory(t *testing.T) {
	l := newLived(t)
	l.want("v3", "v1", "live retired retired")
	if got := l.states("local/b"); got != "live" {
		t.Errorf("b never changed: its history is %s", got)
	}
	if a, b, newest := l.digest("local/a", 0), l.digest("local/b", 0), l.e.Sources()[0].Digest; a != newest || b != newest {
		t.Errorf("a is live from %s, b from %s, the newest tree is %s", a, b, newest)
	}
	write(t, l.dir, map[string]string{"a/a.go": syntaxError})
	sync(t, l.e)
	l.want("v3", "v1", "failed live retired retired")
	history, _ := l.e.History("local/a")
	if !strings.HasPrefix(history[0].Error, "a/a.go:3:16: ") {
		t.Errorf("got %+v, want the position", history[0])
	}
	// Another change of the tree says nothing new of a package that is as broken as it was.
	write(t, l.dir, map[string]string{"b/b.go": greeter("b", "v2")})
	loads := l.books.loaded()
	sync(t, l.e)
	if n := l.books.loaded() - loads; n != 1 {
		t.Errorf("%d packages were loaded, one has changed", n)
	}
	l.want("v3", "v2", "failed live retired retired")
	l.restart("v3", "v2")
	l.want("v3", "v2", "failed live retired retired")
	for _, unknown := range []string{"local/c", "other/a", "local", "a", ""} {
		if _, err := l.e.History(unknown); !errors.Is(err, engine.ErrNoPackage) {
			t.Errorf("%q: got %v", unknown, err)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	l := newLived(t)
	for i := range 30 {
		content := greeter("a", "x"+strings.Repeat("x", i))
		if i%2 == 0 {
			content = strings.Repeat("\n", i) + syntaxError
		}
		write(t, l.dir, map[string]string{"a/a.go": content})
		sync(t, l.e)
	}
	states := l.states("local/a")
	if n := strings.Count(states, "failed"); n != 5 {
		t.Errorf("%d failures are kept, want 5: %s", n, states)
	}
	if n := strings.Count(states, "retired"); n != 9 {
		t.Errorf("%d older versions are kept, want 9: %s", n, states)
	}
}

func TestRollback(t *testing.T) {
	l := newLived(t)
	oldest := l.digest("local/a", 2)
	v, err := l.e.Rollback(t.Context(), "local/a", "")
	if err != nil || v.State != cache.Live || string(v.Digest) != l.digest("local/a", 0) {
		t.Errorf("got %+v, %v", v, err)
	}
	l.want("v2", "v1", "live retired retired")

	// It stays, whatever the source brings, while others follow it.
	write(t, l.dir, good("v4", "v4"))
	sync(t, l.e)
	l.want("v2", "v4", "live retired retired")
	if st := l.e.Sources()[0]; !st.Ready || st.Stale || st.Err != nil {
		t.Errorf("got %+v", st)
	}
	for range 2 {
		l.restart("v2", "v4")
		l.want("v2", "v4", "live retired retired")
	}
	if p := l.e.Packages(); len(p) != 2 || !p[0].Pinned || p[1].Pinned || p[0].Package != "local/a" || p[0].State != cache.Live || p[0].Plugins[0] != "a" {
		t.Errorf("got %+v", p)
	}

	// By the beginning of a digest, further back.
	for _, digest := range []string{oldest, strings.TrimPrefix(oldest, "sha256:")[:12]} {
		if v, err = l.e.Rollback(t.Context(), "local/a", digest); err != nil || string(v.Digest) != oldest {
			t.Errorf("got %+v, %v", v, err)
		}
		l.want("v1", "v4", "live retired retired")
	}

	// Unpinned, it follows its source again.
	if v, err = l.e.Unpin(t.Context(), "local/a"); err != nil || string(v.Digest) != l.e.Sources()[0].Digest {
		t.Errorf("got %+v, %v", v, err)
	}
	l.want("v4", "v4", "live retired retired retired")
	l.restart("v4", "v4")
	l.want("v4", "v4", "live retired retired retired")
	if _, err := l.e.Unpin(t.Context(), "local/a"); err != nil {
		t.Error(err)
	}
}

func TestRollbackErrors(t *testing.T) {
	l := newLived(t)
	for _, tt := range []struct {
		pkg, digest string
		want        error
	}{
		{"local/c", "", engine.ErrNoPackage},
		{"other/a", "", engine.ErrNoPackage},
		{"local/b", "", engine.ErrNoVersion},
		{"local/a", "ffffffffffffffff", engine.ErrNoVersion},
		{"local/a", "sha256:", engine.ErrNoVersion}, // the beginning of all
	} {
		if _, err := l.e.Rollback(t.Context(), tt.pkg, tt.digest); !errors.Is(err, tt.want) {
			t.Errorf("%s %s: got %v, want %v", tt.pkg, tt.digest, err, tt.want)
		}
	}
	// A version that has been broken since it was fetched cannot be gone back to; what serves, serves.
	write(t, l.dir, map[string]string{"a/a.go": syntaxError})
	sync(t, l.e)
	broken := l.digest("local/a", 0)
	var problems runtime.Problems
	if _, err := l.e.Rollback(t.Context(), "local/a", broken); !errors.As(err, &problems) || problems[0].Line != 3 {
		t.Errorf("got %v, want the problems", err)
	}
	l.want("v3", "v1", "failed live retired retired")
	if p := l.e.Packages()[0]; p.Pinned || p.Error == "" {
		t.Errorf("got %+v", p)
	}
	if err := l.e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.e.Rollback(t.Context(), "local/a", ""); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestPin(t *testing.T) {
	l := newLived(t)
	if _, err := l.e.Pin(t.Context(), "local/a"); err != nil {
		t.Fatal(err)
	}
	write(t, l.dir, good("v4", "v4"))
	sync(t, l.e)
	l.want("v3", "v4", "live retired retired")
	// A pinned package stays even where its source does not have it any more.
	write(t, l.dir, map[string]string{"b/b.go": greeter("b", "v5")})
	if err := removeAll(l.dir, "a"); err != nil {
		t.Fatal(err)
	}
	sync(t, l.e)
	l.want("v3", "v5", "live retired retired")
	l.restart("v3", "v5")
	l.want("v3", "v5", "live retired retired")
	// Unpinned, it is gone, and its history is not.
	if v, err := l.e.Unpin(t.Context(), "local/a"); err != nil || v != (engine.Version{}) {
		t.Errorf("got %+v, %v", v, err)
	}
	if _, err := l.e.Call(t.Context(), "a", nil); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if got := l.states("local/a"); got != "retired retired retired" {
		t.Errorf("the history is %s", got)
	}
	// It can come back.
	if _, err := l.e.Rollback(t.Context(), "local/a", ""); err != nil {
		t.Error(err)
	}
	l.want("v3", "v5", "live retired retired")
}

// Two engines on one cache: what one is told, the other does.
func TestAnotherProcessIsHeard(t *testing.T) {
	l := newLived(t)
	run(t, l.e)
	other := newLedger(t).open(l.opts)
	answers := func(want string) func() bool {
		return func() bool { return call(t, l.e, "a") == want+" world" }
	}
	if _, err := other.Rollback(t.Context(), "local/a", ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, answers("v2"))
	if _, err := other.Unpin(t.Context(), "local/a"); err != nil {
		t.Fatal(err)
	}
	eventually(t, answers("v3"))
	loads := l.books.loaded()
	if _, err := other.Reload(t.Context(), "local/a"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return l.books.loaded() == loads+1 })
	time.Sleep(20 * time.Millisecond)
	if n := l.books.loaded(); n != loads+1 {
		t.Errorf("loaded %d times", n-loads)
	}
}
