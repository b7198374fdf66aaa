package check

import (
	"bytes"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"runtime"
	"strings"
)

// parse parses the files that make up the package in dir. It returns nil where they have faults, which are in c.errs
// then.
func (c *checker) parse(dir string) ([]*File, error) {
	files, excluded, err := c.files(dir)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		message := "no Go files"
		if excluded > 0 {
			message = fmt.Sprintf("build constraints exclude all Go files (this is %s/%s)", runtime.GOOS, runtime.GOARCH)
		}
		c.errs = append(c.errs, Error{Pos: token.Position{Filename: dir}, Message: message})
		return nil, nil
	}
	before := len(c.errs)
	var first *File // that parses
	for _, f := range files {
		f.AST, err = parser.ParseFile(c.prog.Fset, f.Name, f.Source, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
		switch {
		case err != nil:
			c.syntax(f, err)
		case first == nil:
			first = f
		case f.AST.Name.Name != first.AST.Name.Name:
			c.errorf(f.AST.Name.Pos(), fmt.Sprintf("found packages %s (%s) and %s (%s) in one folder",
				first.AST.Name.Name, path.Base(first.Name), f.AST.Name.Name, path.Base(f.Name)))
		}
	}
	if len(c.errs) > before {
		return nil, nil
	}
	return files, nil
}

// files reads the files of the package in dir: those that were named, or those that a build takes.
func (c *checker) files(dir string) (files []*File, excluded int, err error) {
	if c.Files == nil || dir != c.main {
		return readFiles(c.Tree, dir)
	}
	for _, base := range c.Files {
		name := path.Join(dir, base)
		src, err := fs.ReadFile(c.Tree, name)
		if err != nil {
			return nil, 0, fmt.Errorf("read source: %w", err)
		}
		files = append(files, &File{Name: name, Source: hideShebang(src)})
	}
	return files, 0, nil
}

// hideShebang makes a comment of a first line that tells the system what to run the file with.
func hideShebang(src []byte) []byte {
	if !bytes.HasPrefix(src, []byte("#!")) {
		return src
	}
	return append([]byte("//"), src[2:]...)
}

// readFiles reads the files of the package in dir that a build for this machine takes, tests left out. It also returns
// how many are there for other machines.
func readFiles(tree fs.FS, dir string) (files []*File, excluded int, err error) {
	entries, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil, 0, fmt.Errorf("read package folder: %w", err)
	}
	for _, e := range entries {
		if !isCandidate(e) {
			continue
		}
		name := path.Join(dir, e.Name())
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, 0, fmt.Errorf("read source: %w", err)
		}
		if !matches(dir, e.Name(), src) {
			excluded++
			continue
		}
		files = append(files, &File{Name: name, Source: src})
	}
	return files, excluded, nil
}

// isCandidate reports whether a folder's entry is a Go file that the go command looks into.
func isCandidate(e fs.DirEntry) bool {
	name := e.Name()
	return !e.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name[0] != '_' && name[0] != '.'
}

// matches reports whether a build for this machine takes a file, by its name and its build constraints.
func matches(dir, name string, src []byte) bool {
	if !strings.Contains(name, "_") && !bytes.Contains(src, []byte("go:build")) && !bytes.Contains(src, []byte("+build")) {
		return true // as most do
	}
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH = runtime.GOOS, runtime.GOARCH // not what the environment says
	ctx.CgoEnabled = true                               // a file that imports "C" is refused, not left out
	ctx.JoinPath = path.Join
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(src)), nil }
	match, err := ctx.MatchFile(dir, name)
	return match || err != nil // the parser tells what is wrong with a header that cannot be read
}
