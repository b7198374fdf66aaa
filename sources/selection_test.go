package sources_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func selected(t *testing.T, sel sources.Selection, names ...string) []string {
	t.Helper()
	tree := sources.NewTree(sel, sources.Limits{})
	for _, name := range names {
		if err := tree.Add(name, 0o644, strings.NewReader("")); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, line := range list(t, tree) {
		name, _, _ := strings.Cut(line, " 644 ")
		got = append(got, name)
	}
	return got
}

func TestSelection(t *testing.T) {
	all := []string{"README.md", "a/a.go", "a/a_test.go", "a/testdata/x", "b/b.go", "b/docs/b.md", "c/deep/c.go", "docs/d.md"}
	tests := []struct {
		name string
		sel  sources.Selection
		want string
	}{
		{"all", sources.Selection{}, "README.md a/a.go a/a_test.go a/testdata/x b/b.go b/docs/b.md c/deep/c.go docs/d.md"},
		{"include by name", sources.Selection{Include: []string{"*.go"}}, "a/a.go a/a_test.go b/b.go c/deep/c.go"},
		{"include a folder", sources.Selection{Include: []string{"a/"}}, "a/a.go a/a_test.go a/testdata/x"},
		{"include several", sources.Selection{Include: []string{"/a/", "/c/"}}, "a/a.go a/a_test.go a/testdata/x c/deep/c.go"},
		{"include takes back", sources.Selection{Include: []string{"*.go", "!*_test.go"}}, "a/a.go b/b.go c/deep/c.go"},
		{"exclude by name", sources.Selection{Exclude: []string{"*_test.go", "testdata/", "*.md"}}, "a/a.go b/b.go c/deep/c.go"},
		{"exclude an anchored folder", sources.Selection{Exclude: []string{"/docs/"}}, "README.md a/a.go a/a_test.go a/testdata/x b/b.go b/docs/b.md c/deep/c.go"},
		{"exclude a folder anywhere", sources.Selection{Exclude: []string{"docs/"}}, "README.md a/a.go a/a_test.go a/testdata/x b/b.go c/deep/c.go"},
		{"exclude counts more", sources.Selection{Include: []string{"*.go"}, Exclude: []string{"a/"}}, "b/b.go c/deep/c.go"},
		{"exclude takes back, but not below a folder", sources.Selection{Exclude: []string{"a/", "!a/a.go", "*.md", "!README.md"}}, "README.md b/b.go c/deep/c.go"},
		{"folders at any depth", sources.Selection{Include: []string{"c/**/*.go"}}, "c/deep/c.go"},
		{"relative to the folder", sources.Selection{Dir: "a", Include: []string{"/a.go"}}, "a.go"},
		{"nothing", sources.Selection{Dir: "a", Include: []string{"*.rs"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(selected(t, tt.sel, all...), " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSelectionsThatDoNotHold(t *testing.T) {
	for _, tt := range []struct {
		sel  sources.Selection
		want string
	}{
		{sources.Selection{Dir: "../x"}, `dir "../x"`},
		{sources.Selection{Include: []string{""}}, `include: pattern "": it is empty`},
		{sources.Selection{Exclude: []string{"a", "!/"}}, `exclude: pattern "!/": it is empty`},
		{sources.Selection{Exclude: []string{"[a"}}, "brackets or a backslash"},
		{sources.Selection{Exclude: []string{"a**b"}}, "** stands for folders"},
		{sources.Selection{Exclude: []string{"\xff"}}, "not valid UTF-8"},
		{sources.Selection{Exclude: []string{strings.Repeat("a", 1025)}}, "more than 1024 bytes"},
		{sources.Selection{Include: slices.Repeat([]string{"a"}, 257)}, "more than 256 patterns"},
	} {
		sourcetest.WantError(t, tt.sel.Check(), sources.Misconfigured, tt.want)
		_, err := sources.NewTree(tt.sel, sources.Limits{}).Seal()
		sourcetest.WantError(t, err, sources.Misconfigured, tt.want)
	}
}

// What is excluded is not read, and counts for nothing.
func TestWhatIsExcludedIsNotRead(t *testing.T) {
	tree := sources.NewTree(sources.Selection{Dir: "p", Exclude: []string{"big", "dir/"}}, sources.Limits{Files: 1, FileBytes: 1})
	for _, name := range []string{"p/big", "p/dir/big", "p/dir/../x"} {
		if tree.Wants(name) {
			t.Errorf("%s is wanted", name)
		}
		if err := tree.Add(name, 0o644, strings.NewReader("too large")); err != nil {
			t.Error(err)
		}
	}
	if tree.WantsBelow("p/dir") || !tree.WantsBelow("p/other") || !tree.WantsBelow("p") {
		t.Error("folders: want p and p/other, and not p/dir")
	}
	add(t, tree)
	equal(t, list(t, tree), nil)
}

func TestIgnoreFiles(t *testing.T) {
	tree := sources.NewTree(sources.Selection{Dir: "p"}, sources.Limits{})
	for name, content := range map[string]string{
		".scriptdignore":         "*.go\n", // not in the folder
		"p/.scriptdignore":       "# made by hand\n\n*.tmp\r\n/build/\n!keep.tmp\n",
		"p/a/.scriptdignore":     "!*.tmp\n/local\n",
		"p/a.go":                 "",
		"p/x.tmp":                "",
		"p/keep.tmp":             "",
		"p/build/y":              "",
		"p/b/build/z":            "",
		"p/a/back.tmp":           "",
		"p/a/local":              "",
		"p/a/b/local":            "",
		"p/build/.scriptdignore": "",
	} {
		if err := tree.AddBytes(name, 0o644, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Link("p/link", "x.tmp"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range list(t, tree) {
		name, _, _ := strings.Cut(line, " ")
		got = append(got, name)
	}
	want := ".scriptdignore a/.scriptdignore a/b/local a/back.tmp a.go b/build/z build/.scriptdignore keep.tmp link"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestIgnoreFilesThatDoNotHold(t *testing.T) {
	for content, want := range map[string]string{
		"a\n[b\n":                     `file ".scriptdignore": pattern "[b": it has brackets`,
		strings.Repeat("a\n", 257):    "more than 256 patterns",
		strings.Repeat("#\n", 64<<10): "more than 65536 bytes",
		"\xff\xfe\x00":                "not valid UTF-8",
	} {
		tree := sources.NewTree(sources.Selection{}, sources.Limits{})
		if err := tree.AddBytes(".scriptdignore", 0o644, []byte(content)); err != nil {
			t.Fatal(err)
		}
		_, err := tree.Seal()
		sourcetest.WantError(t, err, sources.Refused, want)
	}
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	for i := range 3 {
		if err := tree.AddBytes(fmt.Sprint(i, "/.scriptdignore"), 0o644, []byte(strings.Repeat("a\n", 100))); err != nil {
			t.Fatal(err)
		}
	}
	_, err := tree.Seal()
	sourcetest.WantError(t, err, sources.Refused, "more than 256 patterns in files of this name")
}

// Git is asked what its patterns mean.
func TestPatternsAreThoseOfGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git command")
	}
	dir := t.TempDir()
	run := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
		out, err := cmd.Output()
		if err != nil && cmd.ProcessState.ExitCode() != 1 { // 1: none is ignored
			t.Fatal(err)
		}
		return string(out)
	}
	run("", "init", "--quiet")
	paths := []string{
		"a", "b", "a.go", "dir/a", "dir/b", "dir/a.go", "dir/sub/a", "dir/sub/b.go", "x/dir/a", "x/dir/sub/c", "x/y/z/a.go", "build/out",
		"x/build/out", "abc/def", "abc/x/def", "abc/x/y/def", "foo bar", "#hash", "!bang", "a1", "a2", "ab", "A", "*star", "x.tar.gz", "ünï",
	}
	for _, patterns := range [][]string{
		{"a"},
		{"/a"},
		{"a/"},
		{"dir"},
		{"dir/"},
		{"/dir/"},
		{"dir/a"},
		{"dir/*"},
		{"dir/**"},
		{"**/a"},
		{"**/dir/a"},
		{"abc/**/def"},
		{"*.go"},
		{"/*.go"},
		{"dir/*.go"},
		{"*"},
		{"*", "!a"},
		{"*", "!*/", "!*.go"},
		{"dir", "!dir/a"},
		{"dir/*", "!dir/a"},
		{"!a"},
		{"a?"},
		{"a[0-9]"},
		{"a[!0-9]"},
		{"a[^1]"},
		{`\#hash`},
		{`\!bang`},
		{`\*star`},
		{"foo bar"},
		{"foo*"},
		{"*.tar.*"},
		{"x/**"},
		{"x/**/a.go"},
		{"**/build/"},
		{"build"},
		{"ü*"},
		{"**"},
		{"dir/sub/"},
		{"/x/y"},
		{"a ", "b"},
		{"y/z"},
		{"/**/a.go"},
		{"dir", "!dir"},
		{"dir/**", "!dir/a"},
		{"dir/**", "!dir/sub/"},
		{"dir/**", "!dir/sub/", "!dir/sub/a"},
		{"/*", "!/dir"},
		{"/*", "!/x/", "/x/*", "!/x/dir/"},
	} {
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(strings.Join(patterns, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ignored := strings.Split(run(strings.Join(paths, "\x00"), "check-ignore", "--no-index", "-z", "--stdin"), "\x00")
		got := selected(t, sources.Selection{Exclude: patterns}, slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "A" })...)
		for _, p := range paths {
			if p != "A" && slices.Contains(got, p) == slices.Contains(ignored, p) {
				t.Errorf("patterns %q, path %q: ignored is %t for git", patterns, p, slices.Contains(ignored, p))
			}
		}
	}
}

func FuzzIgnoreFile(f *testing.F) {
	f.Add("*.go\n!a/\n", "a/b.go")
	f.Add("**/x/**\n[^a]\n\\", "x/y")
	f.Fuzz(func(t *testing.T, content, name string) {
		tree := sources.NewTree(sources.Selection{}, sources.Limits{})
		if tree.AddBytes(".scriptdignore", 0o644, []byte(content)) == nil && tree.AddBytes(name, 0o644, nil) == nil {
			_, _ = tree.Seal() // it may be refused, and must not end the process
		}
	})
}
