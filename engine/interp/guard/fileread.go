package guard

import (
	"crypto/tls"
	"debug/buildinfo"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readFuncs are the functions of other packages that read a file by its path.
func readFuncs(g *Guard) map[string]any {
	return map[string]any{
		"io/ioutil.ReadFile":         g.readFile,
		"io/ioutil.WriteFile":        g.writeFile,
		"io/ioutil.ReadDir":          g.readInfos,
		"crypto/tls.LoadX509KeyPair": g.loadKeyPair,
		"debug/buildinfo.ReadFile":   g.readBuildInfo,
		"go/parser.ParseFile":        g.parseFile,
		"go/parser.ParseExprFrom":    g.parseExpr,
		"go/parser.ParseDir":         g.parseDir,
	}
}

func (g *Guard) readInfos(dir string) ([]fs.FileInfo, error) {
	entries, err := g.readDir(dir)
	if err != nil {
		return nil, err
	}
	list := make([]fs.FileInfo, 0, len(entries))
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		list = append(list, info)
	}
	return list, nil
}

func (g *Guard) loadKeyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := g.readFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := g.readFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

func (g *Guard) readBuildInfo(name string) (*buildinfo.BuildInfo, error) {
	f, err := g.open(name)
	if err != nil {
		return nil, fmt.Errorf("could not read Go build info: %w", err)
	}
	defer f.Close()
	info, err := buildinfo.Read(f)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return nil, fmt.Errorf("could not read Go build info: %w", err)
	case err != nil:
		return nil, fmt.Errorf("could not read Go build info from %s: %w", name, err)
	}
	return info, nil
}

// source returns what a function of go/parser is to parse: the file of that name where it was given no source.
func (g *Guard) source(name string, src any) (any, error) {
	if src != nil {
		return src, nil
	}
	return g.readFile(name)
}

func (g *Guard) parseFile(fset *token.FileSet, name string, src any, mode parser.Mode) (*ast.File, error) {
	if fset == nil {
		return parser.ParseFile(fset, name, src, mode) // panics
	}
	src, err := g.source(name, src)
	if err != nil {
		return nil, err
	}
	return parser.ParseFile(fset, name, src, mode)
}

func (g *Guard) parseExpr(fset *token.FileSet, name string, src any, mode parser.Mode) (ast.Expr, error) {
	if fset == nil {
		return parser.ParseExprFrom(fset, name, src, mode) // panics
	}
	src, err := g.source(name, src)
	if err != nil {
		return nil, err
	}
	return parser.ParseExprFrom(fset, name, src, mode)
}

//nolint:staticcheck // the plugin uses what is deprecated, not we
func (g *Guard) parseDir(fset *token.FileSet, dir string, filter func(fs.FileInfo) bool, mode parser.Mode) (map[string]*ast.Package, error) {
	entries, err := g.readDir(dir)
	if err != nil {
		return nil, err
	}
	packages := make(map[string]*ast.Package)
	var first error
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		if filter != nil {
			info, err := entry.Info()
			if err != nil {
				return nil, err
			}
			if !filter(info) {
				continue
			}
		}
		name := filepath.Join(dir, entry.Name())
		file, err := g.parseFile(fset, name, nil, mode)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		pkg := packages[file.Name.Name]
		if pkg == nil {
			pkg = &ast.Package{Name: file.Name.Name, Files: make(map[string]*ast.File)}
			packages[pkg.Name] = pkg
		}
		pkg.Files[name] = file
	}
	return packages, first
}

// opened opens a file for a reader that keeps it open, and closes it where that reader cannot be made.
func opened[R any](g *Guard, name string, read func(*os.File) (R, error)) (R, error) {
	f, err := g.open(name)
	if err != nil {
		var none R
		return none, err
	}
	r, err := read(f)
	if err != nil {
		_ = f.Close()
	}
	return r, err
}

// keepOpen has a reader of a debug package close the file with itself.
func keepOpen[F any](read func(io.ReaderAt) (*F, error)) func(*os.File) (*F, error) {
	return func(f *os.File) (*F, error) {
		r, err := read(f)
		if err == nil {
			set(r, io.Closer(f), "closer")
		}
		return r, err
	}
}
