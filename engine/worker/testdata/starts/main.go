// Starts is a host that times, for each line that it reads, how long it is from nothing to the first answer of a package in a process
// of its own, and then of a compiled plugin of go-plugin's gRPC. It prints both in nanoseconds.
//
//	starts GREETER TLS
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/worker"
	"github.com/scriptd/scriptd/engine/worker/testdata/greeting"
)

func main() {
	engine.ServeWorker()
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "starts:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, greeter, withTLS string) error {
	tls, err := strconv.ParseBool(withTLS)
	if err != nil {
		return err
	}
	rt, err := worker.New(worker.Options{Spares: -1})
	if err != nil {
		return err
	}
	defer rt.Close()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		ours, err := startOurs(ctx, rt)
		if err != nil {
			return err
		}
		theirs, err := startTheirs(ctx, greeter, tls)
		if err != nil {
			return err
		}
		fmt.Println(ours.Nanoseconds(), theirs.Nanoseconds())
	}
	return nil
}

func startOurs(ctx context.Context, rt *worker.Runtime) (time.Duration, error) {
	begin := time.Now()
	inst, err := rt.Load(ctx, greeting.Package())
	if err != nil {
		return 0, err
	}
	defer inst.Close(ctx)
	err = greeting.Call(ctx, inst)
	return time.Since(begin), err
}

func startTheirs(ctx context.Context, path string, tls bool) (time.Duration, error) {
	begin := time.Now()
	client, conn, err := greeting.Start(path, tls)
	if err != nil {
		return 0, err
	}
	defer client.Kill()
	err = greeting.Greet(ctx, conn)
	return time.Since(begin), err
}
