package lower

import (
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// The page for authors names all that is refused.
func TestRefusedIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range refusedSymbols() {
		if !strings.Contains(string(page), "`"+shortName(name)+"`") {
			t.Errorf("docs/language.md does not name %s", shortName(name))
		}
	}
	for name := range lookers() {
		importPath := strings.TrimLeft(path.Dir(name), "(*") + "/" + strings.Split(path.Base(name), ".")[0]
		if !strings.Contains(string(page), importPath) && !strings.Contains(string(page), "`"+shortName(name)+"`") &&
			importPath != "go/parser" { // ParseExprFrom, which is used as ParseFile is
			t.Errorf("docs/language.md names neither %s nor %s", importPath, shortName(name))
		}
	}
}

// The packages that are looked at for what is refused are those that have it.
func TestRefusedIn(t *testing.T) {
	packages := map[string]bool{"reflect": true}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(refusedSymbols())), slices.Collect(maps.Keys(lookers()))) {
		name = strings.TrimLeft(name, "(*")
		slash := strings.LastIndex(name, "/") + 1
		packages[name[:slash+strings.Index(name[slash:], ".")]] = true
	}
	for _, importPath := range stdlib.Paths() {
		if got := isRefusedIn(importPath); got != packages[importPath] {
			t.Errorf("isRefusedIn(%q) is %t", importPath, got)
		}
		delete(packages, importPath)
	}
	if len(packages) > 0 {
		t.Errorf("there are no packages %v", packages)
	}
}
