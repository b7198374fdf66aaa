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
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, s := range snippets(t, "hosts.md", "go") {
		write(t, filepath.Join(dir, filepath.FromSlash(s.file)), s.text)
	}
	write(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.26\n\nrequire github.com/scriptd/scriptd v0.0.0\n\n"+
		"replace github.com/scriptd/scriptd => "+root+"\n")
	write(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(root, "go.sum")))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "bin", "scriptd"), "./cmd/scriptd")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	sh := func(command string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off",
			"PATH="+filepath.Join(dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out) + err.Error() + "\n"
		}
		return string(out)
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
