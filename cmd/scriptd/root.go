package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// app is what all verbs share: the streams and the flags that come before a verb.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	config    string
	logLevel  string
	logFormat string

	// started is set when the command line was understood and a verb begins. An error before that is one of usage.
	started bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		SuggestionsMinimumDistance: 2,

		Use:   "scriptd",
		Short: "Run Go plugins from their source",
		Long: `scriptd runs Go plugins from their source: from a folder, a git repository or an S3 bucket. What has changed
there is live at the next call, with no build; what does not load changes nothing.

` + exitHelp,
		Example: `  scriptd new hello                                   # a plugin, with its test
  scriptd check hello                                 # is it one that scriptd can run?
  scriptd list                                        # what the configured sources offer
  scriptd run service_status --param service_url=https://example.com
  scriptd rollback team/netcheck                      # the version before
  scriptd serve                                       # keep in step, answer HTTP
  scriptd exec -A hello.go                            # run a Go program`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usagef("unknown verb %q: %s", args[0], hint(cmd.SuggestionsFor(args[0]), "scriptd --help"))
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := a.callLogger(); err != nil {
				return err
			}
			a.started = true
			return nil
		},
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.config, "config", "c", "", "configuration `FILE` (default $SCRIPTD_CONFIG, then ./scriptd.yaml)")
	flags.StringVar(&a.logLevel, "log-level", "", "least `LEVEL` to log: debug, info, warn, error (default info for serve, else warn, and plugins only)")
	flags.StringVar(&a.logFormat, "log-format", "text", "`FORMAT` of the log on stderr: text, json")
	root.AddCommand(
		a.runCmd(), a.listCmd(), a.describeCmd(), a.syncCmd(), a.sourcesCmd(), a.validateCmd(), a.checkCmd(),
		a.packagesCmd(), a.historyCmd(), a.rollbackCmd(), a.pinCmd(), a.unpinCmd(), a.reloadCmd(), a.permissionsCmd(),
		a.execCmd(), a.serveCmd(), a.newCmd(), a.extractCmd(), a.cacheCmd(), a.doctorCmd(), a.versionCmd(),
	)
	root.SetHelpCommand(helpCmd())
	return root
}

// helpCmd is cobra's, except that a topic which is not there is an error.
func helpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Help about a verb",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				topic := strings.Join(args, " ")
				return usagef("no help on %q: %s", topic, hint(cmd.Root().SuggestionsFor(topic), "scriptd --help"))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
