//go:build linux

package confine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// start starts a child that does a job, and leaves it running. It is ended with the test, its group included.
func start(t *testing.T, uid int, j job) *exec.Cmd {
	t.Helper()
	cmd := command(t, uid, j)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd.ExtraFiles = []*os.File{null}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		killGroup(t, cmd.Process.Pid)
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Log(stderr.String())
		}
	})
	return cmd
}

func killGroup(t *testing.T, pid int) {
	t.Helper()
	if err := unix.Kill(-pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
}

func TestWatch(t *testing.T) {
	needLandlock(t, 4)
	runs := permissions{Run: []string{"sh"}}
	tests := []struct {
		name   string
		policy confine.Policy
		want   string
	}{
		{"memory", confine.Policy{Limits: confine.Limits{Memory: spareForRace + 100<<20}}, "it used "},
		{"slow memory", confine.Policy{Limits: confine.Limits{Memory: spareForRace + 100<<20}}, "it used "},
		{"spin", confine.Policy{Limits: confine.Limits{CPU: 0.05, CPUWindow: time.Second}}, "it kept "},
		{"many threads", confine.Policy{Limits: confine.Limits{Processes: 60}}, "it had "},
		{"bomb", confine.Policy{Permissions: runs, Limits: confine.Limits{Processes: 60}}, "it had "},
		{"grandchild", confine.Policy{Permissions: runs, Limits: confine.Limits{Memory: spareForRace + 150<<20}}, "it used "},
		{"headless", confine.Policy{}, "it ended its first thread"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, os.Getuid())
			j := job{Case: tt.name, World: w, Policy: tt.policy}
			// What watches is what is tested: the limits that the process has itself are further off.
			j.Policy.Limits = confine.Limits{Memory: 8 << 30, Processes: 4096}
			cmd := start(t, os.Getuid(), j)
			var reasons []string
			err := confine.Watch(t.Context(), cmd.Process.Pid, tt.policy, func(reason string) {
				killGroup(t, cmd.Process.Pid)
				reasons = append(reasons, reason)
			})
			if err != nil || len(reasons) != 1 || !strings.HasPrefix(reasons[0], tt.want) {
				t.Fatalf("got %q and %v, want one that begins with %q", reasons, err, tt.want)
			}
			t.Log(reasons[0])
		})
	}
}

// TestWatchIsInTime measures how far a process that fills memory as fast as it can gets beyond its limit.
func TestWatchIsInTime(t *testing.T) {
	needLandlock(t, 4)
	const most = spareForRace + 256<<20
	p := confine.Policy{Limits: confine.Limits{Memory: most}}
	j := job{Case: "memory", World: newWorld(t, os.Getuid()), Policy: confine.Policy{Limits: confine.Limits{Memory: 8 << 30}}}
	cmd := start(t, os.Getuid(), j)
	peak := ""
	err := confine.Watch(t.Context(), cmd.Process.Pid, p, func(reason string) {
		if err := unix.Kill(cmd.Process.Pid, unix.SIGSTOP); err != nil {
			t.Error(err)
		}
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "status"))
		if err != nil {
			t.Error(err)
		}
		_, peak, _ = strings.Cut(string(text), "VmHWM:")
		peak = strings.Fields(peak)[0]
	})
	kb, atoiErr := strconv.Atoi(peak)
	if err = errors.Join(err, atoiErr); err != nil {
		t.Fatal(err)
	}
	beyond := kb<<10 - most
	t.Logf("it got %d MiB beyond", beyond>>20)
	if beyond > 200<<20 {
		t.Errorf("it got %d MiB beyond its limit", beyond>>20)
	}
}

func TestWatchEnds(t *testing.T) {
	needLandlock(t, 4)
	never := func(reason string) { t.Error(reason) }
	t.Run("with the context", func(t *testing.T) {
		cmd := start(t, os.Getuid(), job{Case: "sleep", World: newWorld(t, os.Getuid())})
		ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		if err := confine.Watch(ctx, cmd.Process.Pid, confine.Policy{}, never); err != nil || ctx.Err() == nil {
			t.Errorf("got %v and %v, want nothing and the end", err, ctx.Err())
		}
	})
	t.Run("with the process", func(t *testing.T) {
		cmd := start(t, os.Getuid(), job{Case: "sleep", World: newWorld(t, os.Getuid())})
		time.AfterFunc(300*time.Millisecond, func() { killGroup(t, cmd.Process.Pid) })
		if err := confine.Watch(t.Context(), cmd.Process.Pid, confine.Policy{}, never); err != nil || t.Context().Err() != nil {
			t.Errorf("got %v and %v, want nothing", err, t.Context().Err())
		}
	})
	t.Run("without a process", func(t *testing.T) {
		if err := confine.Watch(t.Context(), 1<<30, confine.Policy{}, never); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want %v", err, os.ErrNotExist)
		}
	})
}
