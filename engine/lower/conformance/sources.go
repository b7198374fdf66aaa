package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"
)

// readTestdata reads programs that are archives GROUP/NAME.txtar.
func readTestdata(dir string) ([]*program, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*", "*.txtar"))
	if err != nil {
		return nil, err
	}
	programs := make([]*program, 0, len(names))
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			return nil, err
		}
		files := make(map[string][]byte)
		for _, f := range archive.Files {
			files[f.Name] = f.Data
		}
		group := filepath.Base(filepath.Dir(name))
		p, err := newProgram(group, strings.TrimSuffix(filepath.Base(name), ".txtar"), files)
		if err != nil {
			return nil, err
		}
		programs = append(programs, p)
	}
	sortPrograms(programs)
	return programs, nil
}

// readFolders reads programs that are folders with a want.txt: below dir, or dir itself.
func readFolders(dir string) ([]*program, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var programs []*program
	err = filepath.WalkDir(abs, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != wantFile {
			return err
		}
		at := filepath.Dir(name)
		files, err := readDir(at)
		if err != nil {
			return err
		}
		p, err := newProgram(filepath.Base(filepath.Dir(at)), filepath.Base(at), files)
		if err != nil {
			return err
		}
		programs = append(programs, p)
		return nil
	})
	sortPrograms(programs)
	return programs, err
}

// hasPrograms reports whether there are folders with a want.txt below dir.
func hasPrograms(dir string) (bool, error) {
	found := false
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == wantFile {
			found = true
			return fs.SkipAll
		}
		return err
	})
	return found, err
}

// readFile makes a program of one file, or of a folder that is a package main, with no expectation of it. What it does
// is found out by go run.
func readFile(name string) (*program, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	p := &program{group: path.Base(filepath.ToSlash(filepath.Dir(abs))), name: filepath.Base(abs), dir: abs}
	if !info.IsDir() {
		p.dir, p.main = filepath.Dir(abs), filepath.Base(abs)
	}
	return p, nil
}

// read reads what an argument of the command line names: goroot, a folder of archives, a folder of programs with their
// want.txt, Go's own tests, or one program.
func read(arg string) (programs []*program, reference bool, err error) {
	if arg == "goroot" {
		programs, err = readGoTests("")
		return programs, false, err
	}
	if archives, err := filepath.Glob(filepath.Join(arg, "*", "*.txtar")); err != nil || len(archives) > 0 {
		programs, err = readTestdata(arg)
		return programs, false, err
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, false, err
	}
	if info.IsDir() {
		if found, err := hasPrograms(arg); err != nil || found {
			programs, err = readFolders(arg)
			return programs, false, err
		}
		if programs, err = readGoTests(arg); err != nil || len(programs) > 0 {
			return programs, false, err
		}
		own, err := filepath.Glob(filepath.Join(arg, "*.go"))
		if err != nil {
			return nil, false, err
		}
		if len(own) == 0 {
			return readEach(arg)
		}
	}
	p, err := readFile(arg)
	return []*program{p}, true, err
}

// readEach makes a program of each folder in dir.
func readEach(dir string) (programs []*program, reference bool, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, false, err
	}
	for _, e := range entries {
		sub := filepath.Join(dir, e.Name())
		if own, _ := filepath.Glob(filepath.Join(sub, "*.go")); len(own) == 0 {
			continue
		}
		p, err := readFile(sub)
		if err != nil {
			return nil, false, err
		}
		programs = append(programs, p)
	}
	if len(programs) == 0 {
		return nil, false, fmt.Errorf("%s: %w", dir, errNoPrograms)
	}
	return programs, true, nil
}

var errNoPrograms = errors.New("no programs there")
