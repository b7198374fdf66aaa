package guard

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// dirFS is what os.DirFS returns.
type dirFS struct {
	g   *Guard
	dir string
}

var (
	_ fs.ReadFileFS = dirFS{}
	_ fs.ReadDirFS  = dirFS{}
	_ fs.ReadLinkFS = dirFS{}
	_ fs.StatFS     = dirFS{}
)

// String is the folder, as that of package os prints.
func (d dirFS) String() string { return d.dir }

// Open implements fs.FS.
func (d dirFS) Open(name string) (fs.File, error) {
	full, err := d.join("open", name)
	if err != nil {
		return nil, err
	}
	f, err := d.g.open(full)
	if err != nil {
		return nil, pathOf(err, name)
	}
	return f, nil
}

// ReadFile implements fs.ReadFileFS.
func (d dirFS) ReadFile(name string) ([]byte, error) {
	full, err := d.join("readfile", name)
	if err != nil {
		return nil, err
	}
	data, err := d.g.readFile(full)
	return data, pathOf(err, name)
}

// ReadDir implements fs.ReadDirFS.
func (d dirFS) ReadDir(name string) ([]fs.DirEntry, error) {
	full, err := d.join("readdir", name)
	if err != nil {
		return nil, err
	}
	entries, err := d.g.readDir(full)
	return entries, pathOf(err, name)
}

// Stat implements fs.StatFS.
func (d dirFS) Stat(name string) (fs.FileInfo, error) {
	full, err := d.join("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := d.g.stat(full)
	return info, pathOf(err, name)
}

// Lstat implements fs.ReadLinkFS.
func (d dirFS) Lstat(name string) (fs.FileInfo, error) {
	full, err := d.join("lstat", name)
	if err != nil {
		return nil, err
	}
	info, err := d.g.lstat(full)
	return info, pathOf(err, name)
}

// ReadLink implements fs.ReadLinkFS.
func (d dirFS) ReadLink(name string) (string, error) {
	full, err := d.join("readlink", name)
	if err != nil {
		return "", err
	}
	return d.g.readlink(full)
}

func (d dirFS) join(op, name string) (string, error) {
	if d.dir == "" {
		return "", &fs.PathError{Op: op, Path: name, Err: errors.New("os: DirFS with empty root")}
	}
	local, err := filepath.Localize(name)
	if err != nil {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return joined(d.dir, local), nil
}

// joined joins a folder and a name without cleaning either.
func joined(dir, name string) string {
	if dir != "" && os.IsPathSeparator(dir[len(dir)-1]) {
		return dir + name
	}
	return dir + string(filepath.Separator) + name
}

// pathOf returns an error that names a file as the file system does.
func pathOf(err error, name string) error {
	if e, ok := err.(*fs.PathError); ok { //nolint:errorlint // it is made here
		return &fs.PathError{Op: e.Op, Path: name, Err: e.Err}
	}
	return err
}

// readAll reads a file to its end and closes it.
func readAll(f *os.File) ([]byte, error) {
	defer f.Close()
	return io.ReadAll(f)
}

// dirFuncs are the functions of package os for file systems.
func dirFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os.DirFS":  func(dir string) fs.FS { return dirFS{g, dir} },
		"os.CopyFS": g.copyFS,
	}
}

// copyFS is os.CopyFS.
func (g *Guard) copyFS(dir string, fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		local, err := filepath.Localize(path)
		if err != nil {
			return err
		}
		to := joined(dir, local)
		switch d.Type() {
		case fs.ModeDir:
			return g.mkdirAll(to, 0o777)
		case fs.ModeSymlink:
			target, err := fs.ReadLink(fsys, path)
			if err != nil {
				return err
			}
			return g.symlink(target, to)
		case 0:
			return g.copyFile(to, fsys, path)
		default:
			return &fs.PathError{Op: "CopyFS", Path: path, Err: fs.ErrInvalid}
		}
	})
}

func (g *Guard) copyFile(to string, fsys fs.FS, path string) error {
	r, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	w, err := g.openFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666|info.Mode()&0o777)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		_ = w.Close()
		return &fs.PathError{Op: "Copy", Path: to, Err: err}
	}
	return w.Close()
}
