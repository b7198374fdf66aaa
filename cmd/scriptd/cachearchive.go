package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

func (a *app) cacheExportCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write what serves to an archive",
		Long: `export writes all that sources have in use, the history of packages and what they are pinned to included, to a tar that import
reads where no origin can be reached. With --sign it is signed with a private key of ssh that has no passphrase, which import can
be told to trust. It prints the digest of the archive, which import can be given on another way.`,
		Example: "  scriptd cache export plugins.tar\n  scriptd cache export plugins.tar --sign ~/.ssh/id_plugins",
		Args:    cobra.ExactArgs(1),
	}
	output := outputFlag(cmd)
	sign := cmd.Flags().String("sign", "", "sign the archive with the private key of ssh in `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.cacheExport(cmd.Context(), args[0], *sign, *output)
	}
	return cmd
}

func (a *app) cacheExport(ctx context.Context, name, keyFile string, output format) (err error) {
	k, _, err := a.keeper()
	if err != nil {
		return err
	}
	var sign func(listing []byte) ([]byte, error)
	if keyFile != "" {
		if sign, err = signerOf(keyFile); err != nil {
			return usageError(err)
		}
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
	archive, err := export(ctx, k, file, sign)
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

// export writes an archive, signed where there is a function that signs.
func export(ctx context.Context, k cache.Keeper, to *os.File, sign func([]byte) ([]byte, error)) (cache.Archive, error) {
	if sign == nil {
		return k.Export(ctx, to)
	}
	// A signature comes before most of what it is of.
	plain, err := os.CreateTemp(filepath.Dir(to.Name()), filepath.Base(to.Name())+".*")
	if err != nil {
		return cache.Archive{}, err
	}
	defer os.Remove(plain.Name())
	defer plain.Close()
	archive, err := k.Export(ctx, plain)
	if err != nil {
		return archive, err
	}
	if _, err := plain.Seek(0, io.SeekStart); err != nil {
		return archive, err
	}
	return archive, cache.SignArchive(to, plain, sign)
}

func (a *app) cacheImportCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take over what an archive has",
		Long: `import adds the trees of an archive of export to the cache, and makes active what was active there: sources that are
configured as they were there serve it with no origin. What sources of the same names had active is replaced. An archive that is not
as it was written is refused, with exit status 65, and changes nothing. That says nothing of who wrote it: name the public keys
of ssh that may sign it, with --trust or in the configuration, or give the digest that export printed, which came on another way, with
--digest.`,
		Example: "  scriptd cache import plugins.tar --trust id_plugins.pub\n  scriptd cache import plugins.tar --digest sha256:1f0c…",
		Args:    cobra.ExactArgs(1),
	}
	output := outputFlag(cmd)
	digest := cmd.Flags().String("digest", "", "refuse an archive with another `DIGEST`")
	trust := cmd.Flags().StringArray("trust", nil, "refuse an archive that no key in `FILE` has signed, a public key of ssh or allowed_signers; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.cacheImport(cmd.Context(), args[0], cache.Digest(*digest), *trust, *output)
	}
	return cmd
}

func (a *app) cacheImport(ctx context.Context, name string, digest cache.Digest, trust []string, output format) error {
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
	verify, err := a.verifier(trust)
	if err != nil {
		return err
	}
	// All of it is looked at before any of it is used.
	archive, err := cache.CheckArchive(ctx, file, verify)
	if err == nil && digest != "" && archive.Digest != digest {
		err = fmt.Errorf("its digest is %s, want %s", archive.Digest, digest)
		return &exitError{exitSource, fmt.Errorf("%s: %w", name, err)}
	}
	if err == nil {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return usageError(err)
		}
		archive, err = k.Import(ctx, file, archive.Digest)
	}
	if errors.Is(err, cache.ErrCorrupt) || sources.KindOf(err) == sources.Unverified {
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
