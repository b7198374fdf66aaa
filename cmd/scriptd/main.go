// Command scriptd runs Go plugins from their source: from the shell, and over HTTP as a daemon.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/scriptd/scriptd/engine"
)

func main() {
	engine.ServeWorker()
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case programVerb:
			os.Exit(programMain(os.Args[2:], runProgram))
		case loweredVerb:
			os.Exit(programMain(os.Args[2:], printLowered))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks; the second one finds the default behaviour restored, and kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process around it: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr}
	root := a.root()
	root.SetArgs(args)
	verb, err := root.ExecuteContextC(ctx)
	if status, ok := errors.AsType[programStatus](err); ok {
		return int(status)
	}
	e, ok := errors.AsType[*exitError](err)
	if err != nil && !ok && !a.started {
		err = usagef("%w: see %s --help", err, verb.CommandPath())
	}
	if err != nil && (!ok || e.err != nil) {
		fmt.Fprintln(stderr, "scriptd:", err)
	}
	if err != nil && ctx.Err() != nil {
		return exitInterrupted // whatever it made fail
	}
	return exitStatus(err)
}
