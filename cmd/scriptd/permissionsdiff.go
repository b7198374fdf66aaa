package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

func (a *app) permissionsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "permissions",
		Short: "Tell what packages use of the world",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.permissionsDiffCmd())
	return cmd
}

func (a *app) permissionsDiffCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare what two versions of a package import and ask for",
		Long: `diff compares two versions of one package: what they import, what their plugin.yaml asks for, and which symbols they use
that need a permission. A version is a folder, or a digest of the cache that the configuration names, or the beginning of one.
Nothing is run, and nothing is fetched.`,
		Example: `  scriptd permissions diff plugins/netcheck ~/review/netcheck
  scriptd permissions diff sha256:1f0c sha256:88ab --dir netcheck -o json`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	dir := cmd.Flags().String("dir", "", "the package's `FOLDER` in both trees (default: the folder itself; of a digest, its only package)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		old, err := a.needsOf(cmd.Context(), args[0], *dir)
		if err != nil {
			return err
		}
		fresh, err := a.needsOf(cmd.Context(), args[1], *dir)
		if err != nil {
			return err
		}
		return a.printNeedsDiff(diffNeeds(old, fresh), *output)
	}
	return cmd
}

// needsOf finds out what a version of a package uses.
func (a *app) needsOf(ctx context.Context, arg, dir string) (interp.Needs, error) {
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		root, rel, err := treeRoot(path.Join(arg, dir))
		if err != nil {
			return interp.Needs{}, err
		}
		needs, err := interp.New().Needs(os.DirFS(root), rel)
		for i, u := range needs.Uses {
			needs.Uses[i].File = fromHere(filepath.Join(root, filepath.FromSlash(u.File)))
		}
		return needs, located(root, err)
	}
	tree, digest, err := a.cached(ctx, arg)
	if err != nil {
		return interp.Needs{}, err
	}
	if dir == "" {
		if dir, err = onlyPackage(tree); err != nil {
			return interp.Needs{}, usageError(fmt.Errorf("%s: %w", short(string(digest)), err))
		}
	}
	return interp.New().Needs(tree, path.Clean(dir))
}

// cached opens the tree of a digest, or of the beginning of one that a package of the configuration has in its history.
func (a *app) cached(ctx context.Context, arg string) (fs.FS, cache.Digest, error) {
	full := cache.Digest(arg)
	if !full.Valid() {
		found := make(map[cache.Digest]bool)
		for _, versions := range a.knownVersions(ctx) {
			for _, v := range versions {
				if hasPrefix(v.Digest, arg) {
					found[v.Digest] = true
				}
			}
		}
		switch len(found) {
		case 0:
			return nil, "", usagef("%s is no folder, and no digest that is known: see scriptd history PACKAGE", arg)
		case 1:
		default:
			return nil, "", usagef("%s is the beginning of %d digests: write more of it", arg, len(found))
		}
		for d := range found {
			full = d
		}
	}
	cfg, err := a.load()
	if err != nil {
		return nil, "", err
	}
	tree, err := cfg.Options().Cache.Open(ctx, full)
	if errors.Is(err, cache.ErrNotFound) {
		return nil, "", usagef("the cache has no %s", full)
	}
	return tree, full, err
}

// hasPrefix reports whether a digest begins with a text, with or without the name of the hash.
func hasPrefix(d cache.Digest, text string) bool {
	_, sum, _ := strings.Cut(string(d), ":")
	return text != "" && (strings.HasPrefix(string(d), text) || strings.HasPrefix(sum, text))
}

// onlyPackage returns the folder of the package of a tree, where it has one.
func onlyPackage(tree fs.FS) (string, error) {
	found, err := engine.Discover(tree)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", errors.New("the tree has no package: name its folder by --dir")
	case len(found) > 1:
		return "", fmt.Errorf("the tree has several packages, %s: name one by --dir", strings.Join(found, ", "))
	}
	return found[0], nil
}

// needsDiff is what one version of a package has and the other has not.
type needsDiff struct {
	Imports change[string]     `json:"imports"`
	Asks    permissionsChange  `json:"asks"`
	Uses    change[interp.Use] `json:"uses"`
}

type change[T any] struct {
	Added   []T `json:"added"`
	Removed []T `json:"removed"`
}

type permissionsChange struct {
	Added   runtime.Permissions `json:"added"`
	Removed runtime.Permissions `json:"removed"`
}

func diffNeeds(old, fresh interp.Needs) needsDiff {
	same := func(a, b string) bool { return a == b }
	sameUse := func(a, b interp.Use) bool { return a.Symbol == b.Symbol }
	return needsDiff{
		Imports: change[string]{without(fresh.Imports, old.Imports, same), without(old.Imports, fresh.Imports, same)},
		Asks:    permissionsChange{beyond(fresh.Asks, old.Asks), beyond(old.Asks, fresh.Asks)},
		Uses:    change[interp.Use]{without(fresh.Uses, old.Uses, sameUse), without(old.Uses, fresh.Uses, sameUse)},
	}
}

// without returns what is in a list and not in another.
func without[T any](list, other []T, same func(a, b T) bool) []T {
	rest := []T{}
	for _, v := range list {
		if !slices.ContainsFunc(other, func(o T) bool { return same(v, o) }) {
			rest = append(rest, v)
		}
	}
	return rest
}

// beyond returns the permissions of p that q does not have, word for word.
func beyond(p, q runtime.Permissions) runtime.Permissions {
	only := func(list, other []string) []string {
		rest := without(list, other, func(a, b string) bool { return a == b })
		if len(rest) == 0 {
			return nil
		}
		return rest
	}
	return runtime.Permissions{
		Net: only(p.Net, q.Net), Read: only(p.Read, q.Read), Write: only(p.Write, q.Write), Env: only(p.Env, q.Env),
		Run: only(p.Run, q.Run), All: p.All && !q.All,
	}
}

func (a *app) printNeedsDiff(d needsDiff, output format) error {
	if output == formatJSON {
		return a.printJSON(d)
	}
	var rows [][]string
	for _, s := range []struct {
		sign    string
		imports []string
		asks    runtime.Permissions
		uses    []interp.Use
	}{{"+", d.Imports.Added, d.Asks.Added, d.Uses.Added}, {"-", d.Imports.Removed, d.Asks.Removed, d.Uses.Removed}} {
		for _, i := range s.imports {
			rows = append(rows, []string{s.sign, "imports", i, ""})
		}
		if list := permissionList(s.asks); list != noPermissions {
			rows = append(rows, []string{s.sign, "asks for", list, ""})
		}
		for _, u := range s.uses {
			rows = append(rows, []string{s.sign, "uses", u.Symbol, fmt.Sprintf("needs %s, %s:%d", u.Permission, u.File, u.Line)})
		}
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.stdout, "no difference")
		return nil
	}
	return a.printTable(rows)
}
