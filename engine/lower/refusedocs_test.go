package lower

import (
	"os"
	"path"
	"strings"
	"testing"
)

// The page for authors names all that is refused.
func TestRefusedIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range refusedSymbols {
		if !strings.Contains(string(page), "`"+shortName(name)+"`") {
			t.Errorf("docs/language.md does not name %s", shortName(name))
		}
	}
	for name := range lookers {
		importPath := strings.TrimLeft(path.Dir(name), "(*") + "/" + strings.Split(path.Base(name), ".")[0]
		if !strings.Contains(string(page), importPath) && !strings.Contains(string(page), "`"+shortName(name)+"`") &&
			importPath != "go/parser" { // ParseExprFrom, which is used as ParseFile is
			t.Errorf("docs/language.md names neither %s nor %s", importPath, shortName(name))
		}
	}
}
