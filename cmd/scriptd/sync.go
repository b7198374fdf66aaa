package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func (a *app) syncCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync [SOURCE]...",
		Short: "Fetch sources now, and say what changed",
		Long: `sync fetches the sources, all where none is named, loads their packages, and records what loads in the cache. It
prints, for each, whether what serves is another tree than the cache held before. With the role sync nothing is loaded; with the
role serve the cache is asked in place of the origins.

The exit status is that of the worst failure; it is 75 only where a retry can help with all of them.`,
		Example: `  scriptd sync
  scriptd sync team -o json`,
		ValidArgsFunction: a.completeSources,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.sync(cmd.Context(), args, *output) }
	return cmd
}

func (a *app) sync(ctx context.Context, names []string, output format) error {
	opts, err := a.options()
	if err != nil {
		return err
	}
	if opts.Sources, err = selectSources(opts.Sources, names); err != nil {
		return err
	}
	before := activeDigests(ctx, opts)
	eng, err := start(ctx, opts)
	if err != nil {
		return err
	}
	defer eng.Close()
	results, err := eng.Sync(ctx)
	if err != nil {
		return err
	}
	if opts.Role == engine.RoleServe {
		fmt.Fprintln(a.stderr, "scriptd: this scriptd follows the cache (role: serve): no origin was asked")
	}
	var errs []error
	for i, r := range results {
		// The engine compares with what it found when it started, a moment ago.
		results[i].Changed = r.Digest != before[r.Source]
		if r.Err != nil {
			errs = append(errs, &sourceError{r.Source, r.Err})
		}
	}
	if err := a.printSync(results, output); err != nil {
		return err
	}
	return worst(errs)
}

func (a *app) printSync(results []engine.SyncResult, output format) error {
	if output == formatJSON {
		return a.printJSON(append([]engine.SyncResult{}, results...))
	}
	rows := [][]string{{"SOURCE", "REVISION", "RESULT"}}
	for _, r := range results {
		result := "unchanged"
		switch {
		case r.Err != nil:
			result = "failed"
		case r.Changed:
			result = "changed"
		}
		rows = append(rows, []string{r.Source, orDash(short(r.Revision)), result})
	}
	return a.printTable(rows)
}

// selectSources returns the named sources in the order of the names, all where there is none.
func selectSources(all []engine.Source, names []string) ([]engine.Source, error) {
	if len(names) == 0 {
		return all, nil
	}
	var selected []engine.Source
	for _, name := range names {
		named := func(s engine.Source) bool { return s.Name == name }
		i := slices.IndexFunc(all, named)
		switch {
		case i < 0:
			return nil, usagef("no source %q: there %s", name, offer(sourceNames(all)))
		case slices.ContainsFunc(selected, named):
			return nil, usagef("source %q is named twice", name)
		}
		selected = append(selected, all[i])
	}
	return selected, nil
}

// activeDigests returns what the cache holds for each source.
func activeDigests(ctx context.Context, opts engine.Options) map[string]string {
	digests := map[string]string{}
	if opts.Cache == nil {
		return digests
	}
	for _, s := range opts.Sources {
		origin, digest := s.Origin, cache.Digest("")
		if opts.Role == engine.RoleSync {
			if head, err := opts.Cache.Head(ctx, s.Name); err == nil {
				origin, digest = head.Origin, head.Digest
			}
		} else if active, err := opts.Cache.Active(ctx, s.Name); err == nil {
			origin, digest = active.Origin, active.Digest
		}
		if origin == s.Origin {
			digests[s.Name] = string(digest)
		}
	}
	return digests
}

func sourceNames(list []engine.Source) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return names
}

func offer(names []string) string {
	if len(names) == 0 {
		return "is none"
	}
	return fmt.Sprintf("is %s", strings.Join(names, ", "))
}

// completeSources offers the configured names, which costs no fetch.
func (a *app) completeSources(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	cfg, err := a.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return sourceNames(cfg.Options().Sources), cobra.ShellCompDirectiveNoFileComp
}
