//go:build linux

package confine_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// holes are what confinement does not prevent. Each is in docs/isolation.md.
var holes = map[string]func(world) (string, error){
	"stat": func(w world) (string, error) {
		info, err := os.Stat(w.secret())
		if err != nil {
			return "", err
		}
		return fmt.Sprint(info.Size()), unix.Access(w.secret(), unix.R_OK)
	},
	"own memory":           func(world) (string, error) { return os.Getenv(secretVariable), nil },
	"own memory, by file":  func(world) (string, error) { _, err := os.ReadFile("/proc/self/environ"); return "", err },
	"another host":         func(world) (string, error) { return "", dialTo("tcp", fmt.Sprintf("127.0.0.2:%d", unusedPort)) },
	"UDP to another port":  func(w world) (string, error) { return "", sendTo(w.UDP) },
	"signals to the group": func(world) (string, error) { return "", unix.Kill(-1, unix.SIGTERM) },
	"files by the linker": func(w world) (string, error) {
		for _, linker := range linkers {
			if _, err := os.Stat(linker); err == nil {
				return run(linker, "/bin/echo", "hello")
			}
		}
		return "", errors.New("there is no dynamic linker")
	},
	"a file that was replaced": func(w world) (string, error) {
		first, err := os.Stat(w.granted("file"))
		if err != nil {
			return "", err
		}
		for range 1000 {
			now, err := os.Stat(w.granted("file"))
			if err == nil && !os.SameFile(first, now) {
				_, err := os.ReadFile(w.granted("file"))
				return "", err
			}
			time.Sleep(10 * time.Millisecond)
		}
		return "", errors.New("nobody replaced it")
	},
}

var linkers = []string{"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"}

// unusedPort is one that nobody listens on at the address that is tried.
const unusedPort = 9

func sendTo(port int) error {
	c, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // it does not wait
	if err != nil {
		return err
	}
	_, err = c.Write([]byte("hello"))
	return errors.Join(err, c.Close())
}

func TestHoles(t *testing.T) {
	needLandlock(t, 4)
	tests := []struct {
		name  string
		grant grant
		want  string
		errno unix.Errno
	}{
		{"stat", nothing, fmt.Sprint(len(secret)), 0},
		{"own memory", nothing, secret, 0},
		{"own memory, by file", nothing, "", unix.EACCES},
		{"another host", func(world) permissions { return permissions{Net: []string{fmt.Sprintf("192.0.2.1:%d", unusedPort)}} }, "", unix.ECONNREFUSED},
		{"UDP to another port", netElsewhere, "", 0},
		{"files by the linker", func(world) permissions { return permissions{Run: []string{"true"}, Read: []string{"/bin", "/usr/bin"}} }, "hello", 0},
	}
	for user, uid := range users() {
		for _, tt := range tests {
			t.Run(user+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, uid)
				a := do(t, uid, job{Case: tt.name, World: w, Policy: confine.Policy{Permissions: tt.grant(w)}})
				if a.Ended != nil || a.Output != tt.want || a.Errno != tt.errno {
					t.Errorf("got %q and %v, want %q and %v", a.Output, a, tt.want, tt.errno)
				}
			})
		}
	}
}

// TestReplacedFile shows that what is granted is a file, and not its name; a folder is granted with what is in it when.
func TestReplacedFile(t *testing.T) {
	needLandlock(t, 4)
	for name, tt := range map[string]struct {
		grant grant
		errno unix.Errno
	}{
		"file":   {func(w world) permissions { return permissions{Read: []string{w.granted("file")}} }, unix.EACCES},
		"folder": {readGranted, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, os.Getuid())
			stop := make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					select {
					case <-stop:
						return
					case <-time.After(20 * time.Millisecond):
						next := w.granted("next")
						if err := errors.Join(os.WriteFile(next, []byte("new"), 0o600), os.Rename(next, w.granted("file"))); err != nil {
							t.Error(err)
							return
						}
					}
				}
			}()
			a := do(t, os.Getuid(), job{Case: "a file that was replaced", World: w, Policy: confine.Policy{Permissions: tt.grant(w)}})
			close(stop)
			<-done
			if a.Ended != nil || a.Errno != tt.errno {
				t.Errorf("got %v, want %v", a, tt.errno)
			}
		})
	}
}

// TestSignalsOfPrograms shows whom a package that may start programs can signal: without Scope, all processes of its user.
func TestSignalsOfPrograms(t *testing.T) {
	needLandlock(t, 6)
	if os.Getuid() != 0 {
		t.Skip("it signals to all processes of a user, and needs one without others: run as root")
	}
	const alone = 64999 // a user of no other test
	victim := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "sleep", "60")
		cmd.SysProcAttr = asUser(alone)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	for name, tt := range map[string]struct {
		scope bool
		want  unix.Signal
		said  string
	}{
		"scoped":     {true, unix.SIGKILL, "enforced: signals: to itself and what it has started (Landlock)"},
		"not scoped": {false, unix.SIGTERM, "not enforced: signals: to all processes of this user: Scope was not called"},
	} {
		t.Run(name, func(t *testing.T) {
			if !tt.scope && scopedByThreads() {
				t.Skip("this kernel has a domain for all threads")
			}
			other := victim()
			p := confine.Policy{Permissions: permissions{Run: []string{"true"}}}
			a := do(t, alone, job{Case: "signals to the group", World: newWorld(t, alone), Policy: p, Scope: tt.scope})
			_ = other.Process.Signal(unix.SIGKILL) // it may have ended
			_ = other.Wait()
			got := other.ProcessState.Sys().(syscall.WaitStatus).Signal()
			if a.Ended != nil || got != tt.want || !strings.Contains(a.Report.String(), tt.said) {
				t.Errorf("another process ended by %v, want %v; %v %v", got, tt.want, a, a.Report)
			}
		})
	}
}
