package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
)

func (a *app) historyCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history PACKAGE",
		Short: "List the versions of a package",
		Long: `history prints the versions of a package, SOURCE/PATH, the newest first: the one that is live, those that were before it
(retired), those that did not go live (failed) and those that were taken out of service because their calls kept failing
(quarantined). rollback takes the package back to one of them, by its digest.

The exit status is 3 for a package that does not exist.`,
		Example: `  scriptd history team/netcheck
  scriptd history team/netcheck -o json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completePackage,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.history(cmd.Context(), args[0], *output) }
	return cmd
}

func (a *app) history(ctx context.Context, arg string, output format) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	pkg := packageArgument(arg)
	versions, err := eng.History(pkg)
	if err != nil {
		return missing(eng, pkg, err)
	}
	if output == formatJSON {
		return a.printJSON(append([]engine.Version{}, versions...))
	}
	rows := [][]string{{"DIGEST", "REVISION", "STATE", "ACTIVATED", "ERROR"}}
	for _, v := range versions {
		problem, _, more := strings.Cut(v.Error, "\n")
		if more {
			problem += " …"
		}
		rows = append(rows, []string{
			short(string(v.Digest)), orDash(short(v.Revision)), string(v.State), v.ActivatedAt.Local().Format(time.RFC3339), orDash(problem),
		})
	}
	return a.printTable(rows)
}
