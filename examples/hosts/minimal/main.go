// Command minimal is as little as a host binary needs: it keeps plugins in step with their sources, and answers each
// line "NAME {parameters}" of its standard input with a line of JSON, until the input ends or it is interrupted.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"strings"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/plugin"
)

func main() {
	engine.ServeWorker()
	file := flag.String("c", "scriptd.yaml", "configuration file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cfg, err := config.Load(*file)
	if err != nil {
		log.Fatal(err)
	}
	opts := cfg.Options()
	opts.Logger = slog.Default()
	eng, err := engine.New(ctx, opts)
	if err != nil {
		log.Fatal(err)
	}
	go answer(ctx, stop, eng) // reads, which nothing interrupts: after a signal it ends with the process
	if err := errors.Join(eng.Run(ctx), eng.Close()); err != nil {
		log.Fatal(err)
	}
}

func answer(ctx context.Context, stop func(), eng *engine.Engine) {
	defer stop()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		params, err := engine.DecodeParams(strings.NewReader(text))
		var res plugin.Result
		if err == nil {
			res, err = eng.Call(ctx, name, params)
		}
		if err != nil { // the host's: what the plugin answered, failure included, is in res
			res.Error = err.Error()
		}
		_ = json.NewEncoder(os.Stdout).Encode(res) // where nobody reads on, the write ends the process
	}
}
