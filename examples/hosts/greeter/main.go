// Command greeter is a host with an interface of its own, which plugins implement: it goes through what happens to such a host
// in its life, and prints what comes of it. Every change either works or is refused when a plugin is loaded, with a sentence.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/greeter/symbols"
)

func main() {
	engine.ServeWorker(symbols.Symbols)
	isolation := flag.String("isolation", string(engine.IsolationProcess), "where plugins run: process or none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, engine.Isolation(*isolation)); err != nil {
		log.Fatal(err)
	}
}

// run makes all experiments.
func run(ctx context.Context, out io.Writer, isolation engine.Isolation) error {
	for i, e := range experiments {
		fmt.Fprintf(out, "%d. %s\n", i+1, e.title)
		lab, err := newLab(out, isolation)
		if err != nil {
			return err
		}
		if err := lab.do(ctx, e.run); err != nil {
			return fmt.Errorf("%s: %w", e.title, err)
		}
	}
	return nil
}
