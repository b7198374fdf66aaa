//go:build linux

package confine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// jobVariable holds what a child of the test binary does, as JSON.
const jobVariable = "CONFINE_TEST_JOB"

// job is what a child does: confine itself, and try something.
type job struct {
	Case   string
	Policy confine.Policy
	World  world
	// Bare children are not confined.
	Bare bool
	// Scope is for children that begin with it.
	Scope bool
	// Hide are system calls that their kernel does not seem to have.
	Hide []uint32
}

// answer is what came of it.
type answer struct {
	Report confine.Report
	Errno  syscall.Errno
	Error  string // empty is success
	Output string // what the case returned
	// Ended is how the child did, where it did not answer.
	Ended  *exec.ExitError `json:"-"`
	Stderr string          `json:"-"`
}

func (a answer) String() string {
	switch {
	case a.Ended != nil:
		return fmt.Sprintf("%v: %s", a.Ended, a.Stderr)
	case a.Error != "":
		return a.Error
	default:
		return "it worked"
	}
}

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(jobVariable); ok {
		os.Exit(child(text))
	}
	os.Exit(m.Run())
}

// child does a job, and answers on descriptor 3.
func child(text string) int {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if j.Scope {
		if err := confine.Scope(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if len(j.Hide) > 0 {
		if err := confine.Hide(j.Hide...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	try := allCases()[j.Case]
	if try == nil {
		fmt.Fprintf(os.Stderr, "there is no case %q\n", j.Case)
		return 1
	}
	var a answer
	if !j.Bare {
		plugins.OpenFolders(j.Policy.Permissions)
		report, err := confine.Apply(j.Policy)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		a.Report = report
	}
	output, err := try(j.World)
	a.Output = output
	if err != nil {
		a.Error = err.Error()
		errors.As(err, &a.Errno)
	}
	if err := json.NewEncoder(os.NewFile(3, "answer")).Encode(a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// command is a child that does a job, as a user of the system.
func command(t *testing.T, uid int, j job) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), jobVariable+"="+string(text), "GOTRACEBACK=single", secretVariable+"="+secret)
	cmd.Dir = j.World.Dir
	cmd.SysProcAttr = asUser(uid)
	cmd.SysProcAttr.Setpgid = j.World.Group
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func asUser(uid int) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if uid != os.Getuid() {
		a.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	}
	return a
}

// do has a child do a job, and returns its answer.
func do(t *testing.T, uid int, j job) answer {
	t.Helper()
	cmd := command(t, uid, j)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.ExtraFiles = []*os.File{w}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, readErr := io.ReadAll(r)
	err = cmd.Wait()
	var a answer
	a.Stderr = stderr.String()
	if errors.As(err, &a.Ended) {
		return a
	}
	if err = errors.Join(err, readErr); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%v in %q: %s", err, text, a.Stderr)
	}
	return a
}
