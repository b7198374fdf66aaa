// Package docs_test keeps the pages true: the Go in them is formatted, compiles, and its tests pass; the plugins in
// them run.
package docs_test

import (
	"bufio"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// snippet is a fenced block of a page.
type snippet struct {
	page, lang string
	line       int // of the page, where the block begins
	// file is where a block that is a whole file belongs, as its info string says: ```go file=hello/hello.go
	file string
	text string
}

// pages lists the Markdown files of this folder, and the README.
func pages(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("../README.md"); err == nil {
		names = append(names, "../README.md")
	}
	return names
}

// snippets returns the blocks of a page in a language.
func snippets(t *testing.T, page, lang string) []snippet {
	t.Helper()
	return slices.DeleteFunc(blocks(t, page), func(s snippet) bool { return s.lang != lang })
}

// blocks returns the blocks of a page, in their order.
func blocks(t *testing.T, page string) []snippet {
	t.Helper()
	f, err := os.Open(page)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var found []snippet
	var open *snippet
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		info, fence := strings.CutPrefix(lines.Text(), "```")
		switch {
		case fence && open == nil:
			open = &snippet{page: page, line: n + 1}
			open.lang, info, _ = strings.Cut(info, " ")
			open.file, _ = strings.CutPrefix(info, "file=")
		case fence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += lines.Text() + "\n"
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if open != nil {
		t.Errorf("%s:%d: a block that does not end", page, open.line)
	}
	return found
}

func TestGoIsFormatted(t *testing.T) {
	for _, page := range pages(t) {
		for _, s := range snippets(t, page, "go") {
			formatted, err := format.Source([]byte(s.text))
			if err != nil {
				t.Errorf("%s:%d: %v", s.page, s.line, err)
			} else if string(formatted) != s.text {
				t.Errorf("%s:%d: not formatted, want\n%s", s.page, s.line, formatted)
			}
		}
	}
}
