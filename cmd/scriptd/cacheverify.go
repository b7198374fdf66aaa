package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func (a *app) cacheVerifyCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Read the whole cache, and tell what is damaged",
		Long: `verify compares all that the cache has with the hashes that it is stored under. With --repair, damaged files are set aside in
the folder corrupt of the cache. Where there is a folder and a bucket, each is mended from the other. Then each tree that a source
still needs is fetched again from its origin, by its revision, where the origin has it.

The exit status is 1 where something is damaged and was not repaired.`,
		Example:           "  scriptd cache verify\n  scriptd cache verify --repair -o json",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	repair := cmd.Flags().Bool("repair", false, "set aside what is damaged, and fetch it again")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.cacheVerify(cmd.Context(), *repair, *output) }
	return cmd
}

// verification is what verify prints.
type verification struct {
	cache.Verification
	// Fetched are the trees that were to be fetched again.
	Fetched []engine.Refetched `json:"fetched"`
}

func (a *app) cacheVerify(ctx context.Context, repair bool, output format) error {
	k, opts, err := a.keeper()
	if err != nil {
		return err
	}
	v := verification{Fetched: []engine.Refetched{}}
	if v.Verification, err = k.Verify(ctx, repair); err != nil {
		return err
	}
	damage := len(v.Damage)
	if v.Local != nil {
		damage += len(v.Local.Damage)
	}
	failed := damage > 0 && !repair
	if repair {
		fetched, err := engine.Refetch(ctx, k, opts.Sources)
		if err != nil {
			return err
		}
		v.Fetched = append(v.Fetched, fetched...)
		for _, r := range fetched {
			failed = failed || r.Err != nil
		}
	}
	if err := a.printVerification(v, output); err != nil {
		return err
	}
	switch {
	case !failed:
		return nil
	case repair:
		return &exitError{exitFailed, errors.New("not all trees could be fetched again: what an origin does not have any more is lost")}
	default:
		return &exitError{exitFailed, errors.New("the cache is damaged: scriptd cache verify --repair sets aside what is, and fetches it again")}
	}
}

func (a *app) printVerification(v verification, output format) error {
	if output == formatJSON {
		return a.printJSON(v)
	}
	if err := a.printDamage(v.Damage); err != nil {
		return err
	}
	for _, r := range v.Fetched {
		if r.Err != nil {
			fmt.Fprintf(a.stdout, "%s: tree %s of revision %s cannot be fetched again: %v\n", r.Source, short(string(r.Digest)), short(r.Revision), r.Err)
		} else {
			fmt.Fprintf(a.stdout, "%s: tree %s of revision %s was fetched again\n", r.Source, short(string(r.Digest)), short(r.Revision))
		}
	}
	const line = "%s%d trees, %d contents of %d bytes and %d records: %d damaged files\n"
	fmt.Fprintf(a.stdout, line, "", v.Trees, v.Blobs, v.Bytes, v.Records, len(v.Damage))
	if l := v.Local; l != nil {
		if err := a.printDamage(l.Damage); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, line, "local copy: ", l.Trees, l.Blobs, l.Bytes, l.Records, len(l.Damage))
	}
	return nil
}

func (a *app) printDamage(list []cache.Damage) error {
	if len(list) == 0 {
		return nil
	}
	rows := [][]string{{"FILE", "PROBLEM", "TREES", "REPAIR"}}
	for _, d := range list {
		rows = append(rows, []string{d.File, d.Problem, fmt.Sprint(len(d.Trees)), orDash(d.Repair)})
	}
	return a.printTable(rows)
}
