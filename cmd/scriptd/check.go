package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

func (a *app) checkCmd() *cobra.Command {
	var grant permissionFlags
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Check whether the package in a folder is a plugin that scriptd can run",
		Long: `check parses and type-checks the package in DIR as scriptd would on loading it, and prints all problems. It runs
nothing, and needs no configuration. Inside a Go module, packages of the same module may be imported.

The package is granted what its plugin.yaml asks for, and what the flags allow.`,
		Example: `  scriptd check plugins/netcheck
  scriptd check plugins/netcheck --allow-net='*.example.com:443' -o json`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	output := outputFlag(cmd)
	grant.add(cmd.Flags())
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		err := check(args[0], grant.permissions())
		problems, ok := errors.AsType[runtime.Problems](err)
		if err != nil && !ok {
			return err
		}
		if err := a.printProblems(problems, *output); err != nil {
			return err
		}
		if err != nil {
			return &exitError{status: exitStatus(err)}
		}
		return nil
	}
	return cmd
}

// check checks one package folder. Problems name files as the current folder sees them.
func check(dir string, granted runtime.Permissions) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is a file: want the folder of a package", dir)
	}
	if err != nil {
		return usageError(err)
	}
	root, rel, err := treeRoot(dir)
	if err != nil {
		return err
	}
	tree := os.DirFS(root)
	manifest, err := interp.ReadManifest(tree, rel)
	if err == nil {
		err = interp.New().Check(runtime.Package{
			Tree:        tree,
			Dir:         rel,
			Permissions: manifest.Permissions.Merge(granted),
		})
	}
	return located(root, err)
}

// located has the problems of a tree name its files as the current folder sees them.
func located(root string, err error) error {
	problems, ok := errors.AsType[runtime.Problems](err)
	if !ok {
		return err
	}
	located := make(runtime.Problems, len(problems))
	for i, p := range problems {
		if p.File != "" {
			p.File = fromHere(filepath.Join(root, filepath.FromSlash(p.File)))
		}
		located[i] = p
	}
	return located
}

// treeRoot returns the folder that stands for the root of a tree, and dir in it: the module that dir belongs to, so
// that its other packages can be imported, or else dir itself.
func treeRoot(dir string) (root, rel string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	for root = dir; ; root = filepath.Dir(root) {
		_, err := os.Stat(filepath.Join(root, "go.mod"))
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || root == filepath.Dir(root) {
			return dir, ".", nil
		}
	}
	rel, err = filepath.Rel(root, dir)
	return root, filepath.ToSlash(rel), err
}

// fromHere shortens a path to what it is from the current folder.
func fromHere(file string) string {
	wd, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(wd, file); err == nil {
		return rel
	}
	return file
}
