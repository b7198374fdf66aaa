package main

import (
	"embed"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/plugin"
)

//go:embed template
var templateFiles embed.FS

func (a *app) newCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Make a folder with a new plugin and its test",
		Long: `new makes the folder NAME in the current folder: a plugin of that name, its test, and plugin.yaml. It changes
nothing that is there.`,
		Example:           `  scriptd new service-check`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			name := args[0]
			if err := makePlugin(name); err != nil {
				return err
			}
			return a.nextSteps(name)
		},
	}
}

// makePlugin writes the folder, as a whole or not at all.
func makePlugin(name string) (err error) {
	if err := (plugin.Spec{Name: name}).Validate(); err != nil {
		return usageError(err)
	}
	files, err := template.ParseFS(templateFiles, "template/*.tmpl")
	if err != nil {
		return fmt.Errorf("new %s: %w", name, err)
	}
	if err := os.Mkdir(name, 0o777); errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already", name)
	} else if err != nil {
		return usageError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}()
	data := struct{ Name, Package string }{name, packageIdentifier(name)}
	for _, t := range files.Templates() {
		if err := writeTemplate(filepath.Join(name, strings.TrimSuffix(t.Name(), ".tmpl")), t, data); err != nil {
			return fmt.Errorf("new %s: %w", name, err)
		}
	}
	return nil
}

func writeTemplate(file string, t *template.Template, data any) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(t.Execute(f, data), f.Close())
}

// packageIdentifier makes a Go package name of a plugin's name.
func packageIdentifier(name string) string {
	id := strings.NewReplacer("-", "", "_", "").Replace(name)
	if id[0] >= '0' && id[0] <= '9' || token.IsKeyword(id) || id == "main" {
		return "plugin" + id
	}
	return id
}

func (a *app) nextSteps(name string) error {
	steps := []string{"go test ./" + name}
	root, _, err := treeRoot(name)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); errors.Is(err, fs.ErrNotExist) {
		steps = append([]string{"go mod init example.com/plugins && go get github.com/scriptd/scriptd"}, steps...)
	}
	steps = append(steps, "scriptd check "+name)
	fmt.Fprintf(a.stdout, "made %s. Next:\n", name)
	for _, s := range steps {
		fmt.Fprintln(a.stdout, "  "+s)
	}
	fmt.Fprintf(a.stdout, "then add the folder to a source in scriptd.yaml:\n  sources: [{name: local, filesystem: {path: .}}]\n")
	return nil
}
