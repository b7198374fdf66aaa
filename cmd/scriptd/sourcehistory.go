package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func (a *app) sourceHistoryCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history SOURCE",
		Short: "List what came of asking an origin",
		Long: `history prints the syncs of a source that brought something else than the one before, the newest first: another tree (changed), an
error or another one than before (failed), and the end of errors (recovered). The last 200 are kept. --before takes the ID of the
last one on a page, for the next.`,
		Example: `  scriptd sources history team
  scriptd sources history team --limit 20 --before 181 -o json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSources,
	}
	output := outputFlag(cmd)
	before := cmd.Flags().Int64("before", 0, "only those with a lower `ID`")
	limit := cmd.Flags().Int("limit", 0, "at most `N` of them (default 100, which is also the most)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.sourceHistory(cmd.Context(), args[0], *before, *limit, *output)
	}
	return cmd
}

func (a *app) sourceHistory(ctx context.Context, name string, before int64, limit int, output format) error {
	opts, err := a.options()
	if err != nil {
		return err
	}
	eng, err := idle(ctx, opts, name)
	if err != nil {
		return err
	}
	defer eng.Close()
	list, err := eng.SyncHistory(ctx, name, before, limit)
	if err != nil {
		return err
	}
	if output == formatJSON {
		return a.printJSON(append([]cache.Sync{}, list...))
	}
	rows := [][]string{{"ID", "AT", "RESULT", "REVISION", "REQUESTS", "BYTES", "ERROR"}}
	for _, s := range list {
		problem, _, more := strings.Cut(s.Error, "\n")
		if more {
			problem += " …"
		}
		rows = append(rows, []string{
			fmt.Sprint(s.ID), s.At.Local().Format(time.RFC3339), string(s.Result), orDash(short(s.Revision)),
			fmt.Sprint(s.Requests), fmt.Sprint(s.Bytes), orDash(problem),
		})
	}
	return a.printTable(rows)
}

// idle returns an engine for what is said of one source in the cache: it asks no origin.
func idle(ctx context.Context, opts engine.Options, name string) (*engine.Engine, error) {
	selected, err := selectSources(opts.Sources, []string{name})
	if err != nil {
		return nil, err
	}
	opts.Sources, opts.Idle = selected, true
	return start(ctx, opts)
}

func (a *app) suspendCmd(suspended bool) *cobra.Command {
	use, short, long := "suspend SOURCE", "Stop asking an origin", `suspend stops that the origin of a source is asked, by this and all other processes that share the cache, until scriptd sources resume.
What serves goes on. scriptd sync SOURCE still fetches it.`
	if !suspended {
		use, short, long = "resume SOURCE", "Ask an origin again", `resume ends a suspension. A process that serves asks the origin at once.`
	}
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeSources}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		opts, err := a.options()
		if err != nil {
			return err
		}
		eng, err := idle(cmd.Context(), opts, args[0])
		if err != nil {
			return err
		}
		return errors.Join(eng.Suspend(cmd.Context(), args[0], suspended), eng.Close())
	}
	return cmd
}
