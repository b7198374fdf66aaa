package filesystem_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources/sourcetest"
)

// configMap is a folder that a kubelet keeps: a folder with a name of two dots for each moment, a link ..data to the one
// of now, and for each file or folder at its top a link through ..data.
type configMap struct {
	place
	mount string
	turn  int
}

// publish brings other files, in the steps of the kubelet's atomic writer.
func (m *configMap) publish(files sourcetest.Files) {
	m.Helper()
	m.turn++
	next := fmt.Sprintf("..2024_11_29_10_39_%02d.%09d", m.turn, m.turn*7_654_321)
	write(m.T, m.at(path.Join(m.mount, next)), files)
	before, err := os.Readlink(m.at(path.Join(m.mount, "..data")))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.Fatal(err)
	}
	tmp := m.at(path.Join(m.mount, "..data_tmp"))
	if err := errors.Join(os.Symlink(next, tmp), os.Rename(tmp, m.at(path.Join(m.mount, "..data")))); err != nil {
		m.Fatal(err)
	}
	top := map[string]bool{}
	for name := range files {
		name, _, _ = strings.Cut(name, "/")
		top[name] = true
		if err := os.Symlink("..data/"+name, m.at(path.Join(m.mount, name))); err != nil && !errors.Is(err, fs.ErrExist) {
			m.Fatal(err)
		}
	}
	entries, err := os.ReadDir(m.at(m.mount))
	if err != nil {
		m.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "..") && !top[e.Name()] {
			m.remove(path.Join(m.mount, e.Name()))
		}
	}
	if before != "" {
		m.remove(path.Join(m.mount, before))
	}
}

// tree is what a tree has of the files, under their own names and where they are: below dir.
func (m *configMap) tree(files sourcetest.Files, dir string) sourcetest.Files {
	m.Helper()
	now, err := os.Readlink(m.at(path.Join(m.mount, "..data")))
	if err != nil {
		m.Fatal(err)
	}
	want := sourcetest.Files{}
	for name, f := range files {
		for _, name := range []string{name, path.Join(now, name)} {
			if dir == "." || strings.HasPrefix(name, dir+"/") {
				want[strings.TrimPrefix(name, dir+"/")] = f
			}
		}
	}
	return want
}

func TestWatchSeesAConfigMapChange(t *testing.T) {
	for _, tt := range []struct{ name, path, dir, part string }{
		{"the folder itself", "etc/plugins", "", "."},
		{"a folder that holds it, and it is selected", "etc", "plugins", "."},
		{"a folder in it", "etc/plugins", "team", "team"},
		{"a folder in it, from the one that holds it", "etc", "plugins/team/sub", "team/sub"},
		{"a path through it", "etc/plugins/team", "", "team"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &configMap{place: place{t, t.TempDir()}, mount: "etc/plugins"}
			files := sourcetest.Text("hello.go", "1", "team/a.go", "1", "team/sub/b.go", "1")
			m.publish(files)
			src := open(t, m.at(tt.path))
			rev, err := src.Resolve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := fetch(t, src, tt.dir); err != nil || len(got) != len(m.tree(files, tt.part)) {
				t.Errorf("at first there are %v, %v", got, err)
			}
			changed := sourcetest.Watch(t, src)
			for i, next := range []sourcetest.Files{
				sourcetest.Text("hello.go", "2", "team/a.go", "2", "team/sub/b.go", "2"),
				sourcetest.Text("hello.go", "2", "team/a.go", "3", "team/sub/b.go", "3", "team/sub/new/c.go", "3", "more.go", "3"),
				sourcetest.Text("other.go", "4", "team/sub/b.go", "4"),
			} {
				m.publish(next)
				awaitIn(t, src, tt.dir, changed, m.tree(next, tt.part))
				now, err := src.Resolve(t.Context())
				if err != nil || now == rev {
					t.Errorf("revision %d is %s, %v, it was %s", i, now, err, rev)
				}
				rev = now
			}
		})
	}
}

// What is fetched while the files are replaced is those of one moment, all of them: the kubelet replaces them at once.
func TestAConfigMapIsNeverHalf(t *testing.T) {
	m := &configMap{place: place{t, t.TempDir()}, mount: "mount"}
	all := func(content string) sourcetest.Files {
		return sourcetest.Text("a.go", content, "b.go", content, "team/c.go", content, "z.go", content)
	}
	m.publish(all("0"))
	src := open(t, m.at("mount"))
	stop := make(chan struct{})
	var poll sync.WaitGroup
	whole := 0
	poll.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			got, err := fetch(t, src, "")
			if err != nil {
				continue // it changed meanwhile
			}
			whole++
			for name := range all("") {
				if got[name] == "" || got[name] != got["a.go"] {
					t.Errorf("%s is %q where a.go is %q: %v", name, got[name], got["a.go"], got)
					return
				}
			}
		}
	})
	for i := range 150 {
		m.publish(all(fmt.Sprint(i)))
		time.Sleep(time.Duration(i%8) * time.Millisecond)
	}
	close(stop)
	poll.Wait()
	if whole == 0 {
		t.Error("none was fetched")
	}
}
