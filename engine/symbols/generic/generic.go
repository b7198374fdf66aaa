// Package generic holds the generic part of the standard library as source. What is generic has no value that a symbol
// table could hold; so it is lowered and interpreted as the source of a plugin is.
//
// Each folder is a compiled package too, named as the one whose part it is, and held against that one by tests.
package generic

import (
	"embed"
	"path"
	"strings"
)

// Prefix is what an import path within these sources begins with.
const Prefix = "github.com/scriptd/scriptd/engine/symbols/generic/"

//go:embed cmp crypto database errors hash iter maps math reflect slices sync unique
var sources embed.FS

// Files returns the source of a package by its standard import path: the files by name, and nil where there is none. A
// package with a symbol table has its other part there.
func Files(importPath string) map[string][]byte {
	entries, err := sources.ReadDir(importPath)
	if err != nil {
		return nil
	}
	var files map[string][]byte
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		name := path.Join(importPath, e.Name())
		src, err := sources.ReadFile(name)
		if err != nil {
			return nil
		}
		if files == nil {
			files = make(map[string][]byte)
		}
		files[name] = src
	}
	return files
}
