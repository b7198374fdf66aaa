package main

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/scriptd/scriptd/"

// floors are the rooms from the ground up. A package belongs to the room with the longest path that its own begins with,
// and imports only from its room and from floors below.
var floors = [][]string{
	{"plugin"},
	{"engine/contract", "engine/fault"},
	{"engine/runtime", "engine/schema", "engine/symbols", "engine/check", "engine/lower", "engine/box", "sources", "cache"},
	{"engine/interp/rt", "sources/s3/bucket", "sources/trust"},
	{"engine/interp", "engine/link", "sources/git", "sources/s3", "sources/filesystem", "cache/s3"},
	{"engine/worker"},
	{"engine"},
	{"server", "config", "client"},
	{"cmd/scriptd"},
}

// frontEnd is the exception: these are on one floor, and each builds on those before it.
var frontEnd = []string{"engine/contract/carry", "engine/runtime", "engine/schema", "engine/symbols", "engine/check", "engine/lower"}

// suites are for tests: nothing but tests, examples and other suites imports them.
var suites = []string{"sources/sourcetest", "cache/cachetest", "engine/runtime/runtimetest"}

func TestImportsGoDown(t *testing.T) {
	imports := goList(t, `{{if .GoFiles}}{{.ImportPath}} {{join .Imports " "}}{{end}}`)
	for pkg, list := range imports {
		for _, imp := range list {
			if imp, ok := strings.CutPrefix(imp, module); ok && !mayImport(pkg, imp) {
				t.Errorf("%s imports %s, which is not on a floor below it", pkg, imp)
			}
		}
		if room(pkg) == "" && !strings.HasPrefix(pkg, "examples/") {
			t.Errorf("%s is in no room: give it one", pkg)
		}
	}
	if len(imports) < len(floors) {
		t.Fatalf("go list found only %d packages", len(imports))
	}
}

// TestFloorsAreHeld shows that TestImportsGoDown can fail.
func TestFloorsAreHeld(t *testing.T) {
	tests := []struct {
		pkg, imp string
		want     bool
	}{
		{"engine", "engine/interp", true},
		{"cmd/scriptd", "plugin", true},
		{"engine/check", "engine/symbols", true},
		{"engine/symbols", "engine/symbols/stdlib", true},
		{"engine/symbols/stdlib", "plugin", true},
		{"sources/sourcetest/gitserver", "sources", true},
		{"examples/hosts/minimal", "engine", true},
		{"plugin", "engine", false},
		{"server", "config", false},
		{"sources/git", "sources/s3", false},
		{"cache", "sources", false},
		{"cache/s3", "sources/s3/bucket", true},
		{"cache/s3", "sources/s3", false},
		{"cache", "cache/s3", false},
		{"engine/symbols", "engine/check", false},
		{"engine", "sources/sourcetest", false},
		{"sources/sourcetest", "sources/git", false},
		{"engine/runtime", "engine/symbols/stdlib", false},
		{"engine/interp/rt", "engine/box", true},
		{"engine/interp", "engine/interp/rt", true},
		{"engine/interp/rt", "engine/interp", false},
		{"engine/box", "engine/lower", false},
		{"engine/lower", "engine/box", false},
		{"engine/symbols/generic/slices", "engine/box", false},
		{"engine/runtime", "cache", false},
		{"examples/plugins/hello", "engine", false},
		{"client", "engine/link", true},
		{"client", "server", false},
		{"engine/link", "engine", false},
	}
	for _, tt := range tests {
		if got := mayImport(tt.pkg, tt.imp); got != tt.want {
			t.Errorf("mayImport(%s, %s) = %t, want %t", tt.pkg, tt.imp, got, tt.want)
		}
	}
}

func TestPluginsNeedOnlyTheStandardLibrary(t *testing.T) {
	for pkg, deps := range goList(t, `{{.ImportPath}} {{join .Deps " "}}`) {
		if pkg != "plugin" && !strings.HasPrefix(pkg, "examples/plugins/") {
			continue
		}
		for _, dep := range deps {
			// Only paths of the standard library have no dot in the first element.
			first, _, _ := strings.Cut(dep, "/")
			if strings.Contains(first, ".") && dep != module+"plugin" && !strings.HasPrefix(dep, module+"examples/plugins/") {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
}

// A client has no need for what executes plugins, and is not linked with it.
func TestClientsAreLight(t *testing.T) {
	deps := goList(t, `{{.ImportPath}} {{join .Deps " "}}`)["client"]
	if len(deps) == 0 {
		t.Fatal("package client has no dependencies")
	}
	for _, heavy := range []string{module + "engine", module + "engine/interp", module + "engine/worker", module + "engine/check", "github.com/traefik/yaegi/interp"} {
		if slices.Contains(deps, heavy) {
			t.Errorf("package client depends on %s", heavy)
		}
	}
}

func mayImport(pkg, imp string) bool {
	switch {
	case strings.HasPrefix(pkg, "examples/plugins/"):
		return imp == "plugin" || strings.HasPrefix(imp, "examples/plugins/")
	case strings.HasPrefix(pkg, "examples/"):
		return true
	case isSuite(imp) && !isSuite(pkg):
		return false
	}
	pkg, imp = room(pkg), room(imp)
	if i, j := slices.Index(frontEnd, pkg), slices.Index(frontEnd, imp); i >= 0 && j >= 0 {
		return j <= i
	}
	return imp == pkg || floor(imp) < floor(pkg)
}

// room returns the room that a package belongs to, empty where there is none.
func room(pkg string) string {
	for dir := pkg; dir != "."; dir = path.Dir(dir) {
		if floor(dir) >= 0 {
			return dir
		}
	}
	return ""
}

// floor returns the floor that a room is on, -1 where it is not a room.
func floor(room string) int {
	return slices.IndexFunc(floors, func(rooms []string) bool { return slices.Contains(rooms, room) })
}

func isSuite(pkg string) bool {
	return slices.ContainsFunc(suites, func(s string) bool { return pkg == s || strings.HasPrefix(pkg, s+"/") })
}

// goList lists all packages of the module by their path in it, with the fields that the format prints after it.
func goList(t *testing.T, format string) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", format, module+"...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue // only tests
		}
		list[strings.TrimPrefix(fields[0], module)] = fields[1:]
	}
	return list
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func TestFilesAreShort(t *testing.T) {
	const most = 400
	root := os.DirFS(filepath.Join("..", ".."))
	files := 0
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); file != "." && strings.HasPrefix(name, ".") || name == "bin" {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(file) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil || generated.Match(head(text)) {
			return err
		}
		files++
		if n := bytes.Count(text, []byte("\n")); n > most {
			t.Errorf("%s has %d lines, more than %d", file, n, most)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("looked at only %d files", files)
	}
}

// head returns what comes before the package clause.
func head(text []byte) []byte {
	var out bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "package ") {
		out.WriteString(lines.Text() + "\n")
	}
	return out.Bytes()
}
