package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
)

func (a *app) cacheExportCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write what serves to an archive",
		Long: `export writes all that sources have in use, the history of packages and what they are pinned to included, to a tar that import
reads where no origin can be reached. It prints the digest of the archive, which import can be given on another way.`,
		Example: "  scriptd cache export plugins.tar",
		Args:    cobra.ExactArgs(1),
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.cacheExport(cmd.Context(), args[0], *output) }
	return cmd
}

func (a *app) cacheExport(ctx context.Context, name string, output format) (err error) {
	k, _, err := a.keeper()
	if err != nil {
		return err
	}
	// What is there under the name stays until all of the archive is.
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	archive, err := k.Export(ctx, file)
	if err == nil {
		err = file.Sync()
	}
	if err = cmp.Or(err, file.Close()); err != nil {
		return damaged(err)
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return err
	}
	return a.printArchive("exported", archive, output)
}

func (a *app) cacheImportCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take over what an archive has",
		Long: `import adds the trees of an archive of export to the cache, and makes active what was active there: sources that are
configured as they were there serve it with no origin. What sources of the same names had active is replaced. An archive that is not
as it was written is refused, with exit status 65, and changes nothing that is active. That says nothing of who wrote it: give the digest
that export printed, which came on another way, with --digest.`,
		Example: "  scriptd cache import plugins.tar\n  scriptd cache import plugins.tar --digest sha256:1f0c…",
		Args:    cobra.ExactArgs(1),
	}
	output := outputFlag(cmd)
	digest := cmd.Flags().String("digest", "", "refuse an archive with another `DIGEST`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.cacheImport(cmd.Context(), args[0], cache.Digest(*digest), *output)
	}
	return cmd
}

func (a *app) cacheImport(ctx context.Context, name string, digest cache.Digest, output format) error {
	if digest != "" && !digest.Valid() {
		return usagef("--digest %q: want sha256: and 64 hex digits", digest)
	}
	k, _, err := a.keeper()
	if err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return usageError(err)
	}
	defer file.Close()
	archive, err := k.Import(ctx, file, digest)
	if errors.Is(err, cache.ErrCorrupt) {
		return &exitError{exitSource, fmt.Errorf("%s: %w", name, err)}
	}
	if err != nil {
		return err
	}
	return a.printArchive("imported", archive, output)
}

func (a *app) printArchive(did string, archive cache.Archive, output format) error {
	if archive.Sources == nil {
		archive.Sources = []string{}
	}
	if output == formatJSON {
		return a.printJSON(archive)
	}
	fmt.Fprintf(a.stdout, "%s %d trees of %s, %d bytes\ndigest %s\n", did, archive.Trees, orDash(strings.Join(archive.Sources, ", ")), archive.Bytes, archive.Digest)
	return nil
}
