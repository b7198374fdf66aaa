package cache

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"os"
	"path"
	"runtime"
	"sync"
	"syscall"

	"github.com/spf13/afero"
	"golang.org/x/sync/errgroup"
)

// writer writes files that are on stable storage once commit has returned. It is safe for concurrent use.
type writer struct {
	*Files

	mu      sync.Mutex
	folders map[string]struct{}
	wrote   bool
}

func (f *Files) writer() *writer { return &writer{Files: f, folders: map[string]struct{}{}} }

// ensure makes name hold content. Where it does already, nothing is written, but commit waits for the process that
// wrote it.
func (w *writer) ensure(name string, content []byte) error {
	if !w.holds(name, content) {
		return w.write(name, content)
	}
	w.dirty(name, false)
	return nil
}

// holds reports whether the file name has that content. One that cannot be read is as good as damaged.
func (w *writer) holds(name string, content []byte) bool {
	held, err := readUpTo(w.fs, name, int64(len(content)))
	return err == nil && bytes.Equal(held, content)
}

// write puts content at name, in place of what is there.
func (w *writer) write(name string, content []byte) error {
	return w.writeAs(content, func(os.FileInfo) string { return name })
}

// writeAs is write for a name that depends on the file, as it was written.
func (w *writer) writeAs(content []byte, name func(os.FileInfo) string) error {
	if err := w.fs.MkdirAll(tempDir, 0o700); err != nil {
		return err
	}
	temp := path.Join(tempDir, rand.Text())
	if err := w.writeTemp(temp, content); err != nil {
		return errors.Join(err, w.remove(temp))
	}
	if err := w.place(temp, name); err != nil {
		return errors.Join(err, w.remove(temp))
	}
	return nil
}

func (w *writer) place(temp string, name func(os.FileInfo) string) error {
	info, err := w.fs.Stat(temp)
	if err != nil {
		return err
	}
	to := name(info)
	if err := w.fs.MkdirAll(path.Dir(to), 0o700); err != nil {
		return err
	}
	if err := w.fs.Rename(temp, to); err != nil {
		return err
	}
	w.dirty(to, true)
	return nil
}

func (w *writer) writeTemp(name string, content []byte) (err error) {
	file, err := w.fs.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, file.Close()) }()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return supported(file.Sync())
}

// dirty marks the folders above name for commit: any of them may be new.
func (w *writer) dirty(name string, wrote bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrote = w.wrote || wrote
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		w.folders[dir] = struct{}{}
		if dir == "." {
			return
		}
	}
}

// commit syncs the folders of what was written; several at a time, since a disk takes as long for eight as for one.
func (w *writer) commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(workers)
	for dir := range w.folders {
		group.Go(func() error { return syncFolder(w.fs, dir) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	clear(w.folders)
	w.wrote = false
	return nil
}

func syncFolder(fs afero.Fs, dir string) (err error) {
	folder, err := fs.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, folder.Close()) }()
	return supported(folder.Sync())
}

// supported drops the error of a file system that cannot sync what it was asked to.
func supported(err error) error {
	if runtime.GOOS == "windows" || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}

// sweep removes what is left of writes that did not end. Who writes shares a lock, so where nobody does, all of it is left
// over, whatever the clocks say. What cannot be removed is in nobody's way, and is met again at the next start.
func (f *Files) sweep() {
	unlock, ok := f.locks.tryExclude()
	if !ok {
		return
	}
	defer unlock()
	_ = f.sweepTemp()
}

func (f *Files) sweepTemp() error {
	infos, err := f.list(tempDir)
	errs := []error{err}
	for _, info := range infos {
		if !info.IsDir() {
			errs = append(errs, f.remove(path.Join(tempDir, info.Name())))
		}
	}
	return errors.Join(errs...)
}

// list returns what is in a folder, sorted by name; nothing where there is none.
func (f *Files) list(dir string) ([]os.FileInfo, error) {
	infos, err := afero.ReadDir(f.fs, dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return infos, err
}

// remove removes a file, which may be gone already.
func (f *Files) remove(name string) error {
	if err := f.fs.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
