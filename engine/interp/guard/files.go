package guard

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/scriptd/scriptd/engine/symbols"
)

// fileFuncs are the functions of package os for one path.
func fileFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os.Open":      g.open,
		"os.OpenFile":  g.openFile,
		"os.ReadFile":  g.readFile,
		"os.ReadDir":   g.readDir,
		"os.Stat":      g.stat,
		"os.Lstat":     g.lstat,
		"os.Readlink":  g.readlink,
		"os.Create":    func(name string) (*os.File, error) { return g.openFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666) },
		"os.WriteFile": g.writeFile,
		"os.Mkdir":     g.mkdir,
		"os.MkdirAll":  g.mkdirAll,
		"os.Remove": func(name string) error {
			if isDot(name) {
				return plain("remove", name, syscall.EINVAL)
			}
			return plain("remove", name, g.at(name, writing, false, func(p place) error { return p.root.Remove(p.name) }))
		},
		"os.RemoveAll": g.removeAll,
		"os.Truncate":  g.truncate,
		"os.Chmod": func(name string, mode os.FileMode) error {
			return plain("chmod", name, g.at(name, writing, true, func(p place) error { return p.root.Chmod(p.name, mode) }))
		},
		"os.Chown": func(name string, uid, gid int) error {
			return plain("chown", name, g.at(name, writing, true, func(p place) error { return p.root.Chown(p.name, uid, gid) }))
		},
		"os.Lchown": func(name string, uid, gid int) error {
			return plain("lchown", name, g.at(name, writing, false, func(p place) error { return p.root.Lchown(p.name, uid, gid) }))
		},
		"os.Chtimes": func(name string, atime, mtime time.Time) error {
			return plain("chtimes", name, g.at(name, writing, true, func(p place) error { return p.root.Chtimes(p.name, atime, mtime) }))
		},
	}
}

func (g *Guard) open(name string) (*os.File, error) { return g.openFile(name, os.O_RDONLY, 0) }

// openFile is os.OpenFile. A file that is made, or emptied, may be read back by who may write it.
func (g *Guard) openFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	var f *os.File
	err := g.at(name, needs(flag), flag&(os.O_CREATE|os.O_EXCL) != os.O_CREATE|os.O_EXCL, func(p place) (err error) {
		f, err = p.root.OpenFile(p.name, flag, perm&os.ModePerm)
		if err != nil && flag&os.O_CREATE != 0 && endsInSeparator(name) && !errors.Is(err, leadsOut) {
			err = syscall.EISDIR // as the system says of what can only be a folder
		}
		return err
	})
	if path := g.itself(name, needs(flag)); path != "" && errors.Is(err, syscall.EACCES) {
		f, err = os.OpenFile(path, flag, perm&os.ModePerm)
	}
	if err != nil {
		return nil, plain("open", name, err)
	}
	if err := g.refuseProc(f, name); err != nil {
		return nil, plain("open", name, err)
	}
	return named(f, name), nil
}

// itself returns the path of a grant that a name stands for; "" where it does not. What leads there is out of the package's hands, so
// that it may be opened by its path where the folder around it is closed to this process.
func (g *Guard) itself(name string, need access) string {
	raw, err := absolute(name)
	if err != nil {
		return ""
	}
	path := filepath.Clean(raw)
	if folder, err := g.folder(path, need); err != nil || folder != path {
		return ""
	}
	return path
}

func endsInSeparator(path string) bool { return path != "" && os.IsPathSeparator(path[len(path)-1]) }

// needs says what opening a file does with it.
func needs(flag int) access {
	var need access
	switch flag & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR) {
	case os.O_RDONLY:
		need = reading
	case os.O_WRONLY:
		need = writing
	default:
		need = writing
		if flag&os.O_TRUNC == 0 && flag&(os.O_CREATE|os.O_EXCL) != os.O_CREATE|os.O_EXCL {
			need |= reading
		}
	}
	if flag&(os.O_CREATE|os.O_TRUNC|os.O_APPEND) != 0 {
		need |= writing
	}
	return need
}

// refuseProc closes a file of the kernel's about processes that links have led to.
func (g *Guard) refuseProc(f *os.File, name string) error {
	raw, err := absolute(name)
	if err != nil {
		return err
	}
	if private(filepath.Clean(raw)) != "" || g.Program || !isProc(f) {
		return nil
	}
	_ = f.Close()
	return g.denied(symbols.Read, "/proc")
}

func (g *Guard) readFile(name string) ([]byte, error) {
	f, err := g.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func (g *Guard) readDir(name string) ([]os.DirEntry, error) {
	f, err := g.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if errors.Is(err, syscall.ENOTDIR) {
		err = plain("open", name, cause(err))
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

func (g *Guard) stat(name string) (info os.FileInfo, err error) {
	err = g.at(name, reading, true, func(p place) (err error) {
		info, err = p.root.Stat(p.name)
		return err
	})
	if path := g.itself(name, reading); path != "" && errors.Is(err, syscall.EACCES) {
		info, err = os.Stat(path)
	}
	if err != nil {
		return nil, plain("stat", name, err)
	}
	return namedInfo(info, name), nil
}

func (g *Guard) lstat(name string) (info os.FileInfo, err error) {
	err = g.at(name, reading, false, func(p place) (err error) {
		info, err = p.root.Lstat(p.name)
		return err
	})
	if path := g.itself(name, reading); path != "" && errors.Is(err, syscall.EACCES) {
		info, err = os.Lstat(path)
	}
	if err != nil {
		return nil, plain("lstat", name, err)
	}
	return namedInfo(info, name), nil
}

func (g *Guard) readlink(name string) (target string, err error) {
	err = g.at(name, reading, false, func(p place) (err error) {
		target, err = p.root.Readlink(p.name)
		return err
	})
	return target, plain("readlink", name, err)
}

func (g *Guard) writeFile(name string, data []byte, perm os.FileMode) error {
	f, err := g.openFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (g *Guard) mkdir(name string, perm os.FileMode) error {
	return plain("mkdir", name, g.at(name, writing, false, func(p place) error {
		err := p.root.Mkdir(p.name, perm&os.ModePerm)
		if err != nil || perm&os.ModeSticky == 0 {
			return err
		}
		info, err := p.root.Lstat(p.name)
		if err != nil {
			return err
		}
		return p.root.Chmod(p.name, info.Mode()|os.ModeSticky)
	}))
}

// mkdirAll is os.MkdirAll. It makes the folder of a grant, too, but not those above it.
func (g *Guard) mkdirAll(name string, perm os.FileMode) error {
	isDir := false
	err := g.at(name, writing, true, func(p place) error {
		info, err := p.root.Stat(p.name)
		isDir = err == nil && info.IsDir()
		return err
	})
	switch {
	case isDir:
		return nil
	case err == nil:
		return plain("mkdir", name, syscall.ENOTDIR)
	}
	if parent := g.parentToMake(name); parent != "" {
		if err := g.mkdirAll(parent, perm); err != nil {
			return err
		}
	}
	err = g.mkdir(name, perm)
	if info, statErr := g.lstatToWrite(name); err != nil && statErr == nil && info.IsDir() {
		return nil
	}
	return err
}

// parentToMake returns the folder that a path is in; "" where that is not for the package to make.
func (g *Guard) parentToMake(name string) string {
	end := len(strings.TrimRight(name, string(filepath.Separator)))
	parent := strings.TrimRight(name[:strings.LastIndexByte(name[:end], filepath.Separator)+1], string(filepath.Separator))
	if parent == "" || parent == filepath.VolumeName(name) {
		return ""
	}
	raw, err := absolute(parent)
	if err != nil {
		return ""
	}
	if _, err := g.folder(filepath.Clean(raw), writing); err != nil {
		return ""
	}
	return parent
}

func (g *Guard) lstatToWrite(name string) (info os.FileInfo, err error) {
	err = g.at(name, writing, false, func(p place) (err error) {
		info, err = p.root.Lstat(p.name)
		return err
	})
	return info, err
}

func (g *Guard) removeAll(name string) error {
	if name == "" {
		return nil
	}
	if isDot(name) {
		return plain("RemoveAll", name, syscall.EINVAL)
	}
	return plain("RemoveAll", name, g.at(name, writing, false, func(p place) error { return p.root.RemoveAll(p.name) }))
}

// isDot reports whether the last element of a path is a dot, which cannot be removed.
func isDot(name string) bool {
	return strings.HasSuffix(name, ".") && (len(name) == 1 || os.IsPathSeparator(name[len(name)-2]))
}

func (g *Guard) truncate(name string, size int64) error {
	f, err := g.openFile(name, os.O_WRONLY, 0)
	if err != nil {
		return plain("truncate", name, cause(err))
	}
	defer f.Close()
	return plain("truncate", name, cause(f.Truncate(size)))
}
