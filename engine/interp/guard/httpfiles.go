package guard

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
)

// httpFileFuncs are the functions of package net/http that serve files by their path, as an http.Dir does.
func httpFileFuncs(g *Guard) map[string]any {
	return map[string]any{
		"net/http.FileServer":        func(root http.FileSystem) http.Handler { return http.FileServer(g.fileSystem(root)) },
		"net/http.NewFileTransport":  func(root http.FileSystem) http.RoundTripper { return http.NewFileTransport(g.fileSystem(root)) },
		"net/http.ServeFile":         g.serveFile,
		"(net/http.Dir).Open":        func(dir http.Dir, name string) (http.File, error) { return httpDir{g, string(dir)}.Open(name) },
		"(net/http.FileSystem).Open": func(f http.FileSystem, name string) (http.File, error) { return g.fileSystem(f).Open(name) },
	}
}

// fileSystem returns a file system that reads what the package may.
func (g *Guard) fileSystem(root http.FileSystem) http.FileSystem {
	if dir, ok := root.(http.Dir); ok {
		return httpDir{g, string(dir)}
	}
	return root
}

// httpDir is an http.Dir.
type httpDir struct {
	g   *Guard
	dir string
}

// Open implements http.FileSystem.
func (d httpDir) Open(name string) (http.File, error) {
	clean := path.Clean("/" + name)[1:]
	if clean == "" {
		clean = "."
	}
	local, err := filepath.Localize(clean)
	if err != nil {
		return nil, errors.New("http: invalid or unsafe file path")
	}
	dir := d.dir
	if dir == "" {
		dir = "."
	}
	full := filepath.Join(dir, local)
	f, err := d.g.open(full)
	if err != nil {
		return nil, d.mapped(err, full)
	}
	return f, nil
}

// mapped returns the error of an http.Dir: that there is no file is said where there is one on the way, too.
func (d httpDir) mapped(err error, full string) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	for dir := filepath.Dir(full); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if info, statErr := d.g.stat(dir); statErr == nil && !info.IsDir() {
			return fs.ErrNotExist
		}
	}
	return err
}

// serveFile is http.ServeFile.
func (g *Guard) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	dir, file := filepath.Split(name)
	if file == "" {
		file = "/"
	}
	http.ServeFileFS(w, r, serveFS{httpDir{g, dir}}, file)
}

// serveFS is a folder for http.ServeFileFS, which serves a file of it as http.ServeFile does.
type serveFS struct{ dir httpDir }

// Open implements fs.FS.
func (s serveFS) Open(name string) (fs.File, error) { return s.dir.Open(name) }
