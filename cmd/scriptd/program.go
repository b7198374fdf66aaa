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
func programMain(args []string) int {
	status, err := runProgram(args)
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
	if len(args) < 2 {
		return 0, errors.New("no program to run")
	}
	var granted runtime.Permissions
	if err := json.Unmarshal([]byte(args[0]), &granted); err != nil {
		return 0, fmt.Errorf("decode permissions: %w", err)
	}
	name := args[1]
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	dir, files := name, []string(nil)
	if !info.IsDir() {
		dir, files = filepath.Dir(name), []string{filepath.Base(name)}
	}
	root, rel, err := treeRoot(dir)
	if err != nil {
		return 0, err
	}
	status, err := interp.New().Exec(context.Background(), interp.Program{
		Tree: os.DirFS(root), Dir: rel, Files: files, Args: args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Permissions: granted,
	})
	return status, located(root, err)
}
