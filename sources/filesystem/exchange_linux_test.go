package filesystem_test

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/sources/sourcetest"
)

// Folders that change places in one system call, and one that takes the place of an empty one.
func TestWatchSeesFoldersThatAreExchanged(t *testing.T) {
	for _, path := range []string{"plugins", "plugins/sub"} {
		t.Run(path, func(t *testing.T) {
			p := place{t, t.TempDir()}
			p.write(path+"/x.go", "1", "new/x.go", "2", "newer/x.go", "3")
			src := open(t, p.at("plugins"))
			changed := sourcetest.Watch(t, src)
			exchange := func(from string, flags uint) {
				t.Helper()
				if err := unix.Renameat2(unix.AT_FDCWD, p.at(from), unix.AT_FDCWD, p.at(path), flags); err != nil {
					t.Fatal(err)
				}
			}
			name := strings.TrimPrefix(path+"/x.go", "plugins/")
			exchange("new", unix.RENAME_EXCHANGE)
			await(t, src, changed, sourcetest.Text(name, "2"))
			p.write(path+"/x.go", "2b", "new/x.go", "not this one")
			await(t, src, changed, sourcetest.Text(name, "2b"))
			p.remove(path + "/x.go")
			await(t, src, changed, nil)
			exchange("newer", 0)
			await(t, src, changed, sourcetest.Text(name, "3"))
			p.write(path+"/x.go", "4")
			await(t, src, changed, sourcetest.Text(name, "4"))
		})
	}
}
