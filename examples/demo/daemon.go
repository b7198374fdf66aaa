package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// daemon is scriptd serve as a process.
type daemon struct {
	cmd *exec.Cmd
	url string
	// log is what it wrote, whole when drained is closed.
	log     strings.Builder
	drained chan struct{}
}

// startDaemon starts scriptd serve on a free port, and returns when it listens.
func startDaemon(ctx context.Context, binary, dir string, env []string) (*daemon, error) {
	d := &daemon{drained: make(chan struct{})}
	d.cmd = exec.CommandContext(ctx, binary, "-c", filepath.Join(dir, "scriptd.yaml"), "serve", "--listen", "127.0.0.1:0")
	d.cmd.Env = env
	stderr, err := d.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	url := make(chan string, 1)
	go func() {
		defer close(d.drained)
		defer close(url)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(&d.log, lines.Text())
			if at, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				url <- at
			}
		}
	}()
	if d.url = <-url; d.url == "" {
		return nil, errors.Join(errors.New("scriptd serve does not listen"), d.wait())
	}
	return d, nil
}

// stop asks the daemon to end, and wants it to end well.
func (d *daemon) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return d.wait()
}

// kill ends the daemon where a step has failed.
func (d *daemon) kill() {
	_ = d.cmd.Process.Kill()
	_ = d.wait()
}

func (d *daemon) wait() error {
	<-d.drained
	if err := d.cmd.Wait(); err != nil {
		return fmt.Errorf("scriptd serve: %w\n%s", err, d.log.String())
	}
	return nil
}
