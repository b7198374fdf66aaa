//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// waiting prints its process ID and waits; handling does so until a signal comes, which it prints.
const (
	waiting = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println(os.Getpid())
	time.Sleep(time.Hour)
}
`
	handling = `package main

import (
	"fmt"
	"os"
	"os/signal"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals)
	fmt.Println(os.Getpid())
	for s := range signals {
		if s.String() != "urgent I/O condition" { // by which the Go runtime interrupts its own threads
			fmt.Println(s)
			os.Exit(3)
		}
	}
}
`
)

// execution is a run of scriptd exec whose program has begun.
type execution struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	pid    int // of the program
}

func startProgram(t *testing.T, source string) *execution {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	e := &execution{cmd: exec.CommandContext(t.Context(), "scriptd", "exec", file)}
	e.cmd.Stderr = os.Stderr
	stdout, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.cmd.Process.Kill() })
	e.stdout = bufio.NewReader(stdout)
	line, err := e.stdout.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if e.pid, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	return e
}

// end waits for the program and returns what else it printed, and the status.
func (e *execution) end(t *testing.T) (rest string, status int) {
	t.Helper()
	data, err := io.ReadAll(e.stdout) // ends when the program does, which has the other end
	if err != nil {
		t.Fatal(err)
	}
	err = e.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	} else if ok {
		return string(data), exit.ExitCode()
	}
	return string(data), 0
}

func TestExecSignals(t *testing.T) {
	tests := []struct {
		name, source string
		signal       syscall.Signal
		rest         string
		status       int
	}{
		{"interrupt ends the program", waiting, syscall.SIGINT, "", 128 + 2},
		{"terminate ends the program", waiting, syscall.SIGTERM, "", 128 + 15},
		{"hang-up ends the program", waiting, syscall.SIGHUP, "", 128 + 1},
		{"the program handles interrupt", handling, syscall.SIGINT, "interrupt\n", 3},
		{"the program handles terminate", handling, syscall.SIGTERM, "terminated\n", 3},
		{"the program handles a signal of the user", handling, syscall.SIGUSR1, "user defined signal 1\n", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Where the tests were started with the signal ignored, as nohup does, so would the program be.
			caught := make(chan os.Signal, 1)
			signal.Notify(caught, tt.signal)
			defer signal.Stop(caught)
			e := startProgram(t, tt.source)
			if err := e.cmd.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			rest, status := e.end(t)
			if rest != tt.rest || status != tt.status {
				t.Errorf("printed %q, status %d, want %q, %d", rest, status, tt.rest, tt.status)
			}
		})
	}
}

func TestExecOfKilledProgram(t *testing.T) {
	e := startProgram(t, waiting)
	if err := syscall.Kill(e.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _, status := e.end(t); status != 128+9 {
		t.Errorf("status %d, want %d", status, 128+9)
	}
}
