package guard

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols"
)

// mayRun returns the absolute path of a program that is started in a folder, and whether it may be: the path is that of a
// grant, or that of the program of a grant's name.
func (g *Guard) mayRun(path, dir string) (string, error) {
	found := path
	if !filepath.IsAbs(found) {
		found = filepath.Join(dir, found)
	}
	found, err := filepath.Abs(found)
	if err != nil {
		return "", err
	}
	if g.grants().allRun || slices.ContainsFunc(g.Permissions.Run, func(grant string) bool { return isProgram(grant, found) }) {
		return found, nil
	}
	return "", g.denied(symbols.Run, path)
}

// isProgram reports whether a path is that of a granted program.
func isProgram(grant, path string) bool {
	if !strings.ContainsRune(grant, filepath.Separator) && !strings.Contains(grant, "/") {
		found, err := exec.LookPath(grant)
		if err != nil {
			return false
		}
		grant = found
	}
	grant, err := filepath.Abs(grant)
	return err == nil && grant == path
}

// lookPath is exec.LookPath. It does not tell whether there are programs that are not granted.
func (g *Guard) lookPath(name string) (string, error) {
	found, err := exec.LookPath(name)
	if g.grants().allRun || slices.Contains(g.Permissions.Run, name) {
		return found, err
	}
	if err == nil {
		if _, err := g.mayRun(found, ""); err == nil {
			return found, nil
		}
	}
	return "", &exec.Error{Name: name, Err: g.denied(symbols.Run, name)}
}

// programEnv is the environment of a program that is given none: what the package may read of its own.
func (g *Guard) programEnv(dir string) []string {
	var env []string
	switch {
	case g.Program:
		env = g.overlaid(os.Environ())
	case g.Permissions.All:
		env = g.environ()
	default:
		env = slices.DeleteFunc(g.environ(), func(entry string) bool {
			name, _, _ := strings.Cut(entry, "=")
			return !g.mayReadEnv(name)
		})
	}
	if dir != "" && filepath.Separator == '/' {
		if pwd, err := filepath.Abs(dir); err == nil {
			env = append(env, "PWD="+pwd)
		}
	}
	if env == nil {
		env = []string{}
	}
	return env
}

// overlaid returns an environment with what the package has changed of it.
func (g *Guard) overlaid(env []string) []string {
	env = slices.DeleteFunc(env, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, changed := g.ownEnv(name)
		return changed
	})
	return append(env, g.setVariables()...)
}

// checkedEnv returns the environment that a program is given, if the package may give it: variables decide on what many programs
// do, and on what is loaded into them.
func (g *Guard) checkedEnv(env []string, dir string) ([]string, error) {
	if env == nil {
		return g.programEnv(dir), nil
	}
	env = slices.Clone(env)
	if g.Permissions.All || g.Program {
		return env, nil
	}
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if name != "" && name != "PWD" && !g.mayReadEnv(name) {
			return nil, g.denied(symbols.Env, name)
		}
	}
	return env, nil
}

// mayControl reports whether a package may do with a program what only the system's own attributes say.
func (g *Guard) mayControl(hasAttributes bool) error {
	if hasAttributes && !g.Permissions.All && !g.Program {
		return g.denied(symbols.All, "")
	}
	return nil
}
