package guard

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// maxEvaluated bounds the links of a path.
const maxEvaluated = 255

// evalSymlinks is filepath.EvalSymlinks. What leads to a granted folder is looked at too, since the result begins with it.
func (g *Guard) evalSymlinks(path string) (string, error) {
	if runtime.GOOS == "windows" {
		if _, err := g.lstat(path); err != nil {
			return "", err
		}
		found, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", err
		}
		_, err = g.lstat(found)
		return found, err
	}
	const slash = "/"
	found, rest, links := "", path, 0
	if strings.HasPrefix(rest, slash) {
		found = slash
	}
	for rest != "" {
		name, after, more := strings.Cut(rest, slash)
		rest = after
		switch {
		case name == "" || name == ".":
			continue
		case name == ".." && (found == "" || filepath.Base(found) == ".."):
			found = filepath.Join(found, "..")
			continue
		case name == "..":
			if found = filepath.Dir(found); found == "." {
				found = ""
			}
			continue
		}
		next := filepath.Join(found, name)
		info, err := g.lstatOnTheWay(next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if !info.IsDir() && more {
				return "", syscall.ENOTDIR
			}
			found = next
			continue
		}
		if links++; links > maxEvaluated {
			return "", errors.New("EvalSymlinks: too many links")
		}
		target, err := g.readlinkOnTheWay(next)
		if err != nil {
			return "", err
		}
		if more {
			target += slash + rest
		}
		if strings.HasPrefix(target, slash) {
			found = slash
		}
		rest = target
	}
	return filepath.Clean(found), nil
}

func (g *Guard) lstatOnTheWay(path string) (fs.FileInfo, error) {
	if g.leadsToGrant(path) {
		return os.Lstat(path)
	}
	return g.lstat(path)
}

func (g *Guard) readlinkOnTheWay(path string) (string, error) {
	if g.leadsToGrant(path) {
		return os.Readlink(path)
	}
	return g.readlink(path)
}

// leadsToGrant reports whether a path is one of the folders above what may be read.
func (g *Guard) leadsToGrant(path string) bool {
	raw, err := absolute(path)
	if err != nil {
		return false
	}
	path = filepath.Clean(raw)
	gr := g.grants()
	for _, granted := range gr.read {
		if below(granted, path) && cover(gr.write, path, g.Program) == "" {
			return true
		}
	}
	return false
}
