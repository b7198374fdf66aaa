// Command usersync is a host whose data sources are plugins: it knows tenants, and fetches their departments and users from
// wherever a plugin gets them. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/usersync/symbols"
)

func main() {
	engine.ServeWorker(symbols.Symbols)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "usersync:", err)
		os.Exit(1)
	}
}

const usage = `usersync [-c FILE] [-o table|json] VERB

  types              the types of data sources that there are, and their fields
  tenants            the tenants, with their configurations but for what is sensitive
  test [TENANT]…     whether the data sources can be reached
  fetch TENANT       departments and users
  watch              tell of types that come and go, until interrupted

`

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("usersync", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	file := flags.String("c", "usersync.yaml", "configuration `FILE`")
	format := flags.String("o", "table", "`FORMAT` of what is printed: table or json")
	isolation := flags.String("isolation", "", "`WHERE` plugins run: process or none (default: what scriptd's configuration says)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *format != "table" && *format != "json" {
		return fmt.Errorf("-o %s: want table or json", *format)
	}
	verb, ok := verbs[flags.Arg(0)]
	if !ok {
		flags.Usage()
		return fmt.Errorf("no such verb: %q", flags.Arg(0))
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h, err := open(ctx, *file, engine.Isolation(*isolation), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	return verb(ctx, h, flags.Args()[1:], &printer{stdout: stdout, stderr: stderr, json: *format == "json"})
}
