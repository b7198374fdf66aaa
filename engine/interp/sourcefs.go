package interp

import (
	"io/fs"
	"path"
	"testing/fstest"
)

// goPath is where the interpreter looks for source; a rooted path would not do with an fs.FS.
const goPath = "gp"

// sourceFS holds the files of a program, given by import path and file name, where the interpreter looks for them.
func sourceFS(files map[string][]byte) fs.FS {
	m := make(fstest.MapFS, len(files))
	for name, data := range files {
		m[path.Join(goPath, "src", name)] = &fstest.MapFile{Data: data, Mode: 0o444}
	}
	return m
}
