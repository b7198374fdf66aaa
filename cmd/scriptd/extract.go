package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine/symbols/extract"
)

func (a *app) extractCmd() *cobra.Command {
	var out, name string
	var tags []string
	cmd := &cobra.Command{
		Use:   "extract PKG...",
		Short: "Write the symbols of a host's packages, so that its plugins can import them",
		Long: `extract writes a Go file with the variable Symbols: what the packages export, for a host binary that embeds the engine. It
gives it to engine.Options.Symbols, and to engine.ServeWorker. PKG is an import path, or a folder of the module, as the
go command takes them, which has to be installed.

What plugins will miss is said on stderr: generic functions and types are no compiled code, and an interface with methods that
are not exported is nobody else's to implement. The file is left as it is where nothing changes.`,
		Example: `  scriptd extract -o symbols_gen.go ./usersync
  //go:generate scriptd extract -o symbols_gen.go ./usersync ./audit`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no package: want import paths, or folders as ./usersync")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.extract(cmd.Context(), args, out, name, tags) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&out, "output", "o", "", "the `FILE` to write (default stdout)")
	flags.StringVar(&name, "package", "", "`NAME` of the package that the file belongs to (default that of the folder)")
	flags.StringSliceVar(&tags, "tag", nil, "build `TAG` to select files by, which the file gets too")
	return cmd
}

func (a *app) extract(ctx context.Context, patterns []string, out, name string, tags []string) error {
	if err := mayReplace(out); err != nil {
		return err
	}
	dir := filepath.Dir(out)
	if name == "" {
		name = packageNameIn(dir)
	}
	res, err := extract.Extract(ctx, extract.Config{Patterns: patterns, Package: name, Out: dir, Tags: tags})
	if problems, ok := errors.AsType[extract.Problems](err); ok {
		fmt.Fprintln(a.stderr, problems)
		return &exitError{status: exitSource}
	}
	if err != nil {
		return usagef("extract: %w", err)
	}
	for _, note := range res.Notes {
		fmt.Fprintln(a.stderr, note)
	}
	if out == "" {
		_, err = a.stdout.Write(res.Source)
		return err
	}
	return writeChanged(out, res.Source)
}

// packageNameIn returns the name of the package in a folder: of what is there, of what go generate runs for, or after the folder.
func packageNameIn(dir string) string {
	if p, err := build.ImportDir(dir, 0); p.Name != "" && (err == nil || len(p.GoFiles) > 0) {
		return p.Name
	}
	if name := os.Getenv("GOPACKAGE"); name != "" && dir == "." {
		return name
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	return cmp.Or(nonLetters.ReplaceAllString(filepath.Base(abs), ""), "main")
}

var (
	nonLetters    = regexp.MustCompile(`^[^A-Za-z]+|[^A-Za-z0-9]`)
	generatedLine = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
)

// mayReplace refuses to write over what somebody wrote by hand.
func mayReplace(file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usageError(err)
	case len(bytes.TrimSpace(text)) > 0 && !generatedLine.Match(text):
		return usagef("%s is not a generated file: it is not written over", file)
	}
	return nil
}

// writeChanged writes a file where its content is another one.
func writeChanged(file string, content []byte) (err error) {
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, content) {
		return nil
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return usageError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}
