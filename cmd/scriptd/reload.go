package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func (a *app) reloadCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reload [PACKAGE]...",
		Short: "Load packages anew, though nothing has changed",
		Long: `reload loads packages, SOURCE/PATH, all where none is named, anew from the version that they are to serve from: also those that
failed, or are in quarantine. It prints what became of each. With -o json that is a list of versions, each with its package.` + followed + `
Of several failures it is that of the worst.`,
		Example: `  scriptd reload team/netcheck
  scriptd reload -o json`,
		ValidArgsFunction: a.completePackages,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.reload(cmd.Context(), args, *output) }
	return cmd
}

// reloaded is what became of a package.
type reloaded struct {
	Package string `json:"package"`
	engine.Version
}

func (a *app) reload(ctx context.Context, args []string, output format) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	var errs []error
	results := []reloaded{}
	for _, pkg := range packagesToReload(eng, args) {
		version, err := eng.Reload(ctx, pkg)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case errors.Is(err, engine.ErrNoPackage):
			errs = append(errs, missing(eng, pkg, err))
			continue
		case err != nil:
			errs = append(errs, err)
			version = engine.Version{State: cache.Failed, Error: err.Error()}
		}
		results = append(results, reloaded{pkg, version})
	}
	if err := a.printReloaded(results, output); err != nil {
		return err
	}
	return worst(errs)
}

func packagesToReload(eng *engine.Engine, args []string) []string {
	var names []string
	for _, arg := range args {
		names = append(names, packageArgument(arg))
	}
	if len(args) == 0 {
		for _, p := range eng.Packages() {
			names = append(names, p.Package)
		}
	}
	return names
}

func (a *app) printReloaded(results []reloaded, output format) error {
	if output == formatJSON {
		return a.printJSON(results)
	}
	rows := [][]string{{"PACKAGE", "REVISION", "RESULT"}}
	for _, r := range results {
		state := string(r.State)
		if state == "" {
			state = "gone"
		}
		rows = append(rows, []string{forPeople(r.Package), orDash(short(r.Revision)), state})
	}
	return a.printTable(rows)
}
