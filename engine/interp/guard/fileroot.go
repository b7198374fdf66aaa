package guard

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/scriptd/scriptd/engine/symbols"
)

// rootAccess says what a package may do in a folder that it has opened.
type rootAccess struct {
	path     string
	writable bool
}

// rootFuncs are os.Root. A folder keeps a package within it by itself; what is asked here is whether it was granted.
func rootFuncs(g *Guard) map[string]any {
	read, write := g.inRootToRead, g.inRootToWrite
	return map[string]any{
		"os.OpenRoot":   g.openRoot,
		"os.OpenInRoot": g.openInRoot,
		"(*os.Root).Open": func(r *os.Root, name string) (*os.File, error) {
			return g.openInside(r, name, os.O_RDONLY, 0)
		},
		"(*os.Root).OpenFile": g.openInside,
		"(*os.Root).Create": func(r *os.Root, name string) (*os.File, error) {
			return g.openInside(r, name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
		},
		"(*os.Root).OpenRoot": g.openRootInside,
		"(*os.Root).FS":       g.rootFS,
		"(*os.Root).ReadFile": func(r *os.Root, name string) ([]byte, error) {
			f, err := g.openInside(r, name, os.O_RDONLY, 0)
			if err != nil {
				return nil, err
			}
			return readAll(f)
		},
		"(*os.Root).Stat": func(r *os.Root, name string) (os.FileInfo, error) {
			if err := read(r, name); err != nil {
				return nil, plain("statat", name, err)
			}
			return r.Stat(name)
		},
		"(*os.Root).Lstat": func(r *os.Root, name string) (os.FileInfo, error) {
			if err := read(r, name); err != nil {
				return nil, plain("statat", name, err)
			}
			return r.Lstat(name)
		},
		"(*os.Root).Readlink": func(r *os.Root, name string) (string, error) {
			if err := read(r, name); err != nil {
				return "", plain("readlinkat", name, err)
			}
			return r.Readlink(name)
		},
		"(*os.Root).WriteFile": write4("openat", write, (*os.Root).WriteFile),
		"(*os.Root).Mkdir":     write3("mkdirat", write, (*os.Root).Mkdir),
		"(*os.Root).MkdirAll":  write3("mkdirat", write, (*os.Root).MkdirAll),
		"(*os.Root).Chmod":     write3("chmodat", write, (*os.Root).Chmod),
		"(*os.Root).Chown":     write4("chownat", write, (*os.Root).Chown),
		"(*os.Root).Lchown":    write4("lchownat", write, (*os.Root).Lchown),
		"(*os.Root).Chtimes":   write4[time.Time, time.Time]("chtimesat", write, (*os.Root).Chtimes),
		"(*os.Root).Remove":    write2("removeat", write, (*os.Root).Remove),
		"(*os.Root).RemoveAll": write2("RemoveAll", write, (*os.Root).RemoveAll),
		"(*os.Root).Rename":    writeLink("renameat", write, (*os.Root).Rename),
		"(*os.Root).Link":      writeLink("linkat", write, (*os.Root).Link),
		"(*os.Root).Symlink":   writeLink("symlinkat", write, (*os.Root).Symlink),
	}
}

type mayInRoot = func(r *os.Root, name string) error

func write2(op string, may mayInRoot, do func(*os.Root, string) error) func(*os.Root, string) error {
	return func(r *os.Root, name string) error {
		if err := may(r, name); err != nil {
			return plain(op, name, err)
		}
		return do(r, name)
	}
}

func write3[A any](op string, may mayInRoot, do func(*os.Root, string, A) error) func(*os.Root, string, A) error {
	return func(r *os.Root, name string, a A) error {
		return write2(op, may, func(r *os.Root, name string) error { return do(r, name, a) })(r, name)
	}
}

func write4[A, B any](op string, may mayInRoot, do func(*os.Root, string, A, B) error) func(*os.Root, string, A, B) error {
	return func(r *os.Root, name string, a A, b B) error {
		return write2(op, may, func(r *os.Root, name string) error { return do(r, name, a, b) })(r, name)
	}
}

func writeLink(op string, may mayInRoot, do func(*os.Root, string, string) error) func(*os.Root, string, string) error {
	return func(r *os.Root, from, to string) error {
		if err := may(r, to); err != nil {
			return plainLink(op, from, to, err)
		}
		return do(r, from, to)
	}
}

// openRoot is os.OpenRoot. What is in a folder that may be read may be read; it may be written where that is granted for
// all of it.
func (g *Guard) openRoot(name string) (*os.Root, error) {
	var root *os.Root
	var path string
	err := g.at(name, reading, true, func(p place) (err error) {
		root, err = p.root.OpenRoot(p.name)
		path = p.path
		return err
	})
	if err != nil {
		return nil, plain("open", name, err)
	}
	set(root, name, "root", "name")
	g.keepRoot(root, path)
	return root, nil
}

func (g *Guard) keepRoot(root *os.Root, path string) {
	g.roots.put(root, rootAccess{path, cover(g.grants().write, path, g.Program) != ""})
}

func (g *Guard) openInRoot(dir, name string) (*os.File, error) {
	root, err := g.openRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return g.openInside(root, name, os.O_RDONLY, 0)
}

func (g *Guard) openInside(r *os.Root, name string, flag int, perm os.FileMode) (*os.File, error) {
	may := g.inRootToRead
	if needs(flag)&writing != 0 {
		may = g.inRootToWrite
	}
	if err := may(r, name); err != nil {
		return nil, plain("openat", name, err)
	}
	f, err := r.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	if access, _ := g.roots.of(r); access.path != "" {
		if err := g.refuseProc(f, filepath.Join(access.path, name)); err != nil {
			return nil, plain("openat", name, err)
		}
	}
	return f, nil
}

func (g *Guard) openRootInside(r *os.Root, name string) (*os.Root, error) {
	if err := g.inRootToRead(r, name); err != nil {
		return nil, plain("openat", name, err)
	}
	inner, err := r.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	access, _ := g.roots.of(r)
	g.roots.put(inner, rootAccess{filepath.Join(access.path, name), access.writable})
	return inner, nil
}

// rootFS is the method FS. A folder with what the kernel shows of processes in it is read path by path.
func (g *Guard) rootFS(r *os.Root) fs.FS {
	access, ok := g.roots.of(r)
	if !ok || private(access.path) != "" || filepath.Dir(access.path) == access.path {
		return dirFS{g, access.path}
	}
	return r.FS()
}

// inRootToRead reports whether a name in a folder may be read. All folders that a package has were opened here.
func (g *Guard) inRootToRead(r *os.Root, name string) error {
	access, ok := g.roots.of(r)
	if !ok {
		return g.denied(symbols.Read, "")
	}
	path := filepath.Join(access.path, name)
	if private(path) != "" && cover(g.grants().read, path, g.Program) == "" {
		return g.denied(symbols.Read, path)
	}
	return nil
}

func (g *Guard) inRootToWrite(r *os.Root, name string) error {
	access, ok := g.roots.of(r)
	if !ok || !access.writable {
		return g.denied(symbols.Write, access.path)
	}
	return g.inRootToRead(r, name)
}
