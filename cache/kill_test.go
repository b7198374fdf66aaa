package cache_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// startChild runs the test binary as a process that works on a store. Its lines are on stdout.
func startChild(t *testing.T, mode, dir string, env ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(append(os.Environ(), childDir+"="+dir, childMode+"="+mode, "GORACE=atexit_sleep_ms=0"), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

// childFrom is the first revision that replacing brings.
const childFrom = "CACHE_TEST_FROM"

// replacing brings one revision after the other, and says each that is active, until it is killed.
func replacing(ctx context.Context, dir string) error {
	n, err := strconv.Atoi(os.Getenv(childFrom))
	if err != nil {
		return err
	}
	s, err := cache.Disk(dir)
	if err != nil {
		return err
	}
	for fmt.Println("ready"); ; n++ {
		d, err := s.Put(ctx, version(n))
		if err != nil {
			return err
		}
		if err := s.Activate(ctx, "team", cache.Active{Revision: fmt.Sprint(n), Digest: d}); err != nil {
			return err
		}
		fmt.Println(n)
		if err := leading(ctx, s, cache.Head{Revision: fmt.Sprint(n), Digest: d}); err != nil {
			return err
		}
		if err := s.SetControl(ctx, "team", cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: d, Revision: fmt.Sprint(n)}}}); err != nil {
			return err
		}
		if _, err := s.Collect(ctx, cache.Retention{Keep: 2}, false); err != nil {
			return err
		}
	}
}

// leading makes a tree the head, in place of the one that is.
func leading(ctx context.Context, s cache.Store, next cache.Head) error {
	h, err := s.Head(ctx, "team")
	next.Version = h.Version
	if errors.Is(err, cache.ErrNotFound) {
		next.Version, err = cache.Absent, nil
	}
	if err != nil {
		return err
	}
	return s.SetHead(ctx, "team", next)
}

// TestKilledAtAnyMoment kills a process that writes, many times: what is active is what it said last or what it was about
// to say, whole, and the next one goes on without any repair.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 500
	if testing.Short() {
		kills = 30
	}
	dir := t.TempDir()
	said, moved, unfinished := 0, 0, 0
	store(t, openDisk(t, dir), version(0))
	processes := killer{dir: dir, pace: 10 * time.Millisecond}
	for kill := range kills {
		last := processes.kill(t, said)
		s := openDisk(t, dir)
		a, err := s.Active(t.Context(), "team")
		if err != nil {
			t.Fatalf("kill %d: Active: %v", kill, err)
		}
		n, _ := strconv.Atoi(a.Revision) // the first is "r"
		if n != last && n != last+1 {
			t.Fatalf("kill %d: revision %d is active, and %d was said", kill, n, last)
		}
		wantTree(t, s, a.Digest, version(n))
		c, err := s.Control(t.Context(), "team")
		if err != nil {
			t.Fatalf("kill %d: Control: %v", kill, err)
		}
		if pin := c.Packages["a"]; pin.Pin != "" && pin.Pin != mustDigest(t, version(mustInt(t, pin.Revision))) {
			t.Fatalf("kill %d: got a mix: %+v", kill, pin)
		}
		switch h, err := s.Head(t.Context(), "team"); {
		case err == nil:
			if m := mustInt(t, h.Revision); m > n {
				t.Fatalf("kill %d: revision %d is the head, and %d is active", kill, m, n)
			}
			wantTree(t, s, h.Digest, version(mustInt(t, h.Revision)))
		case !errors.Is(err, cache.ErrNotFound):
			t.Fatalf("kill %d: Head: %v", kill, err)
		}
		if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
			t.Fatalf("kill %d: got %+v, %v", kill, v, err)
		}
		if size, err := s.Size(t.Context()); err != nil || size.Temporary > 0 {
			t.Fatalf("kill %d: got %+v, %v", kill, size, err)
		} else if size.Trees > 2 {
			unfinished++
		}
		if n > said {
			moved++
		}
		said = n
	}
	// One more, since the last may have been killed after it had noted a tree that it did not come to activate.
	s := openDisk(t, dir)
	store(t, s, version(said+1))
	if c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); err != nil || c.KeptTrees > 3 {
		t.Errorf("got %+v, %v, want the tree that is active, the head and the one that is pinned", c, err)
	}
	if moved < kills/10 || unfinished == 0 {
		t.Errorf("of %d processes, %d brought something and %d were killed before they had removed the rest: are they killed at all moments?", kills, moved, unfinished)
	}
}

func mustInt(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killer kills processes that bring revisions to a folder, at all moments.
type killer struct {
	dir string
	// pace is how long a revision takes, as last seen: it depends on the disk, and on what else runs.
	pace time.Duration
}

// kill kills a process in the midst of its first revision, its second or its third, and returns the revision that it said last.
func (k *killer) kill(t *testing.T, said int) int {
	t.Helper()
	cmd, out := startChild(t, "replace", k.dir, fmt.Sprintf("%s=%d", childFrom, said+1))
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	for range rand.N(3) {
		from := time.Now()
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("got %q, %v", line, err)
		}
		k.pace = time.Since(from)
		said = mustInt(t, strings.TrimSuffix(line, "\n"))
	}
	time.Sleep(rand.N(k.pace)) // nothing to wait for: the moment is to be any
	_ = cmd.Process.Kill()
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if cmd.ProcessState.Exited() {
		t.Fatalf("it ended by itself: %v", cmd.ProcessState)
	}
	if lines := strings.Split(string(rest), "\n"); len(lines) > 1 {
		said = mustInt(t, lines[len(lines)-2])
	}
	return said
}

// holding puts a tree, and waits.
func holding(ctx context.Context, dir string) error {
	s, err := cache.Disk(dir)
	if err != nil {
		return err
	}
	if _, err := s.Put(ctx, version(1)); err != nil {
		return err
	}
	fmt.Println("ready")
	select {} // until it is killed
}

// TestTreesOfAnotherProcessAreHeld collects while another process has put a tree, and is about to activate it.
func TestTreesOfAnotherProcessAreHeld(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir)
	store(t, s, version(0))
	cmd, out := startChild(t, "hold", dir)
	stop := func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	defer stop()
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	d := mustDigest(t, version(1))
	if c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); err != nil || len(c.Trees) > 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	wantTree(t, s, d, version(1))
	stop()
	if c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); err != nil || len(c.Trees) != 1 || c.Trees[0].Digest != d {
		t.Errorf("got %+v, %v after the process is gone", c, err)
	}
}
