// Command demo shows scriptd at work, with real servers: plugins from a folder, from a git repository over smart HTTP
// and from an S3 bucket are listed, described, called by the command line and over HTTP, and changed while they serve.
// It ends with an error where a step does not show what it should.
//
// Run it with make demo. It needs Go and git.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "scriptd-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d := &demo{out: out, dir: dir}
	defer d.close()
	for i, step := range []struct {
		title string
		do    func(*demo, context.Context) error
	}{
		{"Build scriptd", (*demo).build},
		{"A first call: a plugin from a folder", (*demo).firstCall},
		{"A folder, a git repository over smart HTTP, an S3 bucket", (*demo).startOrigins},
		{"One configuration for all three", (*demo).configure},
		{"Serve", (*demo).serve},
		{"What there is", (*demo).list},
		{"Call plugins of all three, by the command line and over HTTP", (*demo).callAll},
		{"Edit a plugin in the folder: no build, no restart", (*demo).editFolder},
		{"Push a change to git", (*demo).pushGit},
		{"Put a change into the bucket", (*demo).putObject},
		{"A broken edit changes nothing, and says where it is broken", (*demo).breakFolder},
		{"Shut down", (*demo).shutDown},
	} {
		fmt.Fprintf(out, "\n── %d. %s\n\n", i+1, step.title)
		if err := step.do(d, ctx); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	fmt.Fprintln(out, "\nAll of it as it should be.")
	return nil
}
