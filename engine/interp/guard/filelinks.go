package guard

import (
	"os"
	"path/filepath"
	"syscall"
)

// linkFuncs are the functions of package os for two paths.
func linkFuncs(g *Guard) map[string]any {
	return map[string]any{"os.Rename": g.rename, "os.Link": g.link, "os.Symlink": g.symlink}
}

// symlink is os.Symlink. Where the link leads to matters when it is followed.
func (g *Guard) symlink(target, name string) error {
	return plainLink("symlink", target, name, g.at(name, placing, false, func(p place) error {
		return p.root.Symlink(target, p.name)
	}))
}

// rename is os.Rename. Where the new path may be read, the old one must be: a new name is no way to read what is not granted.
func (g *Guard) rename(from, to string) error {
	need := writing
	if g.mayRead(to) {
		need |= reading
	}
	return plainLink("rename", from, to, g.pair(from, to, need, func(a, b place) error {
		if a.folder == b.folder {
			return a.root.Rename(a.name, b.name)
		}
		if info, err := b.root.Lstat(b.name); err == nil && info.IsDir() {
			return syscall.EEXIST
		}
		return renameBetween(a, b)
	}))
}

// link is os.Link. What has two names is changed by both.
func (g *Guard) link(from, to string) error {
	return plainLink("link", from, to, g.pair(from, to, reading|writing, func(a, b place) error {
		if a.folder == b.folder {
			return a.root.Link(a.name, b.name)
		}
		return linkBetween(a, b)
	}))
}

func (g *Guard) mayRead(path string) bool {
	raw, err := absolute(path)
	if err != nil {
		return false
	}
	_, err = g.folder(filepath.Clean(raw), reading)
	return err == nil
}

// pair runs do with the places of two paths.
func (g *Guard) pair(from, to string, need access, do func(a, b place) error) error {
	a, err := g.settle(from, need)
	if err != nil {
		return err
	}
	defer a.root.Close()
	b, err := g.settle(to, placing)
	if err != nil {
		return err
	}
	defer b.root.Close()
	return do(a, b)
}

// between runs do with the open folders in which two places are, and their names in these.
func between(a, b place, do func(from *os.File, fromName string, to *os.File, toName string) error) error {
	from, fromName, err := a.parent()
	if err != nil {
		return err
	}
	defer from.Close()
	to, toName, err := b.parent()
	if err != nil {
		return err
	}
	defer to.Close()
	return do(from, fromName, to, toName)
}

// parent opens the folder in which a place is.
func (p place) parent() (*os.File, string, error) {
	dir, name := filepath.Split(filepath.Clean(p.name))
	if name == "." || name == ".." {
		return nil, "", syscall.EINVAL
	}
	f, err := p.root.Open(filepath.Clean(dir))
	return f, name, err
}
