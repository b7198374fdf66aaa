package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
)

func (a *app) packagesCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "packages",
		Short: "Show the state of each package",
		Long: `packages prints, for each package of all sources, which version serves. A package is failed where none of its versions
loads, and quarantined where it was taken out of service because its calls kept failing. One that is pinned stays at its
version, whatever its source brings. What is wrong is named on stderr; it is a failure only where there is no package at all.`,
		Example: `  scriptd packages
  scriptd packages -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.packages(cmd.Context(), *output) }
	return cmd
}

func (a *app) packages(ctx context.Context, output format) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	list := eng.Packages()
	if err := a.printPackages(list, output); err != nil {
		return err
	}
	failed := failedSources(eng.Sources())
	if len(list) == 0 {
		return failed
	}
	a.warn(failed)
	return nil
}

func (a *app) printPackages(list []engine.PackageStatus, output format) error {
	if output == formatJSON {
		return a.printJSON(append([]engine.PackageStatus{}, list...))
	}
	rows := [][]string{{"PACKAGE", "STATE", "PINNED", "REVISION", "PLUGINS"}}
	for _, p := range list {
		pinned := ""
		if p.Pinned {
			pinned = "yes"
		}
		rows = append(rows, []string{
			forPeople(p.Package), string(p.State), orDash(pinned), orDash(short(p.Revision)), orDash(strings.Join(p.Plugins, ", ")),
		})
	}
	return a.printTable(rows)
}

// forPeople shortens the name of a package at the root of its tree.
func forPeople(pkg string) string { return strings.TrimSuffix(pkg, "/.") }

// packageArgument is the name of the package that an argument stands for.
func packageArgument(arg string) string {
	arg = strings.TrimSuffix(arg, "/")
	if !strings.Contains(arg, "/") {
		arg += "/."
	}
	return arg
}

// missing says why a package is not there: because its source cannot be had, or because nothing of that name exists. Other
// errors stay what they are.
func missing(eng *engine.Engine, pkg string, err error) error {
	if !errors.Is(err, engine.ErrNoPackage) {
		return err
	}
	source, _, _ := strings.Cut(pkg, "/")
	for _, s := range eng.Sources() {
		if s.Name == source && s.Digest == "" && s.Err != nil {
			return &sourceError{s.Name, s.Err}
		}
	}
	pkg = forPeople(pkg)
	var names []string
	for _, p := range eng.Packages() {
		names = append(names, forPeople(p.Package))
	}
	return fmt.Errorf("%w %q: %s", engine.ErrNoPackage, pkg, hint(nearest(pkg, names), "scriptd packages"))
}

// completePackages offers the packages that the configuration lists and the cache remembers, which costs no fetch.
func (a *app) completePackages(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	versions := a.knownVersions(cmd.Context())
	for _, arg := range args {
		delete(versions, packageArgument(arg))
	}
	var names []string
	for _, pkg := range slices.Sorted(maps.Keys(versions)) {
		names = append(names, forPeople(pkg))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completePackage offers the packages for a first argument, and nothing for others.
func (a *app) completePackage(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completePackages(cmd, args, typed)
}

// knownVersions returns the packages that can be told of without asking an origin, each with its versions.
func (a *app) knownVersions(ctx context.Context) map[string][]engine.Version {
	known := make(map[string][]engine.Version)
	cfg, err := a.load()
	if err != nil {
		return known
	}
	opts := cfg.Options()
	for _, s := range opts.Sources {
		for _, p := range s.Packages {
			known[s.Name+"/"+path.Clean(p.Path)] = nil
		}
		active, err := opts.Cache.Active(ctx, s.Name)
		if err != nil || active.Origin != s.Origin {
			continue
		}
		for dir, versions := range active.Packages {
			known[s.Name+"/"+dir] = versions
		}
	}
	return known
}
