package guard

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// tempFuncs are the functions that make files with names of their own.
func tempFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os.CreateTemp":      g.createTemp,
		"os.MkdirTemp":       g.mkdirTemp,
		"io/ioutil.TempFile": g.createTemp,
		"io/ioutil.TempDir":  g.mkdirTemp,
	}
}

// maxTries bounds the names that are tried.
const maxTries = 10000

func (g *Guard) createTemp(dir, pattern string) (*os.File, error) {
	prefix, suffix, err := g.affixes(dir, pattern)
	if err != nil {
		return nil, &fs.PathError{Op: "createtemp", Path: pattern, Err: err}
	}
	for range maxTries {
		f, err := g.openFile(prefix+random()+suffix, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if !os.IsExist(err) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "createtemp", Path: prefix + "*" + suffix, Err: fs.ErrExist}
}

func (g *Guard) mkdirTemp(dir, pattern string) (string, error) {
	prefix, suffix, err := g.affixes(dir, pattern)
	if err != nil {
		return "", &fs.PathError{Op: "mkdirtemp", Path: pattern, Err: err}
	}
	for range maxTries {
		name := prefix + random() + suffix
		err := g.mkdir(name, 0o700)
		if err == nil {
			return name, nil
		}
		if !os.IsExist(err) {
			return "", err
		}
	}
	return "", &fs.PathError{Op: "mkdirtemp", Path: prefix + "*" + suffix, Err: fs.ErrExist}
}

// affixes returns what stands around the random part of a path.
func (g *Guard) affixes(dir, pattern string) (prefix, suffix string, err error) {
	if dir == "" {
		dir = g.tempDir()
	}
	for i := range len(pattern) {
		if os.IsPathSeparator(pattern[i]) {
			return "", "", errors.New("pattern contains path separator")
		}
	}
	prefix = pattern
	if at := strings.LastIndexByte(pattern, '*'); at >= 0 {
		prefix, suffix = pattern[:at], pattern[at+1:]
	}
	return joined(dir, prefix), suffix, nil
}

func random() string { return strconv.FormatUint(uint64(rand.Uint32()), 10) }
