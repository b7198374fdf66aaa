package sources_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// list seals the tree and returns its files: "path mode content" for each.
func list(t *testing.T, tree *sources.Tree) []string {
	t.Helper()
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return listFS(t, files)
}

func listFS(t *testing.T, files fs.FS) []string {
	t.Helper()
	var got []string
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		got = append(got, fmt.Sprintf("%s %o %s", name, info.Mode().Perm(), data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func add(t *testing.T, tree *sources.Tree, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := tree.Add(name, 0o644, strings.NewReader("content of "+name)); err != nil {
			t.Fatal(err)
		}
	}
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestTreeSealsWhatWasAdded(t *testing.T) {
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	modes := map[string]fs.FileMode{"run.sh": 0o755, "group.sh": 0o610, "a/b/c.go": 0o600, "Ünïcode.txt": 0o666}
	for name, mode := range modes {
		if err := tree.Add(name, mode, strings.NewReader(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Add("a/empty", 0o444, strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, listFS(t, files), []string{
		"a/b/c.go 644 a/b/c.go",
		"a/empty 644 ",
		"group.sh 755 group.sh",
		"run.sh 755 run.sh",
		"Ünïcode.txt 644 Ünïcode.txt",
	})
	if err := fstest.TestFS(files, "run.sh", "a/b/c.go", "a/empty", "Ünïcode.txt"); err != nil {
		t.Error(err)
	}
	data, err := fs.ReadFile(files, "run.sh")
	if err != nil {
		t.Fatal(err)
	}
	data[0] = 'X'
	if again, _ := fs.ReadFile(files, "run.sh"); string(again) != "run.sh" {
		t.Errorf("a reader changed the tree: %q", again)
	}
}

func TestTreeWithoutFiles(t *testing.T) {
	files, err := sources.NewTree(sources.Selection{}, sources.Limits{}).Seal()
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(files); err != nil {
		t.Error(err)
	}
}

func TestTreeSelects(t *testing.T) {
	for _, dir := range []string{"", ".", "./"} {
		tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
		add(t, tree, "plugins/a.go", "b.go")
		equal(t, list(t, tree), []string{"b.go 644 content of b.go", "plugins/a.go 644 content of plugins/a.go"})
	}
	for _, dir := range []string{"plugins", "plugins/", "./plugins", "x/../plugins"} {
		tree := sources.NewTree(sources.Selection{Dir: dir}, sources.Limits{})
		add(t, tree, "plugins/a.go", "plugins/plugins/b.go", "plugins2/c.go", "d.go")
		equal(t, list(t, tree), []string{
			"a.go 644 content of plugins/a.go",
			"plugins/b.go 644 content of plugins/plugins/b.go",
		})
	}
}

func TestTreeWants(t *testing.T) {
	tests := []struct {
		dir, name string
		want      bool
	}{
		{"", "a.go", true},
		{"", "a/b/c.go", true},
		{"", ".git/config", false},
		{"", "sub/.git", false},
		{"", "sub/.hg/x", false},
		{"", ".gitignore", true},
		{"", ".github/workflows/ci.yml", true},
		{"plugins", "plugins/a.go", true},
		{"plugins", "plugins/.git/config", false},
		{"plugins", "plugins", false},
		{"plugins", "plugins.go", false},
		{"plugins", "other/plugins/a.go", false},
		{"../x", "a.go", false},
	}
	for _, tt := range tests {
		tree := sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{})
		if got := tree.Wants(tt.name); got != tt.want {
			t.Errorf("with dir %q, Wants(%q) = %t, want %t", tt.dir, tt.name, got, tt.want)
		}
	}
}

func TestTreeWantsBelow(t *testing.T) {
	tests := []struct {
		dir, folder string
		want        bool
	}{
		{"", ".", true},
		{"", "a/b", true},
		{"", ".git", false},
		{"", "a/.git/objects", false},
		{"a/b", ".", true},
		{"a/b", "a", true},
		{"a/b", "a/b", true},
		{"a/b", "a/b/c", true},
		{"a/b", "a/bc", false},
		{"a/b", "c", false},
	}
	for _, tt := range tests {
		tree := sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{})
		if got := tree.WantsBelow(tt.folder); got != tt.want {
			t.Errorf("with dir %q, WantsBelow(%q) = %t, want %t", tt.dir, tt.folder, got, tt.want)
		}
	}
}

func TestTreeReadsNothingThatIsNotWanted(t *testing.T) {
	tree := sources.NewTree(sources.Selection{Dir: "plugins"}, sources.Limits{})
	add(t, tree, "plugins/a.go")
	broken := iotest.ErrReader(errors.New("it was read"))
	for _, name := range []string{"other/a.go", "plugins/.git/config", "../x", "plugins2"} {
		if err := tree.Add(name, 0o644, broken); err != nil {
			t.Errorf("Add(%q): %v", name, err)
		}
	}
	if err := tree.Link("other/link", "/etc/passwd"); err != nil {
		t.Error(err)
	}
	equal(t, list(t, tree), []string{"a.go 644 content of plugins/a.go"})
}

func TestTreeSelectionErrors(t *testing.T) {
	tests := []struct {
		name, dir string
		file      string
		kind      sources.Kind
		want      string
	}{
		{"no such folder", "plugins", "other/a.go", sources.NotFound, `folder "plugins": it does not exist, or has no files`},
		{"a file", "plugins", "plugins", sources.NotFound, `folder "plugins": it does not exist: "plugins" is a file`},
		{"below a file", "a/b", "a", sources.NotFound, `folder "a/b": it does not exist: "a" is a file`},
		{"outside", "../plugins", "a", sources.Misconfigured, `dir "../plugins": the folder is not within`},
		{"absolute", "/plugins", "a", sources.Misconfigured, `dir "/plugins": the folder is not within`},
		{"backslash", `..\plugins`, "a", sources.Misconfigured, "the folder is not within"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := sources.NewTree(sources.Selection{Dir: tt.dir}, sources.Limits{})
			_ = tree.Add(tt.file, 0o644, strings.NewReader("")) // where it fails, Seal fails alike
			_, err := tree.Seal()
			sourcetest.WantError(t, err, tt.kind, tt.want)
		})
	}
	t.Run("a link", func(t *testing.T) {
		tree := sources.NewTree(sources.Selection{Dir: "plugins"}, sources.Limits{})
		if err := tree.Link("plugins", "elsewhere"); err != nil {
			t.Fatal(err)
		}
		_, err := tree.Seal()
		sourcetest.WantError(t, err, sources.NotFound, `"plugins" is a symbolic link`)
	})
}

func TestTreeTakesContentInMemory(t *testing.T) {
	tree := sources.NewTree(sources.Selection{Dir: "plugins"}, sources.Limits{Bytes: 4})
	for name, mode := range map[string]fs.FileMode{"plugins/a": 0o600, "plugins/sub/run": 0o700, "beside": 0o644} {
		if err := tree.AddBytes(name, mode, []byte(name[len(name)-2:])); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, list(t, tree), []string{"a 644 /a", "sub/run 755 un"})
}

func TestTreeRetriesAReadThatFailed(t *testing.T) {
	tree := sources.NewTree(sources.Selection{}, sources.Limits{Bytes: 10})
	reset := errors.New("connection reset")
	err := tree.Add("a", 0o644, io.MultiReader(strings.NewReader("123456789"), iotest.ErrReader(reset)))
	if !errors.Is(err, reset) || sources.KindOf(err) != sources.Transient {
		t.Fatalf("got %v", err)
	}
	if err := tree.Add("a", 0o644, strings.NewReader("1234567890")); err != nil {
		t.Fatal(err)
	}
	equal(t, list(t, tree), []string{"a 644 1234567890"})
}

func TestTreeStaysAsItWasSealed(t *testing.T) {
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	add(t, tree, "a")
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.WantError(t, tree.Add("b", 0o644, strings.NewReader("")), sources.Refused, "the tree is sealed")
	equal(t, listFS(t, files), []string{"a 644 content of a"})
}

func TestTreeConcurrently(t *testing.T) {
	const n = 200
	tree := sources.NewTree(sources.Selection{}, sources.Limits{Files: n})
	var wg sync.WaitGroup
	for i := range n {
		name := fmt.Sprintf("dir%d/file%d", i%7, i)
		wg.Go(func() {
			if err := tree.Add(name, 0o644, strings.NewReader(name)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := list(t, tree)
	if len(got) != n {
		t.Errorf("%d files, want %d", len(got), n)
	}
}
