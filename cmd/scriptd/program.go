package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

// programMain is main in the process of a program: exec's child. It starts no goroutine and handles no signal, so that
// signals and deadlocks end the program as they would a compiled one.
func programMain(args []string, do func(args []string) (int, error)) int {
	status, err := do(args)
	problems, ok := errors.AsType[runtime.Problems](err)
	switch {
	case err == nil:
		return status
	case !ok:
		fmt.Fprintln(os.Stderr, "scriptd:", err)
		return exitInternal
	}
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if interp.IsRefusal(err) {
		return exitSource
	}
	return exitFailed
}

// runProgram runs a program as this process.
func runProgram(args []string) (int, error) {
	p, root, err := programOf(args)
	if err != nil {
		return 0, err
	}
	status, err := interp.New().Exec(context.Background(), p)
	return status, located(root, err)
}

// printLowered prints what the interpreter is given of a program.
func printLowered(args []string) (int, error) {
	p, root, err := programOf(args)
	if err != nil {
		return 0, err
	}
	text, err := interp.New().Lowered(p)
	if err != nil {
		return 0, located(root, err)
	}
	_, err = os.Stdout.Write(text)
	return 0, err
}

// programOf returns the program that arguments tell of, and the folder that its files are named from.
func programOf(args []string) (p interp.Program, root string, err error) {
	if len(args) < 2 {
		return p, "", errors.New("no program to run")
	}
	var granted runtime.Permissions
	if err := json.Unmarshal([]byte(args[0]), &granted); err != nil {
		return p, "", fmt.Errorf("decode permissions: %w", err)
	}
	name := args[1]
	info, err := os.Stat(name)
	if err != nil {
		return p, "", err
	}
	dir, files := name, []string(nil)
	if !info.IsDir() {
		dir, files = filepath.Dir(name), []string{filepath.Base(name)}
	}
	root, rel, err := treeRoot(dir)
	if err != nil {
		return p, "", err
	}
	return interp.Program{
		Tree: os.DirFS(root), Dir: rel, Files: files, Args: args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Permissions: granted,
	}, root, nil
}
