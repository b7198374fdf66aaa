package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// checkPermissions adds an error for what a package uses without the permission: one at the import where the
// package as a whole lacks it, otherwise one for each symbol, where it is used first.
func (c *checker) checkPermissions(pkg *Package) {
	if c.Missing == nil {
		return
	}
	whole := make(map[string]string) // import path -> the permission that all of it lacks
	for _, f := range pkg.Files {
		for _, spec := range f.AST.Imports {
			importPath, _ := strconv.Unquote(spec.Path.Value)
			missing := c.Missing(importPath, "*")
			if missing == "" || c.usesSomeOf(f, importPath) || missing == all && c.hasOthers(pkg, f, importPath) {
				continue
			}
			whole[importPath] = missing
			c.needs(spec.Path.Pos(), "package "+importPath, missing)
		}
	}
	said := make(map[string]bool)
	for _, f := range pkg.Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			importPath, name := symbolOf(c.prog.Info.Uses[id])
			if importPath == "" || whole[importPath] != "" || said[importPath+"."+name] {
				return true
			}
			if missing := c.Missing(importPath, name); missing != "" {
				said[importPath+"."+name] = true
				c.needs(id.Pos(), importPath+"."+name, missing)
			}
			return true
		})
	}
}

func (c *checker) needs(pos token.Pos, what, permission string) {
	grant := c.grantToPlugin
	if c.Grant != nil {
		grant = c.Grant
	}
	c.errorf(pos, fmt.Sprintf("%s needs the permission %s, which is not granted: %s", what, permission, grant(permission)))
}

// wanted says what is in the list of a permission.
var wanted = map[string]string{
	"net": `"HOST:PORT"`, "read": "PATH", "write": "PATH", "env": "NAME", "run": "PROGRAM",
}

func (c *checker) grantToPlugin(permission string) string {
	why := ""
	value := fmt.Sprintf("{%s: [%s]}", permission, wanted[permission])
	if asked := c.Asked[permission]; len(asked) > 0 {
		quoted := make([]string, len(asked))
		for i, a := range asked {
			quoted[i] = strconv.Quote(a)
		}
		value = fmt.Sprintf("{%s: [%s]}", permission, strings.Join(quoted, ", "))
		why = ", as its plugin.yaml asks"
	}
	if permission == all {
		value = "{all: true}"
	}
	pkg := "the package"
	if c.Package != "" {
		pkg = "package " + c.Package
	}
	return fmt.Sprintf("add permissions: %s to %s or its source in the configuration%s", value, pkg, why)
}

// usesSomeOf reports whether a file uses a symbol of a package that is allowed though the package as a whole is not.
func (c *checker) usesSomeOf(f *File, importPath string) bool {
	found := false
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !found {
			p, name := symbolOf(c.prog.Info.Uses[id])
			found = p == importPath && c.Missing(p, name) != c.Missing(p, "*")
		}
		return !found
	})
	return found
}

// all is the permission for everything.
const all = "all"

// hasOthers reports whether a package has symbols that need less than the package as a whole, so that it is what a file uses of
// it that needs more.
func (c *checker) hasOthers(pkg *Package, f *File, importPath string) bool {
	uses := false
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !uses {
			p, _ := symbolOf(c.prog.Info.Uses[id])
			uses = p == importPath
		}
		return !uses
	})
	for _, imported := range pkg.Types.Imports() {
		if !uses || imported.Path() != importPath {
			continue
		}
		return slices.ContainsFunc(imported.Scope().Names(), func(name string) bool {
			return token.IsExported(name) && c.Missing(importPath, name) != all
		})
	}
	return false
}

// symbolOf names an object as permissions do. It is empty for what is no symbol of a package: locals, fields,
// methods of interface literals, package names.
func symbolOf(obj types.Object) (importPath, name string) {
	if obj == nil || obj.Pkg() == nil {
		return "", ""
	}
	if fn, ok := obj.(*types.Func); ok {
		if recv := fn.Signature().Recv(); recv != nil {
			t := recv.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			named, ok := t.(*types.Named)
			if !ok || types.IsInterface(named) {
				return "", "" // a method of an interface does what that of the value does, whose type needs what it needs
			}
			return obj.Pkg().Path(), named.Obj().Name() + "." + obj.Name()
		}
	}
	if obj.Parent() != obj.Pkg().Scope() {
		return "", ""
	}
	return obj.Pkg().Path(), obj.Name()
}
