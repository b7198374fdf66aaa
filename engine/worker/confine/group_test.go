//go:build linux

package confine_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

func newGroup(t *testing.T, l confine.Limits) *confine.Group {
	t.Helper()
	g, err := confine.NewGroup(l)
	if errors.Is(err, confine.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return g
}

// limited skips a test where groups have no such limit.
func limited(t *testing.T, g *confine.Group, what string) {
	t.Helper()
	if !strings.Contains(strings.Join(g.Enforced(), "\n"), what) {
		t.Skipf("there is no such controller here: groups have %q", g.Enforced())
	}
}

// TestGroupEnds shows that nothing gets away from a group: not what left its process group.
func TestGroupEnds(t *testing.T) {
	g := newGroup(t, confine.Limits{})
	w := newWorld(t, os.Getuid())
	cmd := start(t, os.Getuid(), job{Case: "sleep", World: w, Bare: true})
	if err := g.Add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if got := g.Exceeded(); got != "" {
		t.Errorf("got %q", got)
	}
	if err := g.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if got := cmd.ProcessState.String(); got != "signal: killed" {
		t.Errorf("got %s, want it killed", got)
	}
}

// TestGroupCloses shows that processes end with their group.
func TestGroupCloses(t *testing.T) {
	g := newGroup(t, confine.Limits{})
	cmd := start(t, os.Getuid(), job{Case: "sleep", World: newWorld(t, os.Getuid()), Bare: true})
	if err := g.Add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if got := cmd.ProcessState.String(); got != "signal: killed" {
		t.Errorf("got %s, want it killed", got)
	}
	if err := g.Add(os.Getpid()); err == nil {
		t.Error("a process was added to a group that is closed")
	}
}

func TestGroupLimitsMemory(t *testing.T) {
	g := newGroup(t, confine.Limits{Memory: spareForRace + 100<<20})
	limited(t, g, "of memory")
	j := job{Case: "slow memory", World: newWorld(t, os.Getuid()), Policy: confine.Policy{Limits: confine.Limits{Memory: 8 << 30}}}
	cmd := start(t, os.Getuid(), j)
	if err := g.Add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it is killed
	if got := g.Exceeded(); cmd.ProcessState.String() != "signal: killed" || !strings.Contains(got, "more memory") {
		t.Errorf("got %v and %q, want it killed", cmd.ProcessState, got)
	}
}

func TestGroupLimitsProcesses(t *testing.T) {
	g := newGroup(t, confine.Limits{Processes: 60})
	limited(t, g, "threads and processes")
	p := confine.Policy{Permissions: permissions{Run: []string{"true"}}}
	j := job{Case: "bomb", World: newWorld(t, os.Getuid()), Policy: p}
	cmd := start(t, os.Getuid(), j)
	if err := g.Add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("got %v, want it to run into its limit", err)
	}
}

func TestGroupsLeftBehind(t *testing.T) {
	g := newGroup(t, confine.Limits{})
	left := confine.Dir(g) // its name says of whom it is
	dead := strings.Replace(left, "-"+strconv.Itoa(os.Getpid())+"-", "-"+strconv.Itoa(1<<30)+"-", 1)
	if dead == left {
		t.Fatalf("%s does not have the number of its host", left)
	}
	if err := os.Mkdir(dead, 0o700); err != nil {
		t.Fatal(err)
	}
	newGroup(t, confine.Limits{})
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: got %v, want it removed", dead, err)
		_ = unix.Rmdir(dead)
	}
	if _, err := os.Stat(left); err != nil {
		t.Error(err)
	}
}
