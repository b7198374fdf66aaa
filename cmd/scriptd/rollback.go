package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

// followed ends the help of verbs that say which version is to serve.
const followed = `

A daemon that serves from the same cache follows within about a second. The exit status is 3 for a package or a version
that does not exist, and 65 for a version that does not load: what served before serves on then.`

// versionChange is a method of an engine that changes which version of a package serves.
type versionChange func(ctx context.Context, pkg string) (engine.Version, error)

// versionVerb is a verb that changes which version of a package serves.
type versionVerb struct {
	change func(*engine.Engine) versionChange
	// said is what people are told: of the package, and of the version that serves now.
	said string
}

func (a *app) rollbackCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollback PACKAGE [DIGEST]",
		Short: "Take a package back to a version before",
		Long: `rollback takes a package, SOURCE/PATH, back to the version that served before this one, or to that of a digest, or of the
beginning of one: see history. The version is loaded and tried as every new one is; then new calls go to it. It is pinned:
it stays until unpin, whatever the source brings, also over a restart.` + followed,
		Example: `  scriptd rollback team/netcheck
  scriptd rollback team/netcheck 3f2a9c`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeVersion,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		digest := strings.Join(args[1:], "")
		return a.changeVersion(cmd.Context(), args[0], *output, versionVerb{
			func(eng *engine.Engine) versionChange {
				return func(ctx context.Context, pkg string) (engine.Version, error) { return eng.Rollback(ctx, pkg, digest) }
			},
			"%s is back at %s, and pinned there",
		})
	}
	return cmd
}

func (a *app) pinCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pin PACKAGE",
		Short: "Hold a package at the version that serves",
		Long: `pin holds a package, SOURCE/PATH, at the version that serves, until unpin: whatever the source brings, and over a restart. The
other packages of the source go on.` + followed,
		Example: `  scriptd pin team/netcheck`,
	}
	return a.onPackage(cmd, versionVerb{func(eng *engine.Engine) versionChange { return eng.Pin }, "%s stays at %s"})
}

func (a *app) unpinCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unpin PACKAGE",
		Short: "Have a package follow its source again",
		Long: `unpin has a package, SOURCE/PATH, that was pinned or rolled back follow its source again, and brings its newest version
live.` + followed,
		Example: `  scriptd unpin team/netcheck`,
	}
	return a.onPackage(cmd, versionVerb{func(eng *engine.Engine) versionChange { return eng.Unpin }, "%s follows its source, and is at %s"})
}

// onPackage completes a command that takes one package.
func (a *app) onPackage(cmd *cobra.Command, verb versionVerb) *cobra.Command {
	cmd.Args, cmd.ValidArgsFunction = cobra.ExactArgs(1), a.completePackage
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.changeVersion(cmd.Context(), args[0], *output, verb)
	}
	return cmd
}

func (a *app) changeVersion(ctx context.Context, arg string, output format, verb versionVerb) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	pkg := packageArgument(arg)
	version, err := verb.change(eng)(ctx, pkg)
	if err != nil {
		return missing(eng, pkg, err)
	}
	switch {
	case output == formatJSON:
		return a.printJSON(version)
	case version.Digest == "":
		fmt.Fprintf(a.stdout, "%s is gone: its source does not have it\n", forPeople(pkg))
	default:
		fmt.Fprintf(a.stdout, verb.said+"\n", forPeople(pkg), versionName(version))
	}
	return nil
}

// versionName tells a version from others.
func versionName(v engine.Version) string {
	return fmt.Sprintf("%s, revision %s", short(string(v.Digest)), orDash(short(v.Revision)))
}

// completeVersion offers packages, then what there is to go back to.
func (a *app) completeVersion(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completePackage(cmd, args, typed)
	}
	var digests []string
	for _, v := range a.knownVersions(cmd.Context())[packageArgument(args[0])] {
		if v.State == cache.Retired {
			digests = append(digests, short(string(v.Digest))+"\trevision "+short(v.Revision))
		}
	}
	return digests, cobra.ShellCompDirectiveNoFileComp
}
