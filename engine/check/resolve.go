package check

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// resolver finds the folders that import paths mean. A tree has the module path of the go.mod beside or above the
// package. Where there is none, as in a part of a repository, an import path means the longest of its ends that is a
// folder of the tree.
type resolver struct {
	tree     fs.FS
	module   string // empty: no go.mod
	root     string // the folder of the go.mod
	language string // the version of the language that it states
	vendors  []vendor
}

func newResolver(tree fs.FS, dir string) (*resolver, error) {
	r := &resolver{tree: tree, root: ".", language: LanguageVersion}
	for at := dir; ; at = path.Dir(at) {
		if info, err := fs.Stat(tree, path.Join(at, "vendor")); err == nil && info.IsDir() {
			v, err := newVendor(tree, path.Join(at, "vendor"))
			if err != nil {
				return nil, err
			}
			r.vendors = append(r.vendors, v)
		}
		name := path.Join(at, "go.mod")
		data, err := fs.ReadFile(tree, name)
		switch {
		case err == nil:
			r.root = at
			if r.module, r.language, err = parseModFile(name, data); err != nil {
				return nil, err
			}
			return r, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("read go.mod: %w", err)
		case at == ".":
			return r, nil
		}
	}
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
	for _, v := range r.vendors {
		if dir := path.Join(v.dir, importPath); r.hasGo(dir) {
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

// languageOf returns the version of the language that the package in dir is written in.
func (r *resolver) languageOf(dir string) string {
	for _, v := range r.vendors {
		if importPath, ok := strings.CutPrefix(dir, v.dir+"/"); ok {
			return v.languageOf(importPath)
		}
	}
	return r.language
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
	"net/http/httptest net/http/pprof plugin runtime/cgo runtime/coverage runtime/race testing " +
	"testing/cryptotest testing/quick testing/slogtest testing/synctest time/tzdata unsafe weak")

// isStandard reports whether an import path that is not known as compiled code is one of the standard library.
func isStandard(importPath string) bool { return slices.Contains(standard, importPath) }
