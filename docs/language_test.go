package docs_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the page on the language says is true.
func TestLanguage(t *testing.T) {
	scriptd := buildCommand(t)
	t.Run("programs", func(t *testing.T) { languagePrograms(t, scriptd) })
	t.Run("refusals", func(t *testing.T) { languageRefusals(t, scriptd) })
	t.Run("packages", func(t *testing.T) { languagePackages(t, scriptd) })
}

// languagePrograms runs the programs of the page under scriptd exec: they print what it shows. Those that are not refused do
// the same as when they are compiled.
func languagePrograms(t *testing.T, scriptd string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/language\n\ngo 1.26\n")
	all := blocks(t, "language.md")
	for _, b := range all {
		if b.file != "" {
			write(t, filepath.Join(dir, filepath.FromSlash(b.file)), b.text)
		}
	}
	var target string
	shown := 0
	for _, b := range all {
		switch {
		case strings.HasSuffix(b.file, ".go"):
			target = b.file
			if strings.Contains(target, "/") { // a folder, with what else is in it
				target = "./" + path.Dir(target)
			}
			continue
		case b.lang != "output":
			continue
		}
		shown++
		t.Run(target, func(t *testing.T) {
			got, status := output(t, dir, scriptd, "exec", "-A", target)
			if got != b.text {
				t.Errorf("%s:%d: got\n%s\nwant\n%s", b.page, b.line, got, b.text)
			}
			const refused = 65
			if status == refused || testing.Short() {
				return
			}
			compiled := filepath.Join(t.TempDir(), "program")
			if out, status := output(t, dir, "go", "build", "-o", compiled, target); status != 0 {
				t.Fatalf("go build: %s", out)
			}
			want, wantStatus := output(t, dir, compiled)
			if withoutTrace(got) != withoutTrace(want) || status != wantStatus {
				t.Errorf("%s:%d: status %d, compiled %d, which printed\n%s", b.page, b.line, status, wantStatus, want)
			}
		})
	}
	if programs := len(slices.DeleteFunc(all, func(b snippet) bool { return b.lang != "go" })); shown != programs {
		t.Errorf("%d programs with %d outputs", programs, shown)
	}
}

// withoutTrace cuts off where a panic came from.
func withoutTrace(output string) string {
	output, _, _ = strings.Cut(output, "\ngoroutine ")
	return output
}

// refusedStatements are what the list of the page says in words, and statements of a program that are refused for it.
var refusedStatements = map[string][]string{
	"cgo":                {`import "C"`},
	"`encoding/asn1`":    {"asn1.Unmarshal(nil, &T{})"},
	"`gob.Register`":     {"gob.Register(T{})"},
	"`database/sql`":     {"var db *sql.DB; db.Exec(``, T{})", "var rows *sql.Rows; rows.Scan(new(L))"},
	"`net/rpc`":          {"rpc.Register(&T{})", "var c *rpc.Client; c.Call(``, T{}, nil)"},
	"`parser.ParseFile`": {"parser.ParseFile(token.NewFileSet(), ``, L(``), 0)"},
	"a map whose keys":   {"m := make(map[fmt.Stringer]int); m[T{}]++"},
	"`log.Lshortfile`": {
		"log.SetFlags(log.Lshortfile); defer log.Print()", "log.SetFlags(log.Lshortfile); go log.Print()",
		"log.SetFlags(log.Lshortfile); f := log.Print; f()",
	},
	"`slog.Info`":     {"log.SetFlags(log.Lshortfile); slog.Info(``)"},
	"`log.Llongfile`": {"_ = log.Llongfile"},
	"generic types":   {"generic(1)"},
	"`syscall.Kill`":  {"syscall.Kill(1, syscall.SIGTERM)"},
	"without size":    {"_ = make([]struct{}, 1<<40)"},
	"//go:linkname":   nil, // in a program of the page
	"assembly":        nil, // a function without a body
}

// refusedImports are what statements import, by the name that they have for it.
var refusedImports = map[string]string{
	"asn1": "encoding/asn1", "debug": "runtime/debug", "fmt": "fmt", "gob": "encoding/gob", "log": "log", "parser": "go/parser",
	"rpc": "net/rpc", "runtime": "runtime", "slog": "log/slog", "sql": "database/sql", "syscall": "syscall", "token": "go/token",
}

// languageRefusals uses all that the list of the page names: it is refused, with a reason and what to do instead.
func languageRefusals(t *testing.T, scriptd string) {
	t.Helper()
	page, err := os.ReadFile("language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "| refused | instead |\n|---|---|\n")
	table, _, end := strings.Cut(table, "\n\n")
	if !ok || !end {
		t.Fatal("there is no list of what is refused")
	}
	statements := make(map[string][]string)
	for what, list := range refusedStatements {
		if !strings.Contains(table, what) {
			t.Errorf("the list does not name %s", what)
		}
		statements[what] = list
	}
	for row := range strings.Lines(table) {
		refused, _, _ := strings.Cut(row, " | ")
		if strings.Contains(refused, "of your own") || strings.Contains(refused, " where ") {
			continue // it depends on what they are given
		}
		for _, symbol := range regexp.MustCompile("`((?:runtime|debug|slog)\\.[\\w.]+)`").FindAllStringSubmatch(refused, -1) {
			statements[symbol[1]] = []string{use(symbol[1])}
		}
	}
	if len(statements) < len(refusedStatements)+20 {
		t.Errorf("the list names %d things", len(statements))
	}
	dir := t.TempDir()
	form := regexp.MustCompile(`(?m)^main\.go:\d+:\d+: not supported by the interpreter: [^(]+ \(.+; .+\)$`)
	for what, list := range statements {
		for _, statement := range list {
			t.Run(what, func(t *testing.T) {
				write(t, filepath.Join(dir, "main.go"), programOf(statement))
				got, status := output(t, dir, scriptd, "exec", "-A", "main.go")
				if lines := strings.Split(strings.TrimSpace(got), "\n"); status != 65 || len(lines) != 1 || !form.MatchString(got) {
					t.Errorf("%s: status %d\n%s", statement, status, got)
				}
			})
		}
	}
}

// use is a statement that uses a symbol. A field or a method is named with its type.
func use(symbol string) string {
	parts := strings.Split(symbol, ".")
	switch {
	case len(parts) == 3:
		return "var x " + parts[0] + "." + parts[1] + "; _ = x." + parts[2]
	case parts[1] == "Pinner" || parts[1] == "TypeAssertionError":
		return "var x " + symbol + "; _ = &x"
	default:
		return "_ = " + symbol
	}
}

// programOf makes a program of a statement, which may be an import.
func programOf(statement string) string {
	var b strings.Builder
	b.WriteString("package main\n")
	if strings.HasPrefix(statement, "import ") {
		b.WriteString(statement + "\n")
		statement = ""
	}
	for name, importPath := range refusedImports {
		if name == "fmt" || regexp.MustCompile(`\b`+name+`\.`).MatchString(statement) {
			b.WriteString("import " + name + ` "` + importPath + "\"\n")
		}
	}
	b.WriteString(`
type T struct{ A int }

func (t T) String() string { return fmt.Sprint(t.A) }

type L string

func generic[X any](x X) {
	type local[Y any] struct{ x X }
	fmt.Print(local[X]{x}, T{})
}

func main() {
	` + statement + `
}
`)
	return b.String()
}

// languagePackages imports the packages that the page names: those that it excepts can be, the others cannot.
func languagePackages(t *testing.T, scriptd string) {
	t.Helper()
	page, err := os.ReadFile("language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Packages\n")
	except, _, ok := strings.Cut(section, "They reach into")
	if !ok {
		t.Fatal("there is no list of packages")
	}
	_, except, _ = strings.Cut(except, "except")
	dir := t.TempDir()
	importable := []string{"testing/fstest", "testing/iotest"}
	names := regexp.MustCompile("`([\\w/]+)`").FindAllStringSubmatch(except, -1)
	if len(names) < 10 {
		t.Fatalf("%d packages", len(names))
	}
	for _, name := range names {
		write(t, filepath.Join(dir, "main.go"), "package main\n\nimport _ \""+name[1]+"\"\n\nfunc main() {}\n")
		got, status := output(t, dir, scriptd, "exec", "-A", "main.go")
		if can := slices.Contains(importable, name[1]); can != (status == 0) || !can && status != 65 {
			t.Errorf("%s: status %d\n%s", name[1], status, got)
		}
	}
}

// buildCommand builds scriptd.
func buildCommand(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "scriptd")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../cmd/scriptd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// output runs a command, and returns what it printed and its exit status.
func output(t *testing.T, dir, command string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
