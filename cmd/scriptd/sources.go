package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
)

func (a *app) sourcesCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "Show the state of each source",
		Long: `sources prints, for each source, what serves and what went wrong last. A source is ready where a tree serves, and
stale where that tree is not known to be what the origin has now. With the role sync, a source is ready where its tree is in the
cache for others; with the role serve, the cache is asked in place of the origin.`,
		Example: `  scriptd sources
  scriptd sources -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.AddCommand(a.manifestCmd(), a.sourceHistoryCmd(), a.suspendCmd(true), a.suspendCmd(false))
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.sources(cmd.Context(), *output) }
	return cmd
}

func (a *app) sources(ctx context.Context, output format) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	list := eng.Sources()
	if output == formatJSON {
		return a.printJSON(append([]engine.SourceStatus{}, list...))
	}
	rows := [][]string{{"NAME", "TYPE", "STATE", "REVISION", "LAST SYNC"}}
	for _, s := range list {
		rows = append(rows, []string{s.Name, kindOf(s), state(s), orDash(short(s.Revision)), lastSync(s)})
	}
	if err := a.printTable(rows); err != nil {
		return err
	}
	a.warn(failedSources(list))
	return nil
}

// kindOf is the kind of a source, and what this scriptd does with it where that is not all.
func kindOf(s engine.SourceStatus) string {
	switch s.Role {
	case engine.RoleServe:
		return s.Type + ", followed in the cache"
	case engine.RoleSync:
		return s.Type + ", for others"
	default:
		return s.Type
	}
}

func state(s engine.SourceStatus) string {
	switch {
	case !s.Ready:
		return "not ready"
	case s.Suspended:
		return "suspended"
	case s.Stale:
		return "stale"
	default:
		return "ready"
	}
}

func lastSync(s engine.SourceStatus) string {
	if s.LastSync.IsZero() {
		return "never"
	}
	return s.LastSync.Local().Format(time.RFC3339)
}
