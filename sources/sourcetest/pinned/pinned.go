// Package pinned finds the servers that tests run, and builds them where they are not there yet, of the versions that the module
// files in tools/ name.
//
//	gateway := pinned.Program{Name: "versitygw", Package: "github.com/versity/versitygw/cmd/versitygw", ModFile: "tools/go.mod"}
//	binary, err := gateway.Binary(ctx)
package pinned

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Program is a program that is built into bin.
type Program struct {
	// Name is that of its binary.
	Name string
	// Package is the import path of its main package.
	Package string
	// ModFile pins its version: a file of this module.
	ModFile string
	// Env is an environment variable that names another binary. Empty is none.
	Env string
}

// Find returns the path of the binary, and whether it is there.
func (p Program) Find() (binary string, ok bool) {
	if binary = p.other(); binary == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", false
		}
		binary = filepath.Join(root, "bin", p.Name)
	}
	info, err := os.Stat(binary)
	return binary, err == nil && info.Mode().IsRegular()
}

func (p Program) other() string {
	if p.Env == "" {
		return ""
	}
	return os.Getenv(p.Env)
}

// Binary returns what Find finds. Where it is not there, it is built first, which takes minutes; several processes that ask at
// the same time build it once.
func (p Program) Binary(ctx context.Context) (string, error) {
	binary, ok := p.Find()
	if ok || p.other() != "" {
		return binary, nil
	}
	if err := p.build(ctx, binary); err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	return binary, nil
}

func (p Program) build(ctx context.Context, binary string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return err
	}
	unlock, err := lockedfile.MutexAt(binary + ".lock").Lock()
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := p.Find(); ok {
		return nil
	}
	build := exec.CommandContext(ctx, "go", "build", "-modfile="+p.ModFile, "-o", binary, p.Package) //nolint:gosec // a path of our own
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// moduleRoot is the folder above this one that has a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the working folder")
		}
		dir = filepath.Dir(dir)
	}
}
