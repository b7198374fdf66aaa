package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

func (a *app) describeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "describe NAME",
		Short: "Show one plugin: where it is from, its parameters, its permissions",
		Long: `describe prints what there is to know about a plugin before it is called. With -o json, parameters is the JSON
Schema that a call is validated against.`,
		Example: `  scriptd describe service_status
  scriptd describe service_status -o json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.describe(cmd.Context(), args[0], *output) }
	return cmd
}

func (a *app) describe(ctx context.Context, name string, output format) error {
	eng, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	d, err := lookUp(eng, name)
	if err != nil {
		return err
	}
	if output == formatJSON {
		return a.printJSON(d)
	}
	return a.printDescription(d)
}

// joined is the error of errors.Join.
type joined interface {
	error
	Unwrap() []error
}

// lookUp describes a plugin, or says why it is not there: because its source is out of reach, because its source code
// does not load, or because nothing of that name exists.
func lookUp(eng *engine.Engine, name string) (engine.Description, error) {
	d, err := eng.Describe(name)
	if !errors.Is(err, engine.ErrNotFound) {
		return d, err
	}
	err = eng.Explain(name)
	if several, ok := errors.AsType[joined](err); ok {
		err = worst(several.Unwrap())
	}
	if !errors.Is(err, engine.ErrNotFound) {
		return d, err
	}
	var names []string
	for _, p := range eng.Plugins() {
		names = append(names, p.Name)
	}
	return d, fmt.Errorf("%w %q: %s", engine.ErrNotFound, name, hint(nearest(name, names), "scriptd list"))
}

func (a *app) printDescription(d engine.Description) error {
	fmt.Fprintf(a.stdout, "%s\n\n", strings.TrimSuffix(d.Name+": "+d.Description, ": "))
	err := a.printTable([][]string{
		{"Category", string(d.Category)},
		{"Package", packageName(d.Plugin)},
		{"Revision", d.Revision},
		{"Digest", d.Digest},
		{"Imports", orDash(strings.Join(d.Imports, ", "))},
		{"Asks for", permissionList(d.Asks)},
		{"Granted", permissionList(d.Permissions)},
	})
	if err != nil {
		return err
	}
	rows := schemaRows(d.Parameters)
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintln(a.stdout, "\nParameters:")
	return a.printTable(rows)
}

// noPermissions is what permissionList says where there are none.
const noPermissions = "none"

// permissionList writes permissions as they stand in the configuration.
func permissionList(p runtime.Permissions) string {
	if p.All {
		return "all"
	}
	var parts []string
	for _, g := range []struct {
		name string
		list []string
	}{{"net", p.Net}, {"read", p.Read}, {"write", p.Write}, {"env", p.Env}, {"run", p.Run}} {
		if len(g.list) > 0 {
			parts = append(parts, g.name+": "+strings.Join(g.list, ", "))
		}
	}
	if len(parts) == 0 {
		return noPermissions
	}
	return strings.Join(parts, "; ")
}
