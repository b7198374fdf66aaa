package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
	"github.com/traefik/yaegi/stdlib/syscall"
	"github.com/traefik/yaegi/stdlib/unrestricted"
	"github.com/traefik/yaegi/stdlib/unsafe"
)

// yaegiVerb is the hidden verb of the process in which yaegi runs a program.
const yaegiVerb = "yaegi@program"

// yaegiRefused is its exit status for a program that yaegi does not compile.
const yaegiRefused = 65

// yaegiMain runs a program with yaegi and all of its symbols, as yaegi run -syscall -unsafe -unrestricted does.
func yaegiMain(args []string) int {
	os.Args = args
	goPath, target, err := yaegiGoPath(args[0]) // the folder is left to the system's cleaning: a program may exit
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return scriptdInternal
	}
	i := interp.New(interp.Options{Unrestricted: true, GoPath: goPath, Args: args})
	for _, symbols := range []interp.Exports{
		stdlib.Symbols, interp.Symbols, unrestricted.Symbols, syscall.Symbols, unsafe.Symbols,
	} {
		if err := i.Use(symbols); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return scriptdInternal
		}
	}
	_, err = i.EvalPath(target)
	panicked, ok := errors.AsType[interp.Panic](err)
	switch {
	case err == nil:
		return 0
	case ok:
		fmt.Fprintf(os.Stderr, "panic: %v\n", panicked.Value)
		return panicStatus
	default:
		fmt.Fprintln(os.Stderr, err)
		return yaegiRefused
	}
}

// yaegiGoPath makes a GOPATH for a program that is more than a file, as yaegi knows no modules, and returns it with what
// is to be evaluated.
func yaegiGoPath(target string) (goPath, eval string, err error) {
	info, err := os.Stat(target)
	if err != nil || !info.IsDir() {
		return "", target, err
	}
	data, noModule := os.ReadFile(filepath.Join(target, "go.mod"))
	sources, err := filepath.Glob(filepath.Join(target, "*.go"))
	if err != nil || noModule != nil && len(sources) == 1 {
		return "", sources[0], err
	}
	module := "program"
	if noModule == nil {
		for line := range strings.Lines(string(data)) {
			if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "module" {
				module = fields[1]
			}
		}
	}
	goPath, err = os.MkdirTemp("", "gopath-")
	if err != nil {
		return "", "", err
	}
	at := filepath.Join(goPath, "src", filepath.FromSlash(module))
	if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
		return "", "", err
	}
	return goPath, module, os.CopyFS(at, os.DirFS(target))
}
