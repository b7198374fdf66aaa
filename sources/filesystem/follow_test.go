package filesystem_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// place is the folder in which a test changes files and folders.
type place struct {
	*testing.T
	base string
}

func (p place) at(name string) string { return filepath.Join(p.base, filepath.FromSlash(name)) }

func (p place) write(pairs ...string) { p.Helper(); write(p.T, p.base, sourcetest.Text(pairs...)) }
func (p place) move(from, to string)  { p.Helper(); rename(p.T, p.at(from), p.at(to)) }
func (p place) remove(name string)    { p.Helper(); removeAll(p.T, p.at(name)) }

// link makes name a link to target, in the place of one that is there, as ln -sfn and deployments do.
func (p place) link(target, name string) {
	p.Helper()
	next := p.at(name + ".next")
	if err := errors.Join(os.Symlink(filepath.FromSlash(target), next), os.Rename(next, p.at(name))); err != nil {
		p.Fatal(err)
	}
}

func (p place) mkdir(name string) {
	p.Helper()
	if err := os.Mkdir(p.at(name), 0o755); err != nil {
		p.Fatal(err)
	}
}

// step is a change, and the files below the path then; none: there is no such folder.
type step struct {
	do   func(p place)
	want []string
}

func files(pairs ...string) []string { return pairs }

func TestWatchFollowsThePath(t *testing.T) {
	pause := func() { time.Sleep(60 * time.Millisecond) } // longer than it takes to be noticed
	for _, tt := range []struct {
		name, path string
		start      func(p place)
		steps      []step
	}{
		{"a folder that comes late, level by level", "a/b/plugins", func(place) {}, []step{
			{func(p place) {
				for _, dir := range []string{"a", "a/b", "a/b/plugins"} {
					p.mkdir(dir)
					pause()
				}
				p.write("a/b/plugins/x.go", "1")
			}, files("x.go", "1")},
		}},
		{"a folder that comes late, at once", "a/b/plugins", func(place) {}, []step{
			{func(p place) { p.write("a/b/plugins/x.go", "1", "a/b/plugins/sub/y.go", "1") }, files("x.go", "1", "sub/y.go", "1")},
		}},
		{"a folder that vanishes and returns", "a/plugins", func(p place) { p.write("a/plugins/x.go", "1") }, []step{
			{func(p place) { p.remove("a/plugins") }, nil},
			{func(p place) { p.write("a/plugins/x.go", "2") }, files("x.go", "2")},
			{func(p place) { p.remove("a") }, nil},
			{func(p place) { p.write("a/plugins/x.go", "3") }, files("x.go", "3")},
			{func(p place) { p.remove("a"); p.write("a/plugins/x.go", "4") }, files("x.go", "4")},
		}},
		{"a folder that is replaced by another", "plugins", func(p place) { p.write("plugins/x.go", "1", "new/x.go", "2") }, []step{
			{func(p place) { p.move("plugins", "old"); p.move("new", "plugins") }, files("x.go", "2")},
			{func(p place) { p.write("old/x.go", "not this one", "plugins/x.go", "3") }, files("x.go", "3")},
			{func(p place) { p.move("plugins", "new"); p.move("old", "plugins") }, files("x.go", "not this one")},
		}},
		{"a folder that becomes a file", "plugins", func(p place) { p.write("plugins/x.go", "1") }, []step{
			{func(p place) { p.remove("plugins"); p.write("plugins", "a file") }, nil},
			{func(p place) { p.remove("plugins"); p.write("plugins/x.go", "2") }, files("x.go", "2")},
		}},
		{"a folder on the way that becomes a file", "a/plugins", func(p place) { p.write("a/plugins/x.go", "1") }, []step{
			{func(p place) { p.remove("a"); p.write("a", "a file") }, nil},
			{func(p place) { p.remove("a"); p.write("a/plugins/x.go", "2") }, files("x.go", "2")},
		}},
		{"a folder further up that is renamed", "a/b/c/plugins", func(p place) { p.write("a/b/c/plugins/x.go", "1") }, []step{
			{func(p place) { p.move("a", "away") }, nil},
			{func(p place) { p.write("away/b/c/plugins/x.go", "2"); p.move("away", "a") }, files("x.go", "2")},
			{func(p place) { p.write("new/b/c/plugins/x.go", "3"); p.move("a", "old"); p.move("new", "a") }, files("x.go", "3")},
			{func(p place) { p.move("a/b", "a/bb"); p.write("a/b/c/plugins/x.go", "4") }, files("x.go", "4")},
		}},
		{"files and folders in each other's place", "plugins", func(p place) { p.write("plugins/x", "1", "plugins/y/z/a.go", "1") }, []step{
			{func(p place) { p.remove("plugins/x"); p.write("plugins/x/a.go", "2") }, files("x/a.go", "2", "y/z/a.go", "1")},
			{func(p place) { p.write("plugins/x/a.go", "3") }, files("x/a.go", "3", "y/z/a.go", "1")},
			{func(p place) { p.remove("plugins/y"); p.write("plugins/y", "4") }, files("x/a.go", "3", "y", "4")},
			{func(p place) { p.remove("plugins/y"); p.write("plugins/y/z/a.go", "5") }, files("x/a.go", "3", "y/z/a.go", "5")},
			{func(p place) { p.write("plugins/y/z/a.go", "6") }, files("x/a.go", "3", "y/z/a.go", "6")},
		}},
		{"deep folders", "plugins", func(p place) { p.mkdir("plugins"); p.write("tree/e/f/g/h/a.go", "3") }, []step{
			{func(p place) { p.write("plugins/a/b/c/d/a.go", "1") }, files("a/b/c/d/a.go", "1")},
			{func(p place) { p.write("plugins/a/b/c/d/a.go", "2") }, files("a/b/c/d/a.go", "2")},
			{func(p place) { p.move("tree", "plugins/tree") }, files("a/b/c/d/a.go", "2", "tree/e/f/g/h/a.go", "3")},
			{func(p place) { p.write("plugins/tree/e/f/g/h/a.go", "4") }, files("a/b/c/d/a.go", "2", "tree/e/f/g/h/a.go", "4")},
			{func(p place) { p.move("plugins/a/b", "plugins/b") }, files("b/c/d/a.go", "2", "tree/e/f/g/h/a.go", "4")},
			{func(p place) { p.write("plugins/b/c/d/a.go", "5") }, files("b/c/d/a.go", "5", "tree/e/f/g/h/a.go", "4")},
			{func(p place) { p.remove("plugins/tree") }, files("b/c/d/a.go", "5")},
		}},
		{"a folder with a name like an editor's file", "plugins", func(p place) { p.write("plugins/x.go", "1") }, []step{
			{func(p place) { p.write("plugins/old~/a.go", "1") }, files("x.go", "1", "old~/a.go", "1")},
			{func(p place) { p.write("plugins/old~/a.go", "2") }, files("x.go", "1", "old~/a.go", "2")},
			{func(p place) { p.remove("plugins/old~") }, files("x.go", "1")},
		}},
		{"a link that is flipped", "current", func(p place) {
			p.write("releases/41/x.go", "41", "releases/42/x.go", "42")
			p.link("releases/41", "current")
		}, []step{
			{func(p place) { p.link("releases/42", "current") }, files("x.go", "42")},
			{func(p place) { p.write("releases/42/x.go", "42b") }, files("x.go", "42b")},
			{func(p place) { p.link("releases/43", "current") }, nil},
			{func(p place) { p.write("releases/43/x.go", "43") }, files("x.go", "43")},
			{func(p place) { p.remove("current"); p.write("current/x.go", "44") }, files("x.go", "44")},
			{func(p place) { p.remove("current"); p.link("releases/42", "current") }, files("x.go", "42b")},
		}},
		{"a link on the way that is flipped", "current/team/plugins", func(p place) {
			p.write("releases/41/team/plugins/x.go", "41", "releases/42/team/plugins/x.go", "42")
			p.link("releases/41", "current")
		}, []step{
			{func(p place) { p.link("releases/42", "current") }, files("x.go", "42")},
			{func(p place) { p.write("releases/42/team/plugins/x.go", "42b") }, files("x.go", "42b")},
			{func(p place) { p.remove("releases/42") }, nil},
			{func(p place) { p.link(p.at("releases/41"), "current") }, files("x.go", "41")},
		}},
		{"links that lead to links", "one", func(p place) {
			p.write("v1/x.go", "1", "v2/x.go", "2", "links/none", "")
			p.link("links/two", "one")
			p.link("../three", "links/two")
			p.link("v1", "three")
		}, []step{
			{func(p place) { p.link("v2", "three") }, files("x.go", "2")},
			{func(p place) { p.link("../v1", "links/two") }, files("x.go", "1")},
			{func(p place) { p.link("v2", "one") }, files("x.go", "2")},
			{func(p place) { p.link("one", "one") }, nil},
			{func(p place) { p.link("v1", "one") }, files("x.go", "1")},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			p := place{t, base}
			tt.start(p)
			src := open(t, p.at(tt.path))
			changed := sourcetest.Watch(t, src)
			for i, s := range tt.steps {
				s.do(p)
				if s.want == nil {
					awaitNothing(t, src, changed)
					continue
				}
				await(t, src, changed, sourcetest.Text(s.want...))
				if i == len(tt.steps)-1 {
					p.write(tt.path+"/last.go", "last")
					await(t, src, changed, sourcetest.Text(append(s.want, "last.go", "last")...))
				}
			}
		})
	}
}

// awaitNothing waits until a watch tells of a change after which there is no folder.
func awaitNothing(t *testing.T, src sources.Source, changed <-chan struct{}) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case <-changed:
			if _, err := src.Resolve(t.Context()); err != nil {
				return
			}
		case <-deadline:
			t.Fatal("the watch did not tell that the folder is gone")
		}
	}
}

// A folder that may not be read is no reason not to watch the others, and is watched once it may be.
func TestWatchWaitsForPermission(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	for _, name := range []string{"plugins", "plugins/sub"} {
		t.Run(name, func(t *testing.T) {
			p := place{t, t.TempDir()}
			p.write("plugins/sub/x.go", "1")
			chmod := func(mode fs.FileMode) {
				t.Helper()
				if err := os.Chmod(p.at(name), mode); err != nil {
					t.Fatal(err)
				}
			}
			chmod(0)
			t.Cleanup(func() { chmod(0o755) })
			src := open(t, p.at("plugins"))
			changed := sourcetest.Watch(t, src)
			chmod(0o755)
			await(t, src, changed, sourcetest.Text("sub/x.go", "1"))
			p.write("plugins/sub/x.go", "2")
			await(t, src, changed, sourcetest.Text("sub/x.go", "2"))
		})
	}
}
