package guard

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// environment is what a package has changed of its own copy of the environment. Nobody else sees it.
type environment struct {
	mu      sync.RWMutex
	changed map[string]*string // nil for what is not set any more
	cleared bool
}

// envFuncs are the functions of package os for the environment.
func envFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os.Getenv":    g.getenv,
		"os.LookupEnv": g.lookupEnv,
		"os.Environ":   g.environ,
		"os.ExpandEnv": func(s string) string { return os.Expand(s, g.getenv) },
		"os.Setenv":    g.setenv,
		"os.Unsetenv":  g.unsetenv,
		"os.Clearenv":  g.clearenv,
	}
}

// homeFuncs are the functions of package os that find folders through the environment.
func homeFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os.TempDir":       g.tempDir,
		"os.UserHomeDir":   func() (string, error) { return g.userDir(os.UserHomeDir, "", "") },
		"os.UserCacheDir":  func() (string, error) { return g.userDir(os.UserCacheDir, "XDG_CACHE_HOME", ".cache") },
		"os.UserConfigDir": func() (string, error) { return g.userDir(os.UserConfigDir, "XDG_CONFIG_HOME", ".config") },
	}
}

func (g *Guard) getenv(name string) string {
	v, _ := g.lookupEnv(name)
	return v
}

// lookupEnv reads a variable that the package has set, or may read. Others are not set, as far as it can see.
func (g *Guard) lookupEnv(name string) (string, bool) {
	g.env.mu.RLock()
	defer g.env.mu.RUnlock()
	if v, ok := g.env.changed[name]; ok {
		if v == nil {
			return "", false
		}
		return *v, true
	}
	if g.env.cleared || !g.mayReadEnv(name) {
		return "", false
	}
	return os.LookupEnv(name)
}

func (g *Guard) mayReadEnv(name string) bool {
	return g.grants().allEnv || slices.Contains(g.Permissions.Env, name)
}

func (g *Guard) environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, changed := g.ownEnv(name)
		return changed || !g.mayReadEnv(name)
	})
	return append(env, g.setVariables()...)
}

// setVariables returns what the package has set of its environment.
func (g *Guard) setVariables() []string {
	g.env.mu.RLock()
	defer g.env.mu.RUnlock()
	var set []string
	for name, v := range g.env.changed {
		if v != nil {
			set = append(set, name+"="+*v)
		}
	}
	slices.Sort(set)
	return set
}

// ownEnv returns what the package has made of a variable; nil where it has removed it.
func (g *Guard) ownEnv(name string) (value *string, changed bool) {
	g.env.mu.RLock()
	defer g.env.mu.RUnlock()
	v, ok := g.env.changed[name]
	return v, ok || g.env.cleared
}

func (g *Guard) setenv(name, value string) error {
	if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
		return os.NewSyscallError("setenv", syscall.EINVAL)
	}
	g.changeEnv(name, &value)
	return nil
}

func (g *Guard) unsetenv(name string) error {
	g.changeEnv(name, nil)
	return nil
}

func (g *Guard) changeEnv(name string, value *string) {
	g.env.mu.Lock()
	defer g.env.mu.Unlock()
	if g.env.changed == nil {
		g.env.changed = make(map[string]*string)
	}
	g.env.changed[name] = value
}

func (g *Guard) clearenv() {
	g.env.mu.Lock()
	defer g.env.mu.Unlock()
	g.env.changed, g.env.cleared = nil, true
}

// envIsChanged reports whether the package has changed its environment.
func (g *Guard) envIsChanged() bool {
	g.env.mu.RLock()
	defer g.env.mu.RUnlock()
	return g.env.cleared || len(g.env.changed) > 0
}

// tempDir is os.TempDir, which needs no permission to read the environment: it tells no more than a path.
func (g *Guard) tempDir() string {
	if v, changed := g.ownEnv("TMPDIR"); changed && runtime.GOOS != "windows" {
		if v != nil && *v != "" {
			return *v
		}
		return "/tmp"
	}
	return os.TempDir()
}

// userDir finds a folder of the user's. The package may have set the variables that say where it is.
func (g *Guard) userDir(find func() (string, error), xdg, inHome string) (string, error) {
	home, homeChanged := g.ownEnv("HOME")
	dir, dirChanged := g.ownEnv(xdg)
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" && xdg != "" || !homeChanged && !dirChanged {
		return find()
	}
	if xdg != "" {
		value := os.Getenv(xdg)
		if dirChanged {
			value = text(dir)
		}
		switch {
		case value == "":
		case !filepath.IsAbs(value):
			return "", errors.New("path in $" + xdg + " is relative")
		default:
			return value, nil
		}
	}
	value := os.Getenv("HOME")
	if homeChanged {
		value = text(home)
	}
	switch {
	case value != "" && xdg == "":
		return value, nil
	case value != "":
		return value + "/" + inHome, nil
	case xdg != "":
		return "", errors.New("neither $" + xdg + " nor $HOME are defined")
	}
	return "", errors.New("$HOME is not defined")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
