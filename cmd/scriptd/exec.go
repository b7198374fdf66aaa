package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"
)

func (a *app) execCmd() *cobra.Command {
	var grant permissionFlags
	cmd := &cobra.Command{
		Use:   "exec FILE|DIR [ARG]...",
		Short: "Run a Go program from its source, with no toolchain",
		Long: `exec runs a package main: one file, or the package in a folder with the packages of the same module that it
imports. It runs in a process of its own, with the standard streams of this one. Flags of exec stand before FILE; what
comes after it are the program's arguments.

A file whose first line is

  #!/usr/bin/env -S scriptd exec

and that may be executed is a command of its own, whatever its name.

A program may use what its process has: arguments, standard streams, flags, signals. Files, the network, the environment
and other programs need a permission.

Exit status: that of the program, 2 where it panics, 128+N where signal N ends it. Further
  1    the source is not valid Go
  65   the interpreter does not support it, or it lacks a permission
  70   a fault of scriptd itself`,
		Example: `  scriptd exec hello.go
  scriptd exec --allow-read=/etc/hosts ./cmd/lookup example.com
  scriptd exec -A . -v | sort`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false)
	grant.add(flags)
	// For those who work on the lowering.
	lowered := flags.Bool("lowered", false, "print what the interpreter is given, instead of running it")
	_ = flags.MarkHidden("lowered")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if _, err := os.Stat(args[0]); err != nil {
			return usageError(err)
		}
		verb := programVerb
		if *lowered {
			verb = loweredVerb
		}
		status, err := a.execInChild(verb, grant, args)
		if err != nil {
			return fmt.Errorf("exec %s: %w", args[0], err)
		}
		return programStatus(status)
	}
	return cmd
}

// The hidden verbs of the process that a program runs in, and of one that prints its lowered form instead:
// VERB PERMISSIONS FILE|DIR [ARG]...
const (
	programVerb = "exec@program"
	loweredVerb = "exec@lowered"
)

// execInChild runs a program in a process that does not outlive this one, and returns the exit status of a shell.
func (a *app) execInChild(verb string, grant permissionFlags, args []string) (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	permissions, err := json.Marshal(grant.permissions())
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self, append([]string{verb, string(permissions)}, args...)...) //nolint:noctx // the program decides what a signal means
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	cmd.SysProcAttr = dieWithParent()

	// The system ties the child to the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 8)
	for _, sig := range forwarded {
		if !signal.Ignored(sig) {
			signal.Notify(signals, sig)
		}
	}
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	forwarding := make(chan struct{})
	go func() {
		defer close(forwarding)
		forward(signals, cmd.Process, ended)
	}()
	err = cmd.Wait()
	close(ended)
	<-forwarding
	exit, ok := errors.AsType[*exec.ExitError](err)
	if err != nil && !ok {
		return 0, err
	}
	if ok {
		if ws, isUnix := exit.Sys().(syscall.WaitStatus); isUnix && ws.Signaled() {
			return 128 + int(ws.Signal()), nil
		}
	}
	return cmd.ProcessState.ExitCode(), nil
}

// forward passes signals on until ended. Those of the keyboard reach all processes in the terminal's foreground by
// themselves.
func forward(signals <-chan os.Signal, to *os.Process, ended <-chan struct{}) {
	for {
		select {
		case sig := <-signals:
			if fromKeyboard(sig) && inForeground() {
				continue
			}
			_ = to.Signal(sig) // it may have ended
		case <-ended:
			return
		}
	}
}
