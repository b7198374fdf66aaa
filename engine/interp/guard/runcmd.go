package guard

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
)

// cmdFuncs are the functions of package os/exec.
func cmdFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os/exec.LookPath": g.lookPath,
		"os/exec.Command": func(name string, args ...string) *exec.Cmd {
			return g.command(context.Background(), name, args, func(_ context.Context, name string, args ...string) *exec.Cmd {
				return exec.Command(name, args...) //nolint:noctx // it is what the plugin calls
			})
		},
		"os/exec.CommandContext":        g.commandContext,
		"(*os/exec.Cmd).Start":          g.startCmd,
		"(*os/exec.Cmd).Wait":           g.waitCmd,
		"(*os/exec.Cmd).Run":            g.runCmd,
		"(*os/exec.Cmd).Output":         g.outputCmd,
		"(*os/exec.Cmd).CombinedOutput": g.combinedOutputCmd,
		"(*os/exec.Cmd).Environ": func(c *exec.Cmd) []string {
			like := *c
			if like.Env == nil {
				like.Env = g.programEnv(c.Dir)
			}
			return like.Environ()
		},
	}
}

// command makes a command. A program that is not granted is not looked for.
func (g *Guard) command(ctx context.Context, name string, args []string, compiled func(context.Context, string, ...string) *exec.Cmd) *exec.Cmd {
	if filepath.Base(name) != name {
		return compiled(ctx, name, args...)
	}
	_, err := g.lookPath(name)
	if !errors.As(err, new(*Denied)) {
		return compiled(ctx, name, args...)
	}
	c := compiled(ctx, string(filepath.Separator))
	c.Path, c.Args, c.Err = name, append([]string{name}, args...), err
	return c
}

func (g *Guard) commandContext(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := g.command(ctx, name, args, exec.CommandContext)
	c.Cancel = func() error { // that of the package kills what the field Process says at the time
		inner, ok := g.commands.of(c)
		if !ok {
			return os.ErrProcessDone
		}
		return inner.Process.Kill()
	}
	return c
}

// startCmd starts a copy of a command that nobody can change while it is looked at.
func (g *Guard) startCmd(c *exec.Cmd) error {
	if reflect.ValueOf(c).Elem().FieldByName("startCalled").Int() != 0 {
		return errors.New("exec: already started")
	}
	inner := *c
	set(c, int32(1), "startCalled")
	if inner.Err == nil && inner.Path != "" {
		if err := g.prepare(&inner); err != nil {
			inner.Err = err
		}
	}
	ready := make(chan struct{})
	if cancel := inner.Cancel; cancel != nil {
		inner.Cancel = func() error {
			<-ready // the function may ask for the process
			return cancel()
		}
	}
	defer close(ready)
	g.commands.put(c, &inner)
	if err := inner.Start(); err != nil {
		g.commands.remove(c)
		return err
	}
	g.started(inner.Process)
	c.Process = inner.Process
	return nil
}

// prepare makes of a command what the package may start.
func (g *Guard) prepare(c *exec.Cmd) error {
	path, err := g.mayRun(c.Path, c.Dir)
	if err == nil {
		err = g.mayControl(c.SysProcAttr != nil)
	}
	var env []string
	if err == nil {
		env, err = g.checkedEnv(c.Env, c.Dir)
	}
	if err != nil {
		return plain("fork/exec", c.Path, err)
	}
	if len(c.Args) == 0 {
		c.Args = []string{c.Path}
	}
	c.Path, c.Env = path, env
	c.Args, c.ExtraFiles = slices.Clone(c.Args), slices.Clone(c.ExtraFiles)
	return nil
}

func (g *Guard) waitCmd(c *exec.Cmd) error {
	inner, ok := g.commands.of(c)
	if !ok || inner.Process == nil {
		if c.Process != nil {
			if err := g.mayTouch(c.Process); err != nil {
				return err
			}
		}
		return c.Wait() // says that it was not started
	}
	err := inner.Wait()
	if inner.ProcessState != nil {
		g.waited(inner.Process)
		g.commands.remove(c)
		c.ProcessState = inner.ProcessState
	}
	return err
}

func (g *Guard) runCmd(c *exec.Cmd) error {
	if err := g.startCmd(c); err != nil {
		return err
	}
	return g.waitCmd(c)
}

func (g *Guard) outputCmd(c *exec.Cmd) ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("exec: Stdout already set")
	}
	var stdout bytes.Buffer
	c.Stdout = &stdout
	var stderr *ends
	if c.Stderr == nil {
		stderr = &ends{}
		c.Stderr = stderr
	}
	err := g.runCmd(c)
	if exit, ok := err.(*exec.ExitError); ok && stderr != nil { //nolint:errorlint // it is made there
		exit.Stderr = stderr.bytes()
	}
	return stdout.Bytes(), err
}

func (g *Guard) combinedOutputCmd(c *exec.Cmd) ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("exec: Stdout already set")
	}
	if c.Stderr != nil {
		return nil, errors.New("exec: Stderr already set")
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := g.runCmd(c)
	return out.Bytes(), err
}
