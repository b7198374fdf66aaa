package docs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/config"
)

// The commands at the top of the README print what stands there.
func TestReadmeCommands(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "bin", "scriptd"), "./cmd/scriptd")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.Symlink(filepath.Join(root, "examples"), filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	var script, want bytes.Buffer
	for line := range strings.Lines(only(t, "console").text) {
		if command, ok := strings.CutPrefix(line, "$ "); !ok {
			want.WriteString(line)
		} else if !strings.HasPrefix(command, "make ") { // done above
			script.WriteString(command)
		}
	}
	sh := exec.CommandContext(t.Context(), "sh", "-e")
	sh.Dir, sh.Stdin = dir, &script
	sh.Env = append(os.Environ(), "XDG_CACHE_HOME="+t.TempDir(), "HOME="+dir)
	out, err := sh.CombinedOutput()
	if err != nil || string(out) != want.String() {
		t.Errorf("got %v\n%s\nwant\n%s", err, out, want.String())
	}
}

// The plugin in the README is the example.
func TestReadmePlugin(t *testing.T) {
	example, err := os.ReadFile("../examples/plugins/hello/hello.go")
	if err != nil {
		t.Fatal(err)
	}
	if got := snippets(t, "../README.md", "go")[0].text; got != string(example) {
		t.Errorf("got\n%s\nwant\n%s", got, example)
	}
}

// The host in the README runs.
func TestReadmeHost(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(t.TempDir(), "main.go")
	write(t, main, snippets(t, "../README.md", "go")[1].text)
	cmd := exec.CommandContext(t.Context(), "go", "run", main)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if want := "hello, Gopher <nil>\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v; want %q", out, err, want)
	}
}

// The configuration in the README loads.
func TestReadmeConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scriptd.yaml")
	write(t, file, only(t, "yaml").text)
	if _, err := config.Load(file); err != nil {
		t.Error(err)
	}
}

// only returns the one snippet of the README in a language.
func only(t *testing.T, language string) snippet {
	t.Helper()
	all := snippets(t, "../README.md", language)
	if len(all) != 1 {
		t.Fatalf("%d snippets in %s, want one", len(all), language)
	}
	return all[0]
}
