package main

import (
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
		root, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // it takes no time
		if err != nil {
			return nil, fmt.Errorf("go env GOROOT: %w", err)
		}
		dir = filepath.Join(strings.TrimSpace(string(root)), "test")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var programs []*program
	err = filepath.WalkDir(abs, func(name string, d fs.DirEntry, err error) error {
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
		p := &program{dir: filepath.Dir(name), main: filepath.Base(name), want: outcome{combined: true}}
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
