package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

func (a *app) manifestCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "manifest SOURCE",
		Short: "Write the manifest of a bucket or a folder",
		Long: `manifest reads all objects of an S3 source, or all files of a folder, and writes ` + sources.ManifestName + ` beside them,
with their paths, sizes and hashes. From then on a poll of the bucket is one request, whatever the number of objects, and only
what the manifest lists is taken: so it is to be written after each change. The credentials of the source have to allow writing.
A manifest can be signed: see verify in the documentation.`,
		Example: `  scriptd sources manifest bucket
  scriptd sources manifest bucket -o json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSources,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.manifest(cmd.Context(), args[0], *output) }
	return cmd
}

// writtenManifest is what manifest prints.
type writtenManifest struct {
	Source   string `json:"source"`
	Revision string `json:"revision"`
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"`
}

func (a *app) manifest(ctx context.Context, name string, output format) error {
	opts, err := a.options()
	if err != nil {
		return err
	}
	selected, err := selectSources(opts.Sources, []string{name})
	if err != nil {
		return err
	}
	if opts.Role == engine.RoleServe {
		return usagef("this scriptd follows the cache, and asks no origin (role: serve)")
	}
	writer, ok := selected[0].From.(sources.ManifestWriter)
	if !ok {
		return usagef("source %q is of the kind %s, which has no manifest", name, selected[0].Type)
	}
	m, err := writer.WriteManifest(ctx)
	if err != nil {
		return &sourceError{name, err}
	}
	written := writtenManifest{Source: name, Revision: string(m.Revision()), Files: len(m.Files)}
	for _, f := range m.Files {
		written.Bytes += f.Size
	}
	if output == formatJSON {
		return a.printJSON(written)
	}
	_, err = fmt.Fprintf(a.stdout, "%s of %s: %d files, %d bytes\n", sources.ManifestName, name, written.Files, written.Bytes)
	return err
}
