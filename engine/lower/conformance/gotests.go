package main

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// goTestGroup is the group of Go's own tests; the folder they are in follows, where they are in one.
const goTestGroup = "test"

// readGoTests reads Go's own programs that are run without arguments and whose output is compared: those whose first
// line is "// run", below dir, which is GOROOT/test where it is empty. As the driver of these tests has it, standard output
// and standard error together have to be what the .out file beside the program says, or nothing, and the status 0.
func readGoTests(dir string) ([]*program, error) {
	if dir == "" {
		root, err := goTests()
		if err != nil {
			return nil, err
		}
		dir = root
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var programs []*program
	err = filepath.WalkDir(abs, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && filepath.Ext(name) == ".dir" {
			return fs.SkipDir // the packages of a test that is run in another way
		}
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if first, _, _ := strings.Cut(string(src), "\n"); strings.TrimRight(first, "\r ") != "// run" {
			return nil
		}
		ctx := build.Default
		if match, err := ctx.MatchFile(filepath.Dir(name), filepath.Base(name)); err != nil || !match {
			return nil //nolint:nilerr // not for this machine
		}
		p := &program{dir: filepath.Dir(name), main: filepath.Base(name), cwd: abs, want: outcome{combined: true}}
		rel, err := filepath.Rel(abs, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		p.group, p.name = path.Join(goTestGroup, path.Dir(rel)), strings.TrimSuffix(path.Base(rel), ".go")
		p.want.stdout, err = os.ReadFile(strings.TrimSuffix(name, ".go") + ".out")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		programs = append(programs, p)
		return nil
	})
	sortPrograms(programs)
	return programs, err
}

// goTests returns the folder of Go's own tests, which some distributions of Go leave out.
func goTests() (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // it takes no time
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "test")
	_, err = os.Stat(dir)
	return dir, err
}

// importConfig writes a file that tells the compiler where the compiled standard library is, and returns the setting of
// the environment that Go's own tests find it by. Those that run the compiler need it.
func importConfig(ctx context.Context, dir string) (string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-export", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "std")
	config, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("list the compiled standard library: %w", err)
	}
	name := filepath.Join(dir, "importcfg")
	if err := os.WriteFile(name, config, 0o666); err != nil {
		return "", err
	}
	return "STDLIB_IMPORTCFG=" + name, nil
}
