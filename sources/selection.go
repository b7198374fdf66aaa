package sources

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// IgnoreName is the name of a file with patterns, in the syntax of gitignore, of what beside and below it is left out of
// the tree.
const IgnoreName = ".scriptdignore"

// Selection says which of an origin's files make the tree. Patterns are those of gitignore, relative to Dir: *.go anywhere,
// /a/*.go in that folder, docs/ a folder with all that it has, **/testdata/ at any depth. A pattern that begins with !
// takes back what an earlier one says, but not below a folder.
type Selection struct {
	// Dir is a folder of the origin, slash-separated. Only files below it are taken, with paths relative to it. Empty,
	// and ".", are all files.
	Dir string
	// Include are patterns of what is taken; none is all.
	Include []string
	// Exclude are patterns of what is left out, included or not.
	Exclude []string
}

// Check returns what is wrong with the selection, nil for nothing. The error is of kind Misconfigured.
func (s Selection) Check() error {
	_, err := s.compile()
	return err
}

// selector is a Selection that holds.
type selector struct {
	dir              string
	include, exclude patterns
}

func (s Selection) compile() (selector, error) {
	dir, err := cleanDir(s.Dir)
	if err != nil {
		return selector{}, Fail(Misconfigured, err, "dir %q", s.Dir)
	}
	sel := selector{dir: dir}
	if sel.include, err = parsePatterns(s.Include, nil); err != nil {
		return selector{}, Fail(Misconfigured, err, "include")
	}
	if sel.exclude, err = parsePatterns(s.Exclude, nil); err != nil {
		return selector{}, Fail(Misconfigured, err, "exclude")
	}
	return sel, nil
}

// takes reports whether a file, by its path from dir, is selected.
func (s selector) takes(in string) bool {
	return (len(s.include) == 0 || s.include.match(in, false)) && !s.exclude.match(in, false)
}

// mayTakeBelow reports whether a file below a folder may be selected.
func (s selector) mayTakeBelow(in string) bool { return !s.exclude.match(in, true) }

const (
	// maxPatterns bounds those of a Selection, and those of all ignore files of a tree: each file is held against each.
	maxPatterns = 256
	// maxPattern bounds the bytes of one, and maxIgnoreFile those of an ignore file.
	maxPattern    = 1024
	maxIgnoreFile = 64 << 10
)

// patterns are those of a list, or of several ignore files, the last of which counts most.
type patterns []pattern

type pattern struct {
	gitignore.Pattern
	folder []string // of the file that it is in
	simple bool     // it means a name, in any folder
	below  bool     // it means all that is below a folder, at any depth
}

// matches is Match for a path alone: the library takes what is below a match for a match, too, but that was decided when
// it was the folder's turn.
func (p pattern) matches(elements []string, isDir bool) gitignore.MatchResult {
	last := len(elements) - 1
	switch {
	case p.simple && (last < len(p.folder) || !slices.Equal(elements[:len(p.folder)], p.folder)):
		return gitignore.NoMatch
	case p.simple:
		return p.Match(append(slices.Clip(p.folder), elements[last]), isDir)
	case !p.below && p.Match(elements[:last], true) != gitignore.NoMatch:
		return gitignore.NoMatch
	}
	return p.Match(elements, isDir)
}

// parsePatterns parses the patterns of a list, or of a file in the folder with these elements.
func parsePatterns(lines, folder []string) (patterns, error) {
	if len(lines) > maxPatterns {
		return nil, fmt.Errorf("there are more than %d patterns", maxPatterns)
	}
	ps := make(patterns, 0, len(lines))
	for _, line := range lines {
		p, err := parsePattern(line, folder)
		if err != nil {
			return nil, fmt.Errorf("pattern %s: %w", show(line), err)
		}
		ps = append(ps, p)
	}
	return ps, nil
}

func parsePattern(line string, folder []string) (pattern, error) {
	switch bare := strings.Trim(line, "!/ "); {
	case len(line) > maxPattern:
		return pattern{}, fmt.Errorf("it has more than %d bytes", maxPattern)
	case bare == "":
		return pattern{}, errors.New("it is empty")
	case !utf8.ValidString(line):
		return pattern{}, errors.New("it is not valid UTF-8")
	}
	// The library knows [^a] only, which means the same, and takes no ** within a name, where it means *.
	line = strings.ReplaceAll(line, "[!", "[^")
	for elem := range strings.SplitSeq(line, "/") {
		if name := strings.TrimPrefix(elem, "!"); name != "**" && strings.Contains(name, "**") {
			return pattern{}, errors.New("** stands for folders, and alone between slashes")
		}
		if _, err := path.Match(elem, ""); err != nil {
			return pattern{}, errors.New("it has brackets or a backslash that do not hold")
		}
	}
	below := strings.HasSuffix(line, "/**")
	if below {
		line += "/*" // the library takes the folder itself for a match
	}
	simple := !strings.Contains(strings.TrimSuffix(strings.TrimRight(line, " "), "/"), "/")
	return pattern{gitignore.ParsePattern(line, folder), folder, simple, below}, nil
}

// match reports whether the patterns match a path, or a folder that it is in.
func (ps patterns) match(name string, isDir bool) bool {
	if len(ps) == 0 {
		return false
	}
	elements := strings.Split(name, "/")
	for n := 1; n <= len(elements); n++ {
		if ps.matchOne(elements[:n], isDir || n < len(elements)) {
			return true
		}
	}
	return false
}

func (ps patterns) matchOne(elements []string, isDir bool) bool {
	for _, p := range slices.Backward(ps) {
		result := p.matches(elements, isDir)
		if result == gitignore.NoMatch {
			continue
		}
		return result == gitignore.Exclude
	}
	return false
}

// ignore drops what the ignore files among files leave out. Those themselves stay.
func ignore(files map[string]*file) error {
	var ps patterns
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Base(name) != IgnoreName {
			continue
		}
		var folder []string
		if dir := path.Dir(name); dir != "." {
			folder = strings.Split(dir, "/")
		}
		more, err := parseIgnoreFile(files[name].data, folder)
		if err != nil {
			return Fail(Refused, err, "file %s", show(name))
		}
		if ps = append(ps, more...); len(ps) > maxPatterns {
			return Fail(Refused, fmt.Errorf("there are more than %d patterns in files of this name", maxPatterns), "file %s", show(name))
		}
	}
	for name := range files {
		if path.Base(name) != IgnoreName && ps.match(name, false) {
			delete(files, name)
		}
	}
	return nil
}

func parseIgnoreFile(data []byte, folder []string) (patterns, error) {
	if len(data) > maxIgnoreFile {
		return nil, fmt.Errorf("it has more than %d bytes", maxIgnoreFile)
	}
	var lines []string
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) != "" && !strings.HasPrefix(text, "#") {
			lines = append(lines, text)
		}
	}
	return parsePatterns(lines, folder)
}
