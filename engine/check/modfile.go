package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/version"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// unstatedLanguage is the version of the language in a module whose go.mod does not state one.
const unstatedLanguage = "go1.16"

// parseModFile returns the module path and the version of the language that a go.mod states.
func parseModFile(name string, data []byte) (module, language string, err error) {
	language = unstatedLanguage
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "//")
		fields := strings.Fields(line)
		if len(fields) != 2 {
			continue
		}
		switch fields[0] {
		case "module":
			module = fields[1]
			if unquoted, err := strconv.Unquote(module); err == nil {
				module = unquoted
			}
		case "go":
			language = version.Lang("go" + fields[1])
			problem := ""
			if language == "" {
				problem = fmt.Sprintf("invalid go version '%s': must match format 1.23.0", fields[1])
			} else if version.Compare(language, LanguageVersion) > 0 {
				problem = fmt.Sprintf("go.mod requires go >= %s (plugins are run as %s)", fields[1], LanguageVersion)
			}
			if problem != "" {
				return "", "", Errors{{Pos: token.Position{Filename: name, Line: n}, Message: problem}}
			}
		}
	}
	if module == "" {
		return "", "", Errors{{Pos: token.Position{Filename: name, Line: 1, Column: 1}, Message: "no module line"}}
	}
	return module, language, nil
}

// vendor is a folder of vendored packages, with what its modules.txt says of their modules.
type vendor struct {
	dir       string
	languages map[string]string // by module path; nil where there is no modules.txt
}

func newVendor(tree fs.FS, dir string) (vendor, error) {
	v := vendor{dir: dir}
	data, err := fs.ReadFile(tree, path.Join(dir, "modules.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("read modules.txt: %w", err)
	}
	v.languages = make(map[string]string)
	module := ""
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) > 1 && fields[0] == "#":
			module = fields[1]
			v.languages[module] = unstatedLanguage
		case len(fields) > 1 && fields[0] == "##" && module != "":
			// ## explicit; go 1.21
			for annotation := range strings.SplitSeq(strings.Join(fields[1:], " "), ";") {
				stated, isGo := strings.CutPrefix(strings.TrimSpace(annotation), "go ")
				if language := version.Lang("go" + stated); isGo && language != "" {
					v.languages[module] = language
				}
			}
		}
	}
	return v, nil
}

// languageOf returns the version of the language that a vendored package is written in.
func (v vendor) languageOf(importPath string) string {
	for module := importPath; module != "." && module != "/"; module = path.Dir(module) {
		if language, ok := v.languages[module]; ok {
			if version.Compare(language, LanguageVersion) > 0 {
				return LanguageVersion
			}
			return language
		}
	}
	return LanguageVersion
}
