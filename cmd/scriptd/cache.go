package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func (a *app) cacheCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Look after the trees that were fetched",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.cacheListCmd(), a.cacheSizeCmd(), a.cacheGCCmd(), a.cacheVerifyCmd(), a.cacheExportCmd(), a.cacheImportCmd())
	return cmd
}

// keeper returns the cache that the configuration names, and the options that it is for.
func (a *app) keeper() (cache.Keeper, engine.Options, error) {
	opts, err := a.options()
	if err != nil {
		return nil, opts, err
	}
	k, ok := opts.Cache.(cache.Keeper)
	if !ok {
		return nil, opts, errors.New("this cache cannot be looked after")
	}
	return k, opts, nil
}

func (a *app) cacheListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the trees of the cache",
		Long: `list prints each tree, and what it is to the sources that know it: active, pinned, newest (it was tried last), history (a
package can go back to it) or past. Only past trees, and those that no source knows, can be removed by gc.`,
		Example:           "  scriptd cache list\n  scriptd cache list -o json",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.cacheList(cmd.Context(), *output) }
	return cmd
}

func (a *app) cacheList(ctx context.Context, output format) error {
	k, _, err := a.keeper()
	if err != nil {
		return err
	}
	list, err := k.Trees(ctx)
	if err != nil {
		return err
	}
	if output == formatJSON {
		return a.printJSON(list)
	}
	rows := [][]string{{"DIGEST", "FILES", "BYTES", "SOURCE", "ROLE", "REVISION", "REPLACED"}}
	for _, t := range list {
		if len(t.Uses) == 0 {
			t.Uses = []cache.Use{{}}
		}
		for _, u := range t.Uses {
			replaced := "-"
			if !u.Until.IsZero() {
				replaced = u.Until.Local().Format(time.RFC3339)
			}
			rows = append(rows, []string{
				short(string(t.Digest)), fmt.Sprint(t.Files), fmt.Sprint(t.Bytes), orDash(u.Source), orDash(string(u.Role)), orDash(short(u.Revision)), replaced,
			})
		}
	}
	return a.printTable(rows)
}

func (a *app) cacheSizeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "size",
		Short:             "Tell how much the cache takes",
		Long:              `size prints how many bytes the cache takes, and what for. Contents that several trees have are there once.`,
		Example:           "  scriptd cache size\n  scriptd cache size -o json",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		k, _, err := a.keeper()
		if err != nil {
			return err
		}
		s, err := k.Size(cmd.Context())
		if err != nil {
			return err
		}
		if *output == formatJSON {
			return a.printJSON(s)
		}
		rows := append([][]string{{"WHAT", "NUMBER", "BYTES"}}, sizeRows("", s)...)
		if s.Local != nil {
			rows = append(rows, sizeRows("local ", *s.Local)...)
		}
		return a.printTable(rows)
	}
	return cmd
}

func sizeRows(where string, s cache.Size) [][]string {
	return [][]string{
		{where + "trees", fmt.Sprint(s.Trees), fmt.Sprint(s.Listings)},
		{where + "contents", fmt.Sprint(s.Blobs), fmt.Sprint(s.Contents)},
		{where + "records", "-", fmt.Sprint(s.Records)},
		{where + "temporary", "-", fmt.Sprint(s.Temporary)},
		{where + "set aside", "-", fmt.Sprint(s.Corrupt)},
		{where + "total", "-", fmt.Sprint(s.Total)},
	}
}

func (a *app) cacheGCCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Remove the trees that nothing needs",
		Long: `gc removes what the keys keep, max_age and max_size of the configuration do not keep, trees that no source knows, and
contents that no tree has any more. It never removes a tree that is active, pinned, was tried last, is in the history of a package,
is being read, or was just put by a process that is about to use it. It works beside a daemon. From a bucket that others share it removes
nothing that is less than a day old.`,
		Example:           "  scriptd cache gc --dry-run\n  scriptd cache gc -o json",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	dryRun := cmd.Flags().Bool("dry-run", false, "only tell what would be removed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.cacheGC(cmd.Context(), *dryRun, *output) }
	return cmd
}

func (a *app) cacheGC(ctx context.Context, dryRun bool, output format) error {
	k, opts, err := a.keeper()
	if err != nil {
		return err
	}
	c, err := k.Collect(ctx, *opts.Retention, dryRun)
	if err != nil {
		return damaged(err)
	}
	if output == formatJSON {
		return a.printJSON(c)
	}
	rows := [][]string{{"REMOVED", "REASON", "SOURCES"}}
	for _, r := range c.Trees {
		var names []string
		for _, u := range r.Uses {
			names = append(names, u.Source)
		}
		slices.Sort(names)
		rows = append(rows, []string{short(string(r.Digest)), r.Reason, orDash(strings.Join(names, ", "))})
	}
	if len(c.Trees) > 0 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	did := "removed"
	if dryRun {
		did = "would remove"
	}
	const line = "%s%s %d trees and %d contents, %d bytes; %d trees of %d bytes stay\n"
	fmt.Fprintf(a.stdout, line, "", did, len(c.Trees), c.Blobs, c.Bytes, c.KeptTrees, c.KeptBytes)
	if l := c.Local; l != nil {
		fmt.Fprintf(a.stdout, line, "local copy: ", did, len(l.Trees), l.Blobs, l.Bytes, l.KeptTrees, l.KeptBytes)
	}
	return nil
}

// damaged says what to do about a cache that is damaged.
func damaged(err error) error {
	if errors.Is(err, cache.ErrCorrupt) {
		return &exitError{exitFailed, fmt.Errorf("%w: see scriptd cache verify --repair", err)}
	}
	return err
}
