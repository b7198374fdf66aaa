package guard

import (
	"os"
	"path/filepath"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Folders are those through which what was granted is reached, where it is named itself. They are opened before a process gives
// up what it needs for that: the kernel lets it use them for what is granted then, and for nothing else. A nil Folders has none.
type Folders struct{ roots map[string]*os.Root }

// OpenFolders opens the folders of what permissions name. What cannot be opened is left out. They stay open.
func OpenFolders(p runtime.Permissions) *Folders {
	f := &Folders{make(map[string]*os.Root)}
	g := newGrants(Options{Permissions: p})
	for _, paths := range [][]string{g.read, g.write} {
		for _, path := range paths {
			f.open(filepath.Dir(path))
			if target, err := filepath.EvalSymlinks(path); err == nil {
				f.open(filepath.Dir(target))
			}
		}
	}
	return f
}

func (f *Folders) open(path string) {
	_ = leadsOut() // which takes a folder too
	if f.roots[path] == nil {
		if root, err := os.OpenRoot(path); err == nil {
			f.roots[path] = root
		}
	}
}

// root returns the open folder of a path; nil where it is none of them.
func (f *Folders) root(path string) *os.Root {
	if f == nil {
		return nil
	}
	return f.roots[path]
}
