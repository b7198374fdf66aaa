package guard

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/scriptd/scriptd/engine/symbols"
)

// access is what is done with a path.
type access uint8

const (
	reading access = 1 << iota
	writing
	// placing gives something that exists another name: by a link or by renaming. At the path of a grant that would decide on
	// what is granted.
	placing
)

// place is where a path leads: a name in a folder that is open, so that neither a link nor .. nor what is moved in the
// meantime leads out of it.
type place struct {
	root   *os.Root
	name   string
	folder string // the path of root
	path   string // the path of the place, absolute and clean
}

// maxLinks bounds the links that lead from folder to folder.
const maxLinks = 40

// at runs do with the place of a path. Links in the last element are followed where follow says so. Where a link leads out of
// the folder, do fails without having done anything, and runs again where the link leads to, if that is granted too.
func (g *Guard) at(path string, need access, follow bool, do func(place) error) error {
	if path == "" {
		return syscall.ENOENT
	}
	raw, err := absolute(path)
	if err != nil {
		return err
	}
	for range maxLinks {
		p, err := g.place(raw, need, follow)
		if err != nil {
			return err
		}
		err = do(p)
		next := ""
		if errors.Is(err, leadsOut) {
			next = p.outward(follow)
		}
		_ = p.root.Close()
		if !errors.Is(err, leadsOut) {
			return err
		}
		if next == "" {
			return g.deniedPath(p.path, need)
		}
		raw = next
	}
	return syscall.ELOOP
}

// settle returns the place of a path, whose folder the caller closes. The last element is not followed.
func (g *Guard) settle(path string, need access) (place, error) {
	var found place
	err := g.at(path, need, false, func(p place) error {
		if _, err := p.root.Lstat(p.name); errors.Is(err, leadsOut) {
			return err
		}
		root, err := p.root.OpenRoot(".")
		found = p
		found.root = root
		return err
	})
	return found, err
}

// absolute returns an absolute path that is not cleaned: what .. means depends on links.
func absolute(path string) (string, error) {
	if runtime.GOOS == "windows" {
		return filepath.Abs(path)
	}
	if filepath.IsAbs(path) {
		return path, nil
	}
	wd, err := os.Getwd()
	return wd + string(filepath.Separator) + path, err
}

// place opens the folder through which an absolute path is reached.
func (g *Guard) place(raw string, need access, follow bool) (place, error) {
	path := filepath.Clean(raw)
	folder, err := g.folder(path, need)
	if err != nil {
		return place{}, err
	}
	p := place{folder: folder, path: path}
	switch {
	case path != folder:
		p.name = remainder(raw, path, folder)
	case filepath.Dir(path) == path, need == reading && isFolder(path):
		// What is around it may be closed to this process.
		p.folder, p.name = path, "."
	default:
		target := path
		if follow {
			// Nobody but who grants it can say where this link leads: see folder.
			if evaluated, err := filepath.EvalSymlinks(path); err == nil {
				target = evaluated
			}
		}
		p.folder, p.name = filepath.Split(target)
		p.folder = filepath.Clean(p.folder)
		if os.IsPathSeparator(raw[len(raw)-1]) {
			p.name += string(filepath.Separator)
		}
	}
	p.root, err = os.OpenRoot(p.folder)
	if info, statErr := os.Stat(p.folder); err != nil && statErr == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	return p, err
}

// remainder returns what comes after a folder in a path, as it was written where that does not lead out of the folder.
func remainder(raw, path, folder string) string {
	prefix := strings.TrimSuffix(folder, string(filepath.Separator)) + string(filepath.Separator)
	rest, ok := strings.CutPrefix(raw, prefix)
	if ok && filepath.IsLocal(rest) && private(path) == "" && runtime.GOOS != "windows" {
		return rest
	}
	return path[len(prefix):]
}

// folder returns the folder through which a path is reached: the widest that is granted. Where a folder that may be written
// is around it, it is that one, since it decides on what a path in it means. What leads to the result is out of the
// package's hands.
func (g *Guard) folder(path string, need access) (string, error) {
	gr := g.grants()
	folder := ""
	if need&reading != 0 {
		granted := cover(gr.read, path, g.Program)
		if granted == "" {
			return "", g.denied(symbols.Read, path)
		}
		folder = granted
		if around := cover(gr.write, granted, g.Program); around != "" {
			folder = around
		}
	}
	if need&(writing|placing) != 0 {
		granted := cover(gr.write, path, g.Program)
		if granted == "" {
			return "", g.denied(symbols.Write, path)
		}
		if need&placing != 0 && granted == path {
			return "", g.denied(symbols.Write, filepath.Dir(path))
		}
		if len(granted) > len(folder) {
			folder = granted
		}
	}
	return folder, nil
}

// deniedPath is the error for a path that is not granted.
func (g *Guard) deniedPath(path string, need access) error {
	if need&reading != 0 {
		return g.denied(symbols.Read, path)
	}
	return g.denied(symbols.Write, path)
}

// cover returns the first folder that a path is within. What is private is only within what names it.
func cover(folders []string, path string, everything bool) string {
	own := private(path)
	for _, folder := range folders {
		if within(path, folder) && (own == "" || everything || within(folder, own)) {
			return folder
		}
	}
	return ""
}

// outward returns where a path leads once the first link on the way from the folder is followed. It is empty where there is no
// link.
func (p place) outward(follow bool) string {
	parts := strings.Split(filepath.Clean(p.name), string(filepath.Separator))
	for i := range parts {
		if i == len(parts)-1 && !follow {
			break
		}
		prefix := filepath.Join(parts[:i+1]...)
		target, err := p.root.Readlink(prefix)
		if err != nil {
			continue
		}
		rest := filepath.Join(parts[i+1:]...)
		if filepath.IsAbs(target) {
			return filepath.Join(target, rest)
		}
		folder, err := filepath.EvalSymlinks(p.folder)
		if err != nil {
			return ""
		}
		target = filepath.Join(folder, filepath.Dir(prefix), target)
		if within(target, folder) {
			target = filepath.Join(p.folder, target[len(folder):])
		}
		return filepath.Join(target, rest)
	}
	return ""
}

func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// leadsOut is the error of an os.Root for a path that leads out of it, which package os does not export. It is found before a
// process gives up its rights to open folders.
var leadsOut = func() error {
	root, err := os.OpenRoot(".")
	if err != nil {
		root, err = os.OpenRoot(string(filepath.Separator))
	}
	if err != nil {
		return errors.New("no folder can be opened")
	}
	defer root.Close()
	_, err = root.Lstat("..")
	return errors.Unwrap(err)
}()

// plain returns an error as package os makes it for an operation on a path.
func plain(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: cause(err)}
}

// plainLink is plain for an operation on two paths.
func plainLink(op, from, to string, err error) error {
	if err == nil {
		return nil
	}
	return &os.LinkError{Op: op, Old: from, New: to, Err: cause(err)}
}

// cause returns what an error of package os is about.
func cause(err error) error {
	switch e := err.(type) { //nolint:errorlint // what is around these is not for the plugin
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
