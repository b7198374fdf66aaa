package check

import (
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"strings"
)

// parse parses the files that make up the package in dir. It returns nil where they have faults, which are in c.errs
// then.
func (c *checker) parse(dir string) ([]*File, error) {
	names, err := GoFiles(c.Tree, dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		c.errs = append(c.errs, Error{Pos: token.Position{Filename: dir}, Message: "no Go files"})
		return nil, nil
	}
	before := len(c.errs)
	files := make([]*File, 0, len(names))
	for _, name := range names {
		src, err := fs.ReadFile(c.Tree, name)
		if err != nil {
			return nil, fmt.Errorf("read source: %w", err)
		}
		file, err := parser.ParseFile(c.prog.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
		if err != nil {
			c.syntax(name, err)
			continue
		}
		if len(files) > 0 && file.Name.Name != files[0].AST.Name.Name {
			c.errorf(file.Name.Pos(), fmt.Sprintf("found packages %s (%s) and %s (%s) in one folder",
				files[0].AST.Name.Name, path.Base(files[0].Name), file.Name.Name, path.Base(name)))
		}
		files = append(files, &File{Name: name, Source: src, AST: file})
	}
	if len(c.errs) > before {
		return nil, nil
	}
	return files, nil
}

// GoFiles lists the files of the package in dir that a build for this machine takes, tests left out, as paths in the
// tree. It is empty where there are none.
func GoFiles(tree fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil, fmt.Errorf("read package folder: %w", err)
	}
	ctx := build.Default
	ctx.CgoEnabled = true // a file that imports "C" is refused, not left out
	ctx.JoinPath = path.Join
	ctx.OpenFile = func(name string) (io.ReadCloser, error) { return tree.Open(name) }
	var names []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		// A file whose header does not parse matches: the parser tells what is wrong with it.
		if match, err := ctx.MatchFile(dir, name); match || err != nil {
			names = append(names, path.Join(dir, name))
		}
	}
	return names, nil
}
