package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/symbols"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// crashDir is set in the environment of a process that is to be killed, and names the folder that it works in.
const crashDir = "SCRIPTD_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	engine.ServeWorker(symbols.Symbols, greeterSymbols)
	if dir := os.Getenv(crashDir); dir != "" {
		if err := changeUntilKilled(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// standing is what serves, and what is known of it.
type standing struct {
	Version string
	Pinned  bool
	// Newest is the version that is served when nothing is pinned.
	Newest string
	// Versions are those that the history knows by their digests.
	Versions map[string]string
}

// report is a line of a process that is to be killed: where things stand, and where they will after what it does next.
type report struct {
	Stands, Next standing
	Doing        string
}

func crashOptions(dir string) (engine.Options, error) {
	from, err := filesystem.New(filesystem.Options{Path: dir + "/plugins"})
	if err != nil {
		return engine.Options{}, err
	}
	store, err := cache.Disk(dir + "/cache")
	return engine.Options{Cache: store, Isolation: engine.IsolationNone, Sources: []engine.Source{{Name: "local", Origin: "folder", From: from}}}, err
}

// stand asks an engine where things stand. Known are the versions by their digests.
func stand(ctx context.Context, e *engine.Engine, known map[string]string) (standing, error) {
	res, err := e.Call(ctx, "a", nil)
	if err != nil {
		return standing{}, err
	}
	version, _, _ := strings.Cut(fmt.Sprint(res.Data), " ")
	known[res.Digest] = version
	s := standing{Version: version, Pinned: e.Packages()[0].Pinned, Newest: version, Versions: make(map[string]string)}
	history, err := e.History("local/a")
	if err != nil {
		return standing{}, err
	}
	live := 0
	for _, v := range history {
		if v.State == cache.Live {
			live++
			if string(v.Digest) != res.Digest {
				return s, fmt.Errorf("%s answers, the history says that %s is live", res.Digest, v.Digest)
			}
		}
		if v.State != cache.Failed {
			s.Versions[string(v.Digest)] = known[string(v.Digest)]
		}
	}
	if live != 1 {
		return s, fmt.Errorf("the history has %d live versions: %+v", live, history)
	}
	return s, nil
}

// changeUntilKilled edits, syncs, rolls back and unpins, and says so before and after each.
func changeUntilKilled(ctx context.Context, dir string) error {
	opts, err := crashOptions(dir)
	if err != nil {
		return err
	}
	e, err := engine.New(ctx, opts)
	if err != nil {
		return err
	}
	known := make(map[string]string)
	if text, err := os.ReadFile(dir + "/known"); err == nil {
		if err := json.Unmarshal(text, &known); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	newest := ""
	for i := time.Now().UnixNano(); ; i++ {
		s, err := stand(ctx, e, known)
		if err != nil {
			return err
		}
		if !s.Pinned {
			newest = s.Version
		}
		if s.Newest = newest; newest == "" {
			s.Newest = "unknown"
		}
		next, doing := s, []string{"edit", "edit", "edit", "roll back", "unpin"}[rand.N(5)]
		change := func() error { return nil }
		switch doing {
		case "edit":
			next.Newest = fmt.Sprint("v", i)
			if !s.Pinned {
				next.Version = next.Newest
			}
			change = func() error {
				newest = next.Newest
				path := dir + "/plugins/a/a.go"
				if err := os.WriteFile(path+"~", []byte(greeter("a", next.Newest)), 0o600); err != nil {
					return err
				}
				if err := os.Rename(path+"~", path); err != nil {
					return err
				}
				_, err := e.Sync(ctx)
				return err
			}
		case "roll back":
			history, err := e.History("local/a")
			if err != nil {
				return err
			}
			at := slices.IndexFunc(history, func(v cache.Version) bool { return v.State == cache.Retired && known[string(v.Digest)] != "" })
			if at < 0 {
				continue
			}
			next.Version, next.Pinned = known[string(history[at].Digest)], true
			change = func() error {
				_, err := e.Rollback(ctx, "local/a", string(history[at].Digest))
				return err
			}
		case "unpin":
			next.Version, next.Pinned = s.Newest, false
			change = func() error {
				_, err := e.Unpin(ctx, "local/a")
				return err
			}
		}
		if err := out.Encode(report{Stands: s, Next: next, Doing: doing}); err != nil {
			return err
		}
		if err := change(); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
}

// What was live when a process was killed is live when the next one starts, whatever was going on, and so are pins and
// history; the origin is away.
func TestKilled(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 5
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"plugins/a/a.go": greeter("a", "v0")})
	known := make(map[string]string)
	for range kills {
		last := killed(t, dir)
		opts, err := crashOptions(dir)
		if err != nil {
			t.Fatal(err)
		}
		opts.Sources[0].From = away{}
		e := open(t, opts)
		maps.Copy(known, last.Stands.Versions)
		s, err := stand(t.Context(), e, known)
		if err != nil {
			t.Fatalf("%v after %+v", err, last)
		}
		fits := func(want standing) bool {
			return s.Pinned == want.Pinned && (s.Version == want.Version || want.Version == "unknown")
		}
		if !fits(last.Stands) && !fits(last.Next) {
			t.Errorf("%s, pinned %t, serves after a kill; before it was %s, pinned %t, on the way to %s, pinned %t (%s)", s.Version, s.Pinned,
				last.Stands.Version, last.Stands.Pinned, last.Next.Version, last.Next.Pinned, last.Doing)
		}
		missing := 0
		for digest := range last.Stands.Versions {
			if _, ok := s.Versions[digest]; !ok {
				missing++
			}
		}
		if missing > 1 { // what was on its way may have pushed the oldest out
			t.Errorf("%d versions are missing: %v, before %v", missing, s.Versions, last.Stands.Versions)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		text, err := json.Marshal(known)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, map[string]string{"known": string(text)})
	}
}

// killed starts a process that changes things, and kills it at a random moment. It returns its last report.
func killed(t *testing.T, dir string) report {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	var last report
	first := true
	for lines.Scan() {
		var next report
		if err := json.Unmarshal(lines.Bytes(), &next); err != nil {
			break // the kill cut it off
		}
		last = next
		if first {
			first = false
			time.AfterFunc(rand.N(150*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the process ended by itself: %v", err)
	}
	if last.Doing == "" {
		t.Fatal("the process said nothing")
	}
	return last
}
