package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/plugin"

	"github.com/scriptd/scriptd/engine"
)

// asHost, set in its environment, makes the test binary the host.
const asHost = "SCRIPTD_TEST_AS_MINIMAL"

func TestMain(m *testing.M) {
	engine.ServeWorker() // the children of the host are this binary, too
	if os.Getenv(asHost) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// host is a running host binary.
type host struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// start runs the host binary with a configuration file, for as long as the test at most.
func start(t *testing.T, config string) *host {
	t.Helper()
	h := &host{cmd: exec.CommandContext(t.Context(), os.Args[0], "-c", config)}
	h.cmd.Env = append(os.Environ(), asHost+"=1", "XDG_CACHE_HOME="+t.TempDir())
	h.cmd.Stderr = &h.stderr
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.stdout = bufio.NewReader(stdout)
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.cmd.Wait() }) //nolint:errcheck // ends what a failed test left running
	return h
}

// call writes a line and reads the answer.
func (h *host) call(t *testing.T, line string) plugin.Result {
	t.Helper()
	if _, err := fmt.Fprintln(h.stdin, line); err != nil {
		t.Fatalf("write %q: %v\n%s", line, err, h.end())
	}
	answer, err := h.stdout.ReadBytes('\n')
	if err != nil {
		t.Fatalf("read the answer to %q: %v\n%s", line, err, h.end())
	}
	var res plugin.Result
	if err := json.Unmarshal(answer, &res); err != nil {
		t.Fatalf("answer %q: %v", answer, err)
	}
	return res
}

// end stops the host by the end of its input, and returns what it logged.
func (h *host) end() string {
	h.stdin.Close()
	err := h.cmd.Wait()
	return fmt.Sprintf("exit: %v\n%s", err, h.stderr.String())
}

const source = `package greet

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Name string ` + "`json:\"name\" default:\"world\"`" + `
}

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "greet"}, func(_ context.Context, p Params) (string, error) {
		return "hello, " + p.Name, nil
	})
}
`

// folder makes a source folder with one plugin, and a configuration file for it.
func folder(t *testing.T) (config, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "plugins", "greet", "greet.go")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, file, source)
	config = filepath.Join(dir, "scriptd.yaml")
	write(t, config, "sources:\n  - name: local\n    filesystem: {path: plugins}\n")
	return config, file
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAnswersLines(t *testing.T) {
	config, _ := folder(t)
	h := start(t, config)
	tests := []struct {
		name, line string
		want       plugin.Result // Error: what is in it
	}{
		{"parameters", `greet {"name": "Ada"}`, plugin.Result{Success: true, Data: "hello, Ada"}},
		{"no parameters", `greet`, plugin.Result{Success: true, Data: "hello, world"}},
		{"no such plugin", `nobody {}`, plugin.Result{Error: "no such plugin"}},
		{"invalid parameters", `greet {"name": 7}`, plugin.Result{Error: "/name"}},
		{"not JSON", `greet {name}`, plugin.Result{Error: "not JSON"}},
		{"empty line", ``, plugin.Result{Error: "no such plugin"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h.call(t, tt.line)
			if got.Success != tt.want.Success || got.Data != tt.want.Data || !strings.Contains(got.Error, tt.want.Error) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if log := h.end(); !strings.HasPrefix(log, "exit: <nil>") {
		t.Error(log)
	}
}

func TestKeepsInStep(t *testing.T) {
	config, file := folder(t)
	h := start(t, config)
	if got := h.call(t, "greet"); got.Data != "hello, world" {
		t.Fatalf("got %+v", got)
	}
	write(t, file, strings.Replace(source, `"hello, "`, `"good day, "`, 1))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		got := h.call(t, "greet")
		if got.Data == "good day, world" {
			break
		}
		if !got.Success || time.Now().After(deadline) {
			t.Fatalf("got %+v, want the edited answer\n%s", got, h.end())
		}
	}
}

func TestEndsAtInterrupt(t *testing.T) {
	config, _ := folder(t)
	h := start(t, config)
	h.call(t, "greet") // from now on it handles signals
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("exit: %v\n%s", err, h.stderr.String())
	}
}

func TestRefusesConfiguration(t *testing.T) {
	h := start(t, filepath.Join(t.TempDir(), "missing.yaml"))
	if log := h.end(); !strings.HasPrefix(log, "exit: exit status 1") || !strings.Contains(log, "missing.yaml") {
		t.Error(log)
	}
}

// The configuration beside the program and the examples that it names go together.
func TestOwnConfiguration(t *testing.T) {
	h := start(t, "scriptd.yaml")
	if got := h.call(t, `hello {"name": "Ada"}`); got.Data != "hello, Ada" {
		t.Errorf("got %+v", got)
	}
	if got := h.call(t, `service_status {"service_url": "ftp://127.0.0.1/"}`); got.Success || got.Error == "" {
		t.Errorf("got %+v, want the plugin's refusal", got)
	}
	if log := h.end(); !strings.HasPrefix(log, "exit: <nil>") {
		t.Error(log)
	}
}
