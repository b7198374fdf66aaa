package main

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

func (a *app) validateCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration and every package, and report all problems",
		Long: `validate reads the configuration file and, where that is in order, fetches every source and loads every package. It
prints all problems at once, and then what each package imports, what its plugin.yaml asks for, and what it was granted. The
file of a problem in a package is SOURCE/PATH.

With -o json, it prints the problems; with --permissions as well, an object of problems and packages.`,
		Example: `  scriptd validate
  scriptd -c staging.yaml validate -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	permissions := cmd.Flags().Bool("permissions", false, "have the JSON say what the packages import, ask for and were granted")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		problems, packages, err := a.validate(cmd.Context())
		if err != nil && problems == nil {
			return err
		}
		if err := a.printValidation(problems, packages, *output, *permissions); err != nil {
			return err
		}
		if err != nil {
			return &exitError{status: exitStatus(err)}
		}
		return nil
	}
	return cmd
}

// validate returns all problems, and an error that has their exit status. An error without problems is about
// validate itself.
func (a *app) validate(ctx context.Context) (runtime.Problems, []engine.PackagePermissions, error) {
	opts, err := a.options()
	if bad, ok := errors.AsType[config.Errors](err); ok {
		var problems runtime.Problems
		for _, e := range bad {
			problems = append(problems, runtime.Problem{File: e.File, Line: e.Line, Column: e.Column, Message: e.Message})
		}
		return problems, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	eng, err := start(ctx, opts)
	if err != nil {
		return runtime.Problems{{Message: err.Error()}}, nil, err
	}
	defer eng.Close()
	// New may have gone on with what the cache had.
	if _, err := eng.Sync(ctx); err != nil {
		return nil, nil, err
	}
	list := eng.Sources()
	var problems runtime.Problems
	for _, s := range list {
		if s.Err == nil {
			continue
		}
		inSource, ok := errors.AsType[runtime.Problems](s.Err)
		if !ok {
			problems = append(problems, runtime.Problem{Message: fmt.Sprintf("source %s: %v", s.Name, s.Err)})
		}
		for _, p := range inSource {
			p.File = path.Join(s.Name, p.File)
			problems = append(problems, p)
		}
	}
	packages, err := eng.Permissions(ctx)
	if err != nil {
		return nil, nil, err
	}
	return problems, packages, failedSources(list)
}

// printValidation prints problems, and what packages use of the world.
func (a *app) printValidation(problems runtime.Problems, packages []engine.PackagePermissions, output format, permissions bool) error {
	if output == formatJSON && permissions {
		return a.printJSON(struct {
			Problems runtime.Problems            `json:"problems"`
			Packages []engine.PackagePermissions `json:"packages"`
		}{append(runtime.Problems{}, problems...), append([]engine.PackagePermissions{}, packages...)})
	}
	if err := a.printProblems(problems, output); err != nil || output == formatJSON {
		return err
	}
	return a.printNeeds(packages)
}

// printProblems prints one problem to a line, so that editors and terminals find the place.
func (a *app) printProblems(problems runtime.Problems, output format) error {
	if output == formatJSON {
		return a.printJSON(append(runtime.Problems{}, problems...))
	}
	for _, p := range problems {
		fmt.Fprintln(a.stdout, p)
	}
	if len(problems) == 0 {
		fmt.Fprintln(a.stdout, "ok")
	}
	return nil
}
