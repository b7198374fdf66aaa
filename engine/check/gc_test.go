package check_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// broken are packages with type errors, one a folder. The compiler and the checker have to see the same.
var broken = []string{
	"import \"os\"\n\nfunc f() int { return \"x\" }\n",
	"func f() { x := 1; y, z := 2, 3; _ = y }\n",
	"func f() {\n\tundefined()\n\tvar a missing\n\t_ = a.b\n}\n",
	"func f() int {\n\tfor {\n\t\tbreak\n\t}\n}\n",
	"type T struct{ a int }\n\nfunc (T) m() {}\nfunc (T) m() {}\n\nvar _ = T{b: 1}\nvar _ = T{1, 2}\nvar _ = T{\"a\"}\n",
	"type I interface{ M(int) string }\ntype T struct{}\n\nfunc (*T) M(int) string { return \"\" }\n\nvar _ I = T{}\nvar _ I = 1\n",
	"func g(int, ...string) (int, error) { return 0, nil }\n\nfunc f() {\n\ta := g(1)\n\tg(\"x\")\n\tg(1, 2)\n\tvar b string = g(1)\n}\n",
	"func f() {\n\tconst c = 1\n\tc = 2\n\tc++\n\tvar u uint8 = 256\n\t_ = 1 / 0\n\t_ = []int{1, 2}[5-10]\n\t_ = u\n}\n",
	"func f(x any) {\n\tswitch x := x.(type) {\n\tcase int, int:\n\t}\n\tswitch 1 {\n\tcase \"a\":\n\t}\n}\n",
	"func f() {\n\tbreak\n\tcontinue\n\tgoto L\n\tfor {\n\t\tfallthrough\n\t}\nM:\n}\n",
	"func f[T any](x T) T { return x + 1 }\n\nvar _ = f[int, int](1)\ntype N interface{ ~int | ~float64 }\n\nvar _ N\n",
	"type A struct{ B }\ntype B struct{ A }\n\ntype C [len(d)]int\n\nvar d C\n",
	"var a = b\nvar b = a\n\nfunc f() { g() }\n",
	"func f() {\n\tvar p *int\n\tp.x = 1\n\t*p = \"a\"\n\tvar m map[[]int]int\n\tm[nil] = 1\n\tvar c <-chan int\n\tclose(c)\n}\n",
	"import (\n\t\"fmt\"\n\t\"strings\"\n)\n\nfunc f() {\n\tfmt.println()\n\tfmt.NoSuch()\n\tstrings.ToUpper(1)\n}\n",
	"func f() (a int, err error) {\n\treturn 1\n}\n\nfunc g() {\n\treturn 1\n}\n\nfunc h() (int, int) {\n\treturn f(), 1\n}\n",
	"func f() {\n\tfor i := range 3.5 {\n\t}\n\tfor a, b := range 3 {\n\t}\n\tfor range func(int) {} {\n\t}\n}\n",
	"func f() {\n\tvar x int\n\tx()\n\tx.y()\n\t_ = x[1:2]\n\t_ = &1\n\t_ = *x\n\t_ = -\"a\"\n\t_ = !1\n}\n",
	"func f() {\n\tvar a int\n\tvar b string\n\t_ = a + b\n\t_ = a == b\n\t_ = a && true\n\t_ = a << 1.5\n\t_ = func() {} == func() {}\n}\n",
	"func f() {\n\tx := nil\n\tvar _ = nil == nil\n\t1\n\t\"a\" + \"b\"\n\tlen(\"a\")\n}\n",
	"func init() int { return 1 }\n\nfunc f() { init() }\n",
	"import _ \"fmt\"\nimport f \"strings\"\n\nvar f = 1\n",
	"type T struct{}\n\nfunc (t T) a() { t.b(); t.c = 1; T.d() }\n\nfunc (x int) m() {}\nfunc (p **T) n() {}\n",
	"import \"time\"\n\nfunc f() {\n\tvar d time.Duration = 1.5\n\tn := 3\n\ttime.Sleep(n * time.Second)\n\t_ = time.Time{wall: 1}\n\t_ = d\n}\n",
	"import \"errors\"\n\ntype E struct{}\n\nfunc (E) Error() string { return \"\" }\n\nfunc f() error {\n\tvar e E\n\tif errors.As(e, 1, 2) {\n\t\treturn &e\n\t}\n\treturn E\n}\n",
	"func f(a int, a string) {}\n\nfunc f() {}\n\nvar f int\n",
}

// brokenLines have errors that the compiler shows at another place of the line, or with others in the line.
var brokenLines = []string{
	"func g(int) {}\nfunc f[T any](x T) {}\n\nfunc h() {\n\tg()\n\tf()\n\tvar c <-chan int\n\tc <- 1\n\tvar x int\n\tx[0] = 1\n}\n",
	"func f(a int, a string) (a bool) { return }\n",
	"func f() {\n\tdefer 1\n\tgo f\n}\n",
	"func f() { a := ; }\n\nfunc g() { b := ; }\n",
	"func f() {\n\tif x {\n\t\ty := [3\n\t}\n}\n",
	"var s = \"abc\nvar t = 'ab'\n",
	"import \"os\"; var x = 1\nimport \"fmt\"\n",
}

// Every error is where the compiler has it, and there are no others.
func TestErrorsAreTheCompilers(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	files := fstest.MapFS{}
	write := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text)} }
	write("go.mod", "module example.com/broken\n\ngo 1.26\n")
	for i, text := range slices.Concat(broken, brokenLines) {
		write(fmt.Sprintf("p%d/p.go", i), fmt.Sprintf("package p%d\n\n%s", i, text))
	}
	out, err := goCommand(t, files, "build", "-gcflags=-e", "./...")
	if err == nil {
		t.Fatal("the compiler takes it all")
	}
	for i, text := range slices.Concat(broken, brokenLines) {
		folder := fmt.Sprintf("p%d", i)
		t.Run(folder, func(t *testing.T) {
			position := regexp.MustCompile(`(?m)^` + folder + `/p\.go:\d+:\d+`)
			if i >= len(broken) {
				position = regexp.MustCompile(`(?m)^` + folder + `/p\.go:\d+`)
			}
			want := position.FindAllString(out, -1)
			found := errorsOf(t, check.Config{Tree: files, Dir: folder})
			got := position.FindAllString(strings.Join(found, "\n"), -1)
			slices.Sort(want)
			slices.Sort(got)
			if len(got) == 0 || !slices.Equal(slices.Compact(got), slices.Compact(want)) {
				t.Errorf("%s\ngot\n%s\nwant\n%s", text, strings.Join(found, "\n"), strings.Join(linesOf(out, folder), "\n"))
			}
		})
	}
}

// goCommand runs the go command on files, and returns what it prints.
func goCommand(t *testing.T, files fstest.MapFS, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func linesOf(out, folder string) []string {
	return slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool { return !strings.HasPrefix(line, folder+"/") })
}

// compile returns what the compiler says of a package of one file.
func compile(t *testing.T, source []byte) string {
	t.Helper()
	cfg, err := importConfig()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := fstest.MapFS{"p/p.go": {Data: source}, "importcfg": {Data: cfg}}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	// The result goes to a file of its own: the compiler removes it where there are errors.
	cmd := exec.CommandContext(t.Context(), "go", "tool", "compile", "-e", "-p", "p", "-complete", "-importcfg", "importcfg", "-o", "p.o", "p/p.go")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("the compiler takes it")
	}
	return string(out)
}

// importConfig tells the compiler where compiled packages are.
var importConfig = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "list", "-export", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "std").Output()
})

// spellings are where the words of the compiler are not those of the checker: it quotes package names at times, and adds
// other places to what it says of labels.
var spellings = regexp.MustCompile(`(jumps over) .*|(jumps into block) .*|(already defined) at .*`)

var quoted = regexp.MustCompile(`"(\w+)"\.`)

// messages returns the errors, without what they add on further lines.
func messages(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "p/p.go:") {
			line = quoted.ReplaceAllString(strings.TrimSpace(line), "$1.")
			all = append(all, spellings.ReplaceAllString(line, "$1$2$3"))
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(number(a, 1), number(b, 1)), cmp.Compare(number(a, 2), number(b, 2)), strings.Compare(a, b))
	})
	return all
}

// number returns the line (1) or the column (2) that a message is about.
func number(message string, part int) int {
	n, _ := strconv.Atoi(strings.Split(message, ":")[part])
	return n
}

// An error reads as the compiler's. Of those of the parser, which does not go on as the compiler's does, the first does.
func TestErrorsReadAsTheCompilers(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the compiler")
	}
	archive, err := txtar.ParseFile("testdata/broken.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			source := append([]byte("package p\n\n"), f.Data...)
			want := messages(compile(t, source))
			got := messages(strings.Join(errorsOf(t, check.Config{Tree: fstest.MapFS{"p/p.go": {Data: source}}, Dir: "p"}), "\n"))
			if strings.HasPrefix(f.Name, "syntax") {
				got, want = got[:1], want[:1]
			}
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("got\n\t%s, want\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}

// Whatever is missing at the end of a file, there is an answer, and it is about the file.
func TestErrorsOfWhatIsCutOff(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/broken.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		source := append([]byte("package p\n\n"), f.Data...)
		for end := 0; end < len(source); end += 13 {
			_, err := check.Check(check.Config{Tree: fstest.MapFS{"p.go": {Data: source[:end]}}, Dir: ".", Importer: symbols.Std()})
			var errs check.Errors
			if err != nil && !errors.As(err, &errs) {
				t.Fatalf("%s: %v", f.Name, err)
			}
			lines := strings.Count(string(source[:end]), "\n") + 1
			for _, e := range errs {
				if e.Pos.Filename != "p.go" || e.Pos.Line < 1 || e.Pos.Line > lines || e.Message == "" {
					t.Fatalf("%s: of %d lines: %v", f.Name, lines, e)
				}
			}
		}
	}
}
