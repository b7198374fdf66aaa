package check

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// embedded returns the files that a go:embed pattern means, by names relative to the package's folder, by the rules of
// the go command. The problem, if any, is that of the pattern.
func embedded(tree fs.FS, dir, pattern string) (names []string, problem string, err error) {
	glob, all := strings.CutPrefix(pattern, "all:")
	if !isPattern(glob) {
		return nil, "invalid pattern syntax", nil
	}
	// Matched in the folder, so that its own name is no pattern.
	folder, err := fs.Sub(tree, dir)
	if err != nil {
		return nil, "", err
	}
	matches, err := fs.Glob(folder, glob)
	if err != nil {
		return nil, "", err
	}
	e := embedder{folder: folder, all: all}
	for _, name := range matches {
		if problem, err := e.add(name); problem != "" || err != nil {
			return nil, problem, err
		}
	}
	if len(e.names) == 0 {
		return nil, "no matching files found", nil
	}
	slices.Sort(e.names)
	return slices.Compact(e.names), "", nil
}

// isPattern reports whether a pattern may follow a go:embed, the prefix all: aside.
func isPattern(glob string) bool {
	_, err := path.Match(glob, "")
	return err == nil && glob != "." && fs.ValidPath(glob)
}

// embedder collects the files of one pattern.
type embedder struct {
	folder fs.FS
	all    bool // hidden files of folders, too
	names  []string
}

// add adds a file, or the files under a folder, that the pattern matches itself.
func (e *embedder) add(name string) (problem string, err error) {
	info, err := fs.Stat(e.folder, name)
	if err != nil {
		return "", err
	}
	what := "file"
	if info.IsDir() {
		what = "directory"
	}
	for at := name; at != "."; at = path.Dir(at) {
		if isModule(e.folder, at) {
			return "cannot embed " + what + " " + name + ": in different module", nil
		}
		switch base := path.Base(at); {
		case !isBadName(base):
		case at == name:
			return "cannot embed " + what + " " + name + ": invalid name " + base, nil
		default:
			return "cannot embed " + what + " " + name + ": in invalid directory " + base, nil
		}
	}
	switch {
	case info.Mode().IsRegular():
		e.names = append(e.names, name)
		return "", nil
	case !info.IsDir():
		return "cannot embed irregular file " + name, nil
	}
	before := len(e.names)
	problem, err = e.walk(name)
	if problem == "" && err == nil && len(e.names) == before {
		problem = "cannot embed directory " + name + ": contains no embeddable files"
	}
	return problem, err
}

// walk adds the files under a folder, up to where another module begins.
func (e *embedder) walk(dir string) (problem string, err error) {
	err = fs.WalkDir(e.folder, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		base := d.Name()
		hidden := base[0] == '.' || base[0] == '_'
		switch bad := isBadName(base); {
		case d.IsDir() && (bad || hidden && !e.all || isModule(e.folder, name)):
			return fs.SkipDir
		case d.IsDir(), hidden && (bad || !e.all):
		case bad:
			problem = "cannot embed file " + name + ": invalid name " + base
			return fs.SkipAll
		case d.Type().IsRegular():
			e.names = append(e.names, name)
		}
		return nil
	})
	return problem, err
}

// isModule reports whether a folder is the root of a module.
func isModule(tree fs.FS, dir string) bool {
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil
}

// isBadName reports whether a file or folder of that name is never a part of a module.
func isBadName(name string) bool {
	switch name {
	case ".bzr", ".hg", ".git", ".svn":
		return true
	}
	stem, _, _ := strings.Cut(name, ".")
	return name == "" || name[len(name)-1] == '.' || strings.ContainsFunc(name, isBadRune) ||
		slices.Contains(badStems, strings.ToUpper(stem))
}

func isBadRune(r rune) bool {
	if r >= utf8.RuneSelf {
		return !unicode.IsLetter(r)
	}
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("!#$%&()+,-.=@[]^_{}~ ", r)
}

// badStems are names that Windows keeps for itself.
var badStems = strings.Fields("CON PRN AUX NUL COM1 COM2 COM3 COM4 COM5 COM6 COM7 COM8 COM9 LPT1 LPT2 LPT3 LPT4 LPT5 LPT6 LPT7 LPT8 LPT9")
