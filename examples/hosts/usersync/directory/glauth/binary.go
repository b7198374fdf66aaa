package glauth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

const module = "github.com/glauth/glauth/v2"

// Find returns the path of the server's binary, bin/glauth in this module, and whether it is there.
func Find() (binary string, ok bool) {
	root, err := moduleRoot()
	if err != nil {
		return "", false
	}
	binary = filepath.Join(root, "bin", "glauth")
	info, err := os.Stat(binary)
	return binary, err == nil && info.Mode().IsRegular()
}

// Binary returns what Find finds. Where it is not there, it is built first, of the version that tools/glauth.mod pins. That
// takes minutes; several processes that ask at the same time build it once.
func Binary(ctx context.Context) (string, error) {
	binary, ok := Find()
	if ok {
		return binary, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", fmt.Errorf("build glauth: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", fmt.Errorf("build glauth: %w", err)
	}
	unlock, err := lockedfile.MutexAt(binary + ".lock").Lock()
	if err != nil {
		return "", fmt.Errorf("build glauth: %w", err)
	}
	defer unlock()
	if _, ok := Find(); ok {
		return binary, nil
	}
	build := exec.CommandContext(ctx, "go", "build", "-modfile=tools/glauth.mod", "-o", binary, module) //nolint:gosec // a path of our own
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build glauth: %w\n%s", err, out)
	}
	return binary, nil
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
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the working folder")
		}
		dir = filepath.Dir(dir)
	}
}
