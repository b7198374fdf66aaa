package guard

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// walkFuncs are the functions of package path/filepath that read folders.
func walkFuncs(g *Guard) map[string]any {
	return map[string]any{
		"path/filepath.Walk":         g.walk,
		"path/filepath.WalkDir":      g.walkDir,
		"path/filepath.Glob":         func(pattern string) ([]string, error) { return g.glob(pattern, 0) },
		"path/filepath.EvalSymlinks": g.evalSymlinks,
	}
}

func (g *Guard) walkDir(root string, fn fs.WalkDirFunc) error {
	info, err := g.lstat(root)
	if err != nil {
		return ended(fn(root, nil, err))
	}
	return ended(g.walkEntry(root, fs.FileInfoToDirEntry(info), fn))
}

// ended returns the error of a walk that a function may have ended on purpose.
func ended(err error) error {
	if err == fs.SkipDir || err == fs.SkipAll { //nolint:errorlint // as the functions compare it
		return nil
	}
	return err
}

func (g *Guard) walkEntry(path string, d fs.DirEntry, fn fs.WalkDirFunc) error {
	if err := fn(path, d, nil); err != nil || !d.IsDir() {
		return skipped(err, d.IsDir())
	}
	entries, err := g.readDir(path)
	if err != nil {
		if err := fn(path, d, err); err != nil {
			return skipped(err, true)
		}
	}
	for _, entry := range entries {
		err := g.walkEntry(filepath.Join(path, entry.Name()), entry, fn)
		if err == fs.SkipDir { //nolint:errorlint // see ended
			break
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// skipped is nil where a function said that a folder is to be skipped.
func skipped(err error, isDir bool) error {
	if err == fs.SkipDir && isDir { //nolint:errorlint // see ended
		return nil
	}
	return err
}

func (g *Guard) walk(root string, fn filepath.WalkFunc) error {
	info, err := g.lstat(root)
	if err != nil {
		return ended(fn(root, nil, err))
	}
	return ended(g.walkInfo(root, info, fn))
}

func (g *Guard) walkInfo(path string, info fs.FileInfo, fn filepath.WalkFunc) error {
	if !info.IsDir() {
		return fn(path, info, nil)
	}
	names, readErr := g.readNames(path)
	if err := fn(path, info, readErr); err != nil || readErr != nil {
		return err
	}
	for _, name := range names {
		inner := filepath.Join(path, name)
		info, err := g.lstat(inner)
		if err != nil {
			err = skipped(fn(inner, nil, err), true)
		} else {
			err = skipped(g.walkInfo(inner, info, fn), info.IsDir())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *Guard) readNames(dir string) ([]string, error) {
	f, err := g.open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}

// maxGlobDepth bounds the elements of a pattern.
const maxGlobDepth = 10000

// glob is filepath.Glob. That a folder may not be read is an error here: other errors leave nothing to match.
func (g *Guard) glob(pattern string, depth int) ([]string, error) {
	if _, err := filepath.Match(pattern, ""); err != nil || depth == maxGlobDepth {
		return nil, filepath.ErrBadPattern
	}
	if !isPattern(pattern) {
		if _, err := g.lstat(pattern); err != nil {
			return nil, deniedOnly(err)
		}
		return []string{pattern}, nil
	}
	volume := filepath.VolumeName(pattern)
	dir, file := filepath.Split(pattern)
	switch rest := dir[len(volume):]; {
	case rest == "" && volume == "":
		dir = "."
	case rest == "":
		dir += "."
	case len(rest) > 1:
		dir = dir[:len(dir)-1]
	}
	if dir == pattern {
		return nil, filepath.ErrBadPattern
	}
	dirs := []string{dir}
	if isPattern(dir[len(volume):]) {
		var err error
		if dirs, err = g.glob(dir, depth+1); err != nil {
			return nil, err
		}
	}
	var matches []string
	for _, d := range dirs {
		names, err := g.readNames(d)
		if err := deniedOnly(err); err != nil {
			return matches, err
		}
		for _, name := range names {
			if ok, err := filepath.Match(file, name); err != nil {
				return matches, err
			} else if ok {
				matches = append(matches, filepath.Join(d, name))
			}
		}
	}
	return matches, nil
}

func isPattern(path string) bool {
	if os.PathSeparator == '\\' {
		return strings.ContainsAny(path, `*?[`)
	}
	return strings.ContainsAny(path, `*?[\`)
}

// deniedOnly returns an error where it is one about permissions of the package.
func deniedOnly(err error) error {
	if e, ok := err.(*fs.PathError); ok { //nolint:errorlint // it is made here
		if _, ok := e.Err.(*Denied); ok { //nolint:errorlint // and this one too
			return err
		}
	}
	return nil
}
