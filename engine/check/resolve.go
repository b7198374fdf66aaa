package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// resolver finds the folders that import paths mean. A tree has the module path of the go.mod beside or above the
// package. Where there is none, as in a part of a repository, an import path means the longest of its ends that is a
// folder of the tree.
type resolver struct {
	tree    fs.FS
	module  string // empty: no go.mod
	root    string // the folder of the go.mod
	vendors []string
}

func newResolver(tree fs.FS, dir string) (*resolver, error) {
	r := &resolver{tree: tree, root: "."}
	for at := dir; ; at = path.Dir(at) {
		if info, err := fs.Stat(tree, path.Join(at, "vendor")); err == nil && info.IsDir() {
			r.vendors = append(r.vendors, path.Join(at, "vendor"))
		}
		data, err := fs.ReadFile(tree, path.Join(at, "go.mod"))
		switch {
		case err == nil:
			if r.module = moduleLine(data); r.module == "" {
				return nil, Errors{{Pos: token.Position{Filename: path.Join(at, "go.mod"), Line: 1, Column: 1}, Message: "no module line"}}
			}
			r.root = at
			return r, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("read go.mod: %w", err)
		case at == ".":
			return r, nil
		}
	}
}

// moduleLine returns the module path that a go.mod states, or "".
func moduleLine(data []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "//")
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == "module" {
			if unquoted, err := strconv.Unquote(fields[1]); err == nil {
				return unquoted
			}
			return fields[1]
		}
	}
	return ""
}

// importPath returns the import path of the package in dir.
func (r *resolver) importPath(dir string) string {
	module := r.module
	if module == "" {
		module = "plugins"
	}
	rel := dir
	if r.root != "." {
		rel = strings.TrimPrefix(strings.TrimPrefix(dir, r.root), "/")
	}
	return path.Join(module, rel)
}

// folder returns the folder that an import path means.
func (r *resolver) folder(importPath string) (string, bool) {
	if isStandard(importPath) || !fs.ValidPath(importPath) {
		return "", false // a folder of that name does not stand in for it
	}
	for _, vendor := range r.vendors {
		if dir := path.Join(vendor, importPath); r.hasGo(dir) {
			return dir, true
		}
	}
	if r.module != "" {
		rest, ok := strings.CutPrefix(importPath+"/", r.module+"/")
		if !ok {
			return "", false
		}
		dir := path.Join(r.root, rest)
		return dir, r.hasGo(dir)
	}
	for rest, more := importPath, true; more; _, rest, more = strings.Cut(rest, "/") {
		if fs.ValidPath(rest) && r.hasGo(rest) {
			return rest, true
		}
	}
	return "", false
}

func (r *resolver) hasGo(dir string) bool {
	entries, err := fs.ReadDir(r.tree, dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if !isCandidate(e) {
			continue
		}
		src, err := fs.ReadFile(r.tree, path.Join(dir, e.Name()))
		if err == nil && matches(dir, e.Name(), src) {
			return true
		}
	}
	return false
}

// standard are the packages of the standard library that plugins have nothing of.
var standard = strings.Fields("C crypto/mlkem/mlkemtest expvar log/syslog " +
	"net/http/httptest net/http/pprof plugin runtime/cgo runtime/coverage runtime/race syscall testing " +
	"testing/cryptotest testing/fstest testing/iotest testing/quick testing/slogtest testing/synctest time/tzdata unsafe weak")

// isStandard reports whether an import path that is not known as compiled code is one of the standard library.
func isStandard(importPath string) bool { return slices.Contains(standard, importPath) }
