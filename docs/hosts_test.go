package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The page about hosts is a module: its commands print what stands there, and what it says of mistakes is what is said.
func TestHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds three programs")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, s := range snippets(t, "hosts.md", "go") {
		write(t, filepath.Join(dir, filepath.FromSlash(s.file)), s.text)
	}
	sh := func(command string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out) + err.Error() + "\n"
		}
		return string(out)
	}
	for command := range strings.Lines(snippets(t, "hosts.md", "sh")[0].text) {
		if out := sh("set -e; " + strings.Replace(command, "../scriptd", root, 1)); strings.Contains(out, "exit status") {
			t.Fatalf("%s%s", command, out)
		}
	}
	console := snippets(t, "hosts.md", "console")
	if len(console) != 3 {
		t.Fatalf("%d blocks of commands, want three", len(console))
	}
	for _, block := range console {
		var got strings.Builder
		for line := range strings.Lines(block.text) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				got.WriteString(line + sh(command))
			}
		}
		if got.String() != block.text {
			t.Errorf("got\n%s\nwant\n%s", got.String(), block.text)
		}
	}
	if out := sh("go generate . && go vet ./..."); out != "" {
		t.Errorf("go generate and go vet say %s", out)
	}

	plain := snippets(t, "hosts.md", "")
	if len(plain) != 3 {
		t.Fatalf("%d blocks of messages, want three", len(plain))
	}
	forgetful := strings.Replace(read(t, filepath.Join(dir, "main.go")), "ServeWorker(Symbols)", "ServeWorker()", 1)
	write(t, filepath.Join(dir, "main.go"), forgetful)
	if out := sh("go run ."); !strings.Contains(out, plain[1].text) {
		t.Errorf("got\n%s\nwant\n%s", out, plain[1].text)
	}
	for _, tt := range []struct{ file, method, changed, command, want string }{
		{"plugins/csv/csv.go", "FetchUsers(_", "Fetch(_", "./app", plain[0].text},
		{"typed/plugins/lines/lines.go", "(nobody) FetchUsers", "(nobody) Fetch", "./typed-app", plain[2].text},
	} {
		file := filepath.Join(dir, filepath.FromSlash(tt.file))
		write(t, file, strings.Replace(read(t, file), tt.method, tt.changed, 1))
		if out := sh(tt.command); !strings.Contains(out, tt.want) {
			t.Errorf("got\n%s\nwant\n%s", out, tt.want)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
