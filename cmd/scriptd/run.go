package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/plugin"
)

// runVerb is a call as the command line asks for it.
type runVerb struct {
	*app
	params  paramFlags
	timeout time.Duration
	yes     bool
}

func (a *app) runCmd() *cobra.Command {
	v := &runVerb{app: a}
	cmd := &cobra.Command{
		Use:   "run NAME",
		Short: "Call one plugin",
		Long: `run calls a plugin and prints what it answers. With -o json that is the envelope, whatever happens. Where the plugin
panicked, stack in the envelope, or else stderr, says where.

A --param is a string where the plugin's schema allows one, and JSON where it wants a number, a boolean, an object or an
array. It goes over what --params says. A remediation plugin, one that changes something, is run after a question on
the terminal, or with --yes.

` + exitHelp,
		Example: `  scriptd run hello
  scriptd run service_status --param service_url=https://example.com --param timeout=10
  scriptd run service_status --params '{"service_url": "https://example.com"}' -o json
  scriptd run restart_deployment --params @deployment.json --yes
  echo '{"name": "world"}' | scriptd run hello --params -`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	flags := cmd.Flags()
	flags.StringArrayVarP(&v.params.pairs, "param", "p", nil, "one parameter, `NAME=VALUE`; may be repeated")
	flags.StringVar(&v.params.whole, "params", "", "parameters: `JSON`, @FILE, or - for stdin")
	flags.DurationVar(&v.timeout, "timeout", 0, "give up after this time, where the plugin has not given up before")
	flags.BoolVarP(&v.yes, "yes", "y", false, "run a remediation plugin without a question")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return v.run(cmd.Context(), args[0], *output) }
	return cmd
}

func (v *runVerb) run(ctx context.Context, name string, output format) error {
	res, err := v.call(ctx, name)
	if err != nil {
		if output == formatJSON {
			status := exitStatus(err)
			res = plugin.Result{Plugin: name, Error: err.Error(), Retry: status == exitRetry}
			err = errors.Join(err, v.printJSON(res))
		}
		return err
	}
	if output == formatJSON {
		err = v.printJSON(res)
	} else {
		err = v.printResult(res)
	}
	if err != nil || res.Success {
		return err
	}
	return answerError(name, res, output)
}

// answerError is the error of an answer that is a failure. For people it ends with where a plugin has panicked.
func answerError(name string, res plugin.Result, output format) error {
	text := failure(res)
	if output == formatText && res.Stack != "" {
		text += "\n" + strings.TrimSuffix(res.Stack, "\n")
	}
	return &exitError{answerStatus(res), fmt.Errorf("%s: %s", name, text)}
}

// call does all that comes before an answer. An error is the host's; the plugin's is in the result.
func (v *runVerb) call(ctx context.Context, name string) (plugin.Result, error) {
	if v.timeout < 0 {
		return plugin.Result{}, usagef("--timeout %s: want a time that is not negative", v.timeout)
	}
	base, err := v.params.base(ctx, v.stdin)
	if err != nil {
		return plugin.Result{}, err
	}
	eng, err := v.open(ctx)
	if err != nil {
		return plugin.Result{}, err
	}
	defer eng.Close()
	d, err := lookUp(eng, name)
	if err != nil {
		return plugin.Result{}, err
	}
	v.warnIfStale(eng, d.Source)
	params, err := v.params.over(base, d.Parameters)
	if err != nil {
		return plugin.Result{}, err
	}
	if d.Category == plugin.Remediation && !v.yes {
		if err := v.confirm(ctx, d.Plugin); err != nil {
			return plugin.Result{}, err
		}
	}
	if v.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.timeout)
		defer cancel()
	}
	if bar := newProgress(v.stderr); bar != nil {
		defer bar.clear()
		ctx = engine.WithProgress(ctx, bar.update)
	}
	return eng.Call(ctx, name, params)
}

// warnIfStale says that a plugin may not be what its origin has now.
func (v *runVerb) warnIfStale(eng *engine.Engine, source string) {
	for _, s := range eng.Sources() {
		if s.Name == source && s.Stale {
			v.warn(fmt.Errorf("what runs is stale: %w", &sourceError{s.Name, s.Err}))
		}
	}
}

// printResult prints an answer for people: the message, then the data.
func (v *runVerb) printResult(res plugin.Result) error {
	if res.Message != "" {
		fmt.Fprintln(v.stdout, res.Message)
	}
	switch data := res.Data.(type) {
	case nil:
		return nil
	case string:
		fmt.Fprintln(v.stdout, strings.TrimSuffix(data, "\n"))
		return nil
	case json.Number:
		fmt.Fprintln(v.stdout, data)
		return nil
	default:
		return v.printJSON(data)
	}
}

func failure(res plugin.Result) string {
	if res.Retry {
		return res.Error + " (worth a retry)"
	}
	return res.Error
}
