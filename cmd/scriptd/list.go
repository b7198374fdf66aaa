package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
)

func (a *app) listCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the plugins that can be called",
		Long: `list prints the plugins of all sources. A source that cannot be had is named on stderr with the cause; it is a
failure only where nothing could be loaded at all.`,
		Example: `  scriptd list
  scriptd list -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.list(cmd.Context(), *output) }
	return cmd
}

func (a *app) list(ctx context.Context, output format) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	plugins := eng.Plugins()
	if err := a.printPlugins(plugins, output); err != nil {
		return err
	}
	failed := failedSources(eng.Sources())
	if len(plugins) == 0 {
		return failed
	}
	a.warn(failed)
	return nil
}

func (a *app) printPlugins(plugins []engine.Plugin, output format) error {
	if output == formatJSON {
		return a.printJSON(append([]engine.Plugin{}, plugins...))
	}
	rows := [][]string{{"NAME", "CATEGORY", "PACKAGE", "DESCRIPTION"}}
	for _, p := range plugins {
		rows = append(rows, []string{p.Name, string(p.Category), packageName(p), orDash(p.Description)})
	}
	return a.printTable(rows)
}

// packageName is SOURCE/PATH.
func packageName(p engine.Plugin) string {
	if p.Package == "." || p.Package == "" {
		return p.Source
	}
	return p.Source + "/" + p.Package
}
