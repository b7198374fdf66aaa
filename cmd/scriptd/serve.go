package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/server"
)

func (a *app) serveCmd() *cobra.Command {
	var listen string
	var hosts []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Keep plugins in step with their sources, and answer HTTP",
		Long: `serve watches folders, polls git repositories and buckets, brings changes live without a restart, and answers HTTP:

  GET  /v1/plugins                  list
  GET  /v1/plugins/NAME             describe
  POST /v1/plugins/NAME/run         run; the body is the parameters
  GET  /v1/packages                 packages
  GET  /v1/history/PACKAGE          history
  POST /v1/rollback/PACKAGE         rollback; the body may name a digest
  POST /v1/pin/PACKAGE              pin; as well as unpin and reload
  GET  /v1/sources                  sources
  POST /v1/sources/NAME/sync        sync
  POST /v1/hooks/NAME               a git server says that a source has changed
  GET  /v1/events                   what happens, as it happens
  GET  /healthz /readyz /metrics

Whoever reaches the address can call plugins: keep it on the loopback interface, or behind a proxy that asks who it is.
What rollback, pin, unpin and reload are told on the command line, with the same cache, it follows within about a second.
With "role: sync" in the configuration it fetches for others that share the cache, and runs nothing; with "role: serve" it runs what
others have fetched, and asks no origin.
It stops on SIGINT and SIGTERM, after the requests that are under way. A second signal does not wait.`,
		Example: `  scriptd serve
  scriptd serve --listen 127.0.0.1:0      # a free port; the line "listening on" says which
  curl http://127.0.0.1:7070/v1/plugins/hello/run -d '{"name": "world"}'`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&listen, "listen", "", "`ADDRESS` to listen on (default: listen in the configuration, then 127.0.0.1:7070)")
	cmd.Flags().StringSliceVar(&hosts, "allow-host", nil, "`NAME` under which a reverse proxy reaches a loopback address; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), listen, hosts) }
	return cmd
}

func (a *app) serve(ctx context.Context, listen string, hosts []string) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	opts := cfg.Options()
	if opts.Logger, err = a.logger(slog.LevelInfo); err != nil {
		return err
	}
	// An address that is taken is found before anything is fetched.
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cmp.Or(listen, cfg.Listen()))
	if err != nil {
		return &exitError{exitConfig, err}
	}
	defer listener.Close()
	eng, err := start(ctx, opts)
	if err != nil {
		return err
	}
	defer eng.Close()
	if at, ok := listener.Addr().(*net.TCPAddr); ok && !at.IP.IsLoopback() {
		opts.Logger.Warn("whoever reaches this address can call plugins: there is no authentication", "address", at)
	}
	fmt.Fprintf(a.stderr, "listening on http://%s\n", listener.Addr())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return eng.Run(ctx) })
	group.Go(func() error {
		return server.New(eng, &server.Options{Hosts: hosts, Webhooks: cfg.Webhooks(), Logger: opts.Logger}).Serve(ctx, listener)
	})
	return group.Wait()
}
