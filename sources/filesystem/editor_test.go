package filesystem_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources/sourcetest"
)

// What programs do to a file to change it, as their system calls show. Those that are installed are put to the test
// themselves, too.
func TestWatchSeesWhatEditorsDo(t *testing.T) {
	tests := []struct {
		name string
		edit func(path, content string) error
	}{
		{"write in place: VS Code, nano", func(path, content string) error {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString(content)
			return errors.Join(err, f.Sync(), f.Close())
		}},
		{"write beside and rename: gofmt, Kate, many", func(path, content string) error {
			return errors.Join(os.WriteFile(path+".tmp", []byte(content), 0o644), os.Rename(path+".tmp", path))
		}},
		{"rename away and write: Vim", func(path, content string) error {
			probe, swap := filepath.Join(filepath.Dir(path), "4913"), filepath.Join(filepath.Dir(path), ".a.go.swp")
			return errors.Join(
				os.WriteFile(swap, []byte("swap"), 0o600),
				os.WriteFile(probe, nil, 0o644), os.Remove(probe),
				os.Rename(path, path+"~"), os.WriteFile(path, []byte(content), 0o644), os.Chmod(path, 0o644),
				os.Remove(swap), os.Remove(path+"~"))
		}},
		{"lock, rename away, copy back and write: Emacs", func(path, content string) error {
			lock := filepath.Join(filepath.Dir(path), ".#a.go")
			return errors.Join(
				os.Symlink("user@host.4711:1700000000", lock),
				os.WriteFile(filepath.Join(filepath.Dir(path), "#a.go#"), []byte(content), 0o644),
				os.Rename(path, path+"~"), os.WriteFile(path, []byte(content), 0o644),
				os.Remove(filepath.Join(filepath.Dir(path), "#a.go#")), os.Remove(lock))
		}},
		{"write beside and swap: JetBrains", func(path, content string) error {
			next, old := path+"___jb_tmp___", path+"___jb_old___"
			return errors.Join(os.WriteFile(next, []byte(content), 0o644),
				os.Rename(path, old), os.Rename(next, path), os.Remove(old))
		}},
		{"write beside, set times and mode, and rename: rsync", func(path, content string) error {
			next := filepath.Join(filepath.Dir(path), ".a.go.Xy12Zz")
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return errors.Join(os.WriteFile(next, []byte(content), 0o600), os.Chtimes(next, info.ModTime(), info.ModTime()),
				os.Chmod(next, 0o644), os.Rename(next, path))
		}},
		{"remove and write: git", func(path, content string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte(content), 0o644))
		}},
		{"remove and link", func(path, content string) error {
			return errors.Join(os.WriteFile(path+".tmp", []byte(content), 0o644), os.Remove(path),
				os.Link(path+".tmp", path), os.Remove(path+".tmp"))
		}},
		{"Vim itself", program("vim", "-u", "NONE", "-i", "NONE", "-es",
			"-c", "set backup writebackup binary noeol", "-c", "%s/.*/CONTENT/", "-c", "wq", "FILE")},
		{"sed itself", program("sed", "-i", "s/.*/CONTENT/", "FILE")},
		{"a shell itself", program("sh", "-c", "printf %s CONTENT > FILE")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, sourcetest.Text("pkg/a.go", "old"))
			src := open(t, dir)
			changed := sourcetest.Watch(t, src)
			for _, content := range []string{"one", "two", "six"} { // a watch on the file itself would be lost with the first
				err := tt.edit(filepath.Join(dir, "pkg", "a.go"), content)
				if errors.Is(err, errors.ErrUnsupported) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				await(t, src, changed, sourcetest.Text("pkg/a.go", content))
			}
		})
	}
}

// program edits with a program that may not be installed.
func program(name string, args ...string) func(path, content string) error {
	return func(path, content string) error {
		if _, err := exec.LookPath(name); err != nil {
			return errors.Join(err, errors.ErrUnsupported)
		}
		cmd := exec.Command(name) //nolint:noctx // it ends by itself, and the test cannot do without it
		for _, arg := range args {
			cmd.Args = append(cmd.Args, strings.NewReplacer("FILE", path, "CONTENT", content).Replace(arg))
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = errors.Join(err, errors.New(string(out)))
		}
		return err
	}
}

// A checkout of another branch changes many files, removes and adds others, and makes folders of files.
func TestWatchSeesACheckout(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{
			"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=one", "-c", "commit.gpgsign=false",
		}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	one, two := sourcetest.Text("turns", "file"), sourcetest.Text("turns/into/a/folder", "below")
	for i := range 300 {
		name := filepath.ToSlash(filepath.Join("pkg"+string(rune('a'+i%20)), "file"+string(rune('a'+i/20))+".go"))
		one[name] = sourcetest.File{Content: "one"}
		if i%3 > 0 {
			two[name] = sourcetest.File{Content: "two"}
		} else {
			two["new/"+name] = sourcetest.File{Content: "two"}
		}
	}
	git("init", "-q")
	write(t, dir, one)
	git("add", ".")
	git("commit", "-qm", "one")
	git("checkout", "-qb", "two")
	git("rm", "-rq", ".")
	write(t, dir, two)
	git("add", ".")
	git("commit", "-qm", "two")

	src := open(t, dir)
	changed := sourcetest.Watch(t, src)
	for range 2 {
		git("checkout", "-q", "one")
		await(t, src, changed, one)
		git("checkout", "-q", "two")
		await(t, src, changed, two)
	}
}
