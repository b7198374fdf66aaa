package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// imports are what declarations may name.
var imports = map[string]string{
	"context": "context",
	"errors":  "errors",
	"fmt":     "fmt",
	"http":    "net/http",
	"plugin":  "github.com/scriptd/scriptd/plugin",
	"time":    "time",
}

// The blocks of the author's guide are whole files, named by file=, or declarations that stand by themselves. They
// become a module of their own, as an author has one, and have to pass go vet and their tests.
func TestGuideCompiles(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	module := t.TempDir()
	write(t, filepath.Join(module, "go.mod"), "module example.com/plugins\n\ngo 1.26\n\n"+
		"require github.com/scriptd/scriptd v0.0.0\n\nreplace github.com/scriptd/scriptd => "+root+"\n")
	for _, s := range snippets(t, "plugins.md", "go") {
		file, text := s.file, s.text
		if file == "" {
			file, text = fmt.Sprintf("line%d/declarations.go", s.line), wholeFile(t, s)
		}
		write(t, filepath.Join(module, filepath.FromSlash(file)), fmt.Sprintf("//line %s:%d\n%s", s.page, s.line, text))
	}
	for _, verb := range []string{"vet", "test"} {
		cmd := exec.CommandContext(t.Context(), "go", verb, "./...")
		cmd.Dir = module
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", verb, err, out)
		}
		if ran := strings.Count(string(out), "ok  \t"); verb == "test" && ran != 2 {
			t.Errorf("%d packages of the guide were tested, want 2:\n%s", ran, out)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wholeFile makes a file of declarations. It imports the packages that they name.
func wholeFile(t *testing.T, s snippet) string {
	t.Helper()
	const header = "package snippet\n"
	file, err := parser.ParseFile(token.NewFileSet(), s.page, header+s.text, 0)
	if err != nil {
		t.Fatalf("%s:%d: neither a file nor declarations: %v", s.page, s.line, err)
	}
	var used []string
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && imports[x.Name] != "" {
				used = append(used, fmt.Sprintf("import %s %q\n", x.Name, imports[x.Name]))
			}
		}
		return true
	})
	slices.Sort(used)
	return header + strings.Join(slices.Compact(used), "") + fmt.Sprintf("//line %s:%d\n", s.page, s.line) + s.text
}
