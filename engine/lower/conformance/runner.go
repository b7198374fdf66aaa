package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// executor runs programs in one way. It is given the file or folder to run, and arguments, and returns a command.
type executor struct {
	name    string
	command func(ctx context.Context, target string, p *program) *exec.Cmd
	// env is added to the environment of programs.
	env []string
	// refusal finds in what a program wrote to standard error, with its exit status, why it was not run; empty: it was.
	refusal func(status int, stderr string) string
	// fault finds in standard error that the executor itself failed.
	fault func(status int, stderr string) string
}

// result is what became of a program.
type result struct {
	program *program
	verdict verdict
	// reason explains a verdict that is not equal, in one line.
	reason string
	got    outcome
	stderr []byte
	took   time.Duration
}

// maxOutput bounds what is kept of a program's output.
const maxOutput = 4 << 20

// limited keeps the beginning of what is written to it. It is safe for concurrent use.
type limited struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *limited) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if room := maxOutput - l.buf.Len(); room > 0 {
		l.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// run runs one program and judges it.
func (e *executor) run(ctx context.Context, p *program, timeout time.Duration) (r result) {
	r.program = p
	start := time.Now()
	defer func() { r.took = time.Since(start) }()
	scratch, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return result{program: p, verdict: crashed, reason: err.Error()}
	}
	defer os.RemoveAll(scratch)
	src := filepath.Join(scratch, "src")
	target, err := p.target(src)
	if err != nil {
		return result{program: p, verdict: crashed, reason: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := e.command(ctx, target, p)
	cmd.Env = append(os.Environ(), e.env...)
	cmd.Dir = cmp.Or(p.cwd, p.dir, src)
	var stdout, stderr limited
	cmd.Stdin = bytes.NewReader(p.stdin)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if p.want.combined {
		cmd.Stderr = cmd.Stdout
	}
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	r.got = outcome{stdout: stdout.buf.Bytes(), combined: p.want.combined}
	r.stderr = stderr.buf.Bytes()
	if p.want.combined {
		r.stderr = r.got.stdout
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		r.got.status = exit.ExitCode()
	} else if err != nil && !errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil {
		return result{program: p, verdict: crashed, reason: err.Error()}
	}
	if r.got.status == panicStatus {
		r.got.panics = panicLine(r.stderr)
	}
	r.verdict, r.reason = e.judge(ctx, r)
	return r
}

// panicLine returns the line that the message of a panic or of a fatal error begins with.
func panicLine(stderr []byte) string {
	for line := range strings.Lines(string(stderr)) {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}

// runAll runs programs, several at a time, and hands each result to done, one after the other, in the order of the
// programs.
func (e *executor) runAll(ctx context.Context, programs []*program, parallel int, timeout time.Duration, done func(result)) []result {
	results := make([]result, len(programs))
	ready := make([]chan struct{}, len(programs))
	next := make(chan int)
	for i := range ready {
		ready[i] = make(chan struct{})
	}
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for i := range next {
				results[i] = e.run(ctx, programs[i], timeout)
				close(ready[i])
			}
		})
	}
	workers.Go(func() {
		defer close(next)
		for i := range programs {
			next <- i
		}
	})
	for i := range programs {
		<-ready[i]
		if done != nil {
			done(results[i])
		}
	}
	workers.Wait()
	return results
}

// buildScriptd builds scriptd as it is released, and returns the file.
func buildScriptd(ctx context.Context, dir string) (string, error) {
	bin := filepath.Join(dir, "scriptd")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", bin, "github.com/scriptd/scriptd/cmd/scriptd")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build scriptd: %w\n%s", err, out)
	}
	return bin, nil
}
