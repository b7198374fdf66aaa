package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// buildInfo is what the binary knows of its own making.
type buildInfo struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Revision string `json:"revision"`
}

func (a *app) versionCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "version",
		Short:             "Show the version of scriptd, of Go, and the revision it was built from",
		Long:              `version prints what the binary was built from. A build outside of version control has no revision.`,
		Example:           `  scriptd version -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		b := readBuildInfo()
		if *output == formatJSON {
			return a.printJSON(b)
		}
		fmt.Fprintf(a.stdout, "scriptd %s, %s, revision %s\n", b.Version, b.Go, orDash(short(b.Revision)))
		return nil
	}
	return cmd
}

func readBuildInfo() buildInfo {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return buildInfo{Version: "unknown", Go: "unknown"}
	}
	b := buildInfo{Version: info.Main.Version, Go: info.GoVersion}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}
