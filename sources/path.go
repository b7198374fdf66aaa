package sources

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsVCS reports whether the slash-separated path is, or lies in, a folder in which a version control system keeps its
// own files: .git, .hg, .svn, .bzr, .jj. A Tree leaves these out without a word; a source need not read them.
func IsVCS(name string) bool {
	for elem := range strings.SplitSeq(name, "/") {
		switch elem {
		case ".git", ".hg", ".svn", ".bzr", ".jj":
			return true
		}
	}
	return false
}

// checkPath returns what is wrong with the slash-separated path of a file in a tree.
func checkPath(name string, l Limits) error {
	switch {
	case name == "":
		return errors.New("the path is empty")
	case len(name) > l.PathBytes:
		return fmt.Errorf("the path has %d bytes, the limit is %d", len(name), l.PathBytes)
	case !utf8.ValidString(name):
		return errors.New("the path is not valid UTF-8")
	case strings.HasPrefix(name, "/"):
		return errors.New("the path is absolute")
	case strings.Contains(name, `\`):
		return errors.New("the path has a backslash")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the path has a control character")
	}
	depth := 0
	for elem := range strings.SplitSeq(name, "/") {
		depth++
		if err := checkElement(elem); err != nil {
			return err
		}
	}
	if depth > l.Depth {
		return fmt.Errorf("the path has %d elements, the limit is %d", depth, l.Depth)
	}
	return nil
}

func checkElement(elem string) error {
	switch elem {
	case "":
		return errors.New("the path has an empty element")
	case ".", "..":
		return fmt.Errorf("the path has an element %q", elem)
	}
	if elem != ".git" && looksLikeGit(elem) {
		return fmt.Errorf("the path has an element %q, which some file systems take for .git", elem)
	}
	return nil
}

// looksLikeGit reports whether elem is .git to a file system that folds case (macOS, Windows), ignores invisible
// characters (macOS), or knows trailing dots and spaces, streams and short names (Windows).
func looksLikeGit(elem string) bool {
	elem = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, elem)
	elem, _, _ = strings.Cut(elem, ":")
	elem = strings.TrimRight(elem, ". ")
	if short, ok := strings.CutPrefix(elem, "git~"); ok {
		return short != "" && strings.Trim(short, "0123456789") == ""
	}
	return elem == ".git"
}

// cleanDir returns the folder that a Selection names, "." for all.
func cleanDir(dir string) (string, error) {
	clean := path.Clean(strings.ReplaceAll(dir, `\`, "/"))
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", fmt.Errorf("the folder is not within the origin's files")
	}
	return clean, nil
}
