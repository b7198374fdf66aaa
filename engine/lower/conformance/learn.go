package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// learn compiles and runs a program, and expects from then on what it did.
func (p *program) learn(ctx context.Context, scratch string) error {
	dir, err := os.MkdirTemp(scratch, "learn-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	src := filepath.Join(dir, "src")
	target, err := p.target(src)
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "program")
	args, err := packageArgs(target)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", append([]string{"build", "-o", bin}, args...)...)
	build.Dir = target
	if p.main != "" {
		build.Dir = p.dir
	}
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: build: %w\n%s", p, err, out)
	}
	cmd := exec.CommandContext(ctx, bin, p.args...)
	cmd.Dir = build.Dir
	cmd.Stdin = bytes.NewReader(p.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if err != nil && !ok {
		return fmt.Errorf("%s: run: %w", p, err)
	}
	p.want = outcome{stdout: stdout.Bytes()}
	if ok {
		p.want.status = exit.ExitCode()
	}
	if p.want.status == panicStatus {
		p.want.panics = panicLine(stderr.Bytes())
	}
	return nil
}

// packageArgs names a program to the go command, which runs in its folder: a module as a package, else as files.
func packageArgs(target string) ([]string, error) {
	info, err := os.Stat(target)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{filepath.Base(target)}, nil
	}
	if _, err := os.Stat(filepath.Join(target, "go.mod")); err == nil {
		return []string{"."}, nil
	}
	files, err := filepath.Glob(filepath.Join(target, "*.go"))
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files, err
}
