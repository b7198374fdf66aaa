package cache

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/afero"
	"golang.org/x/sync/errgroup"
)

// writer writes files that are on stable storage once commit has returned. It is safe for concurrent use.
type writer struct {
	fs afero.Fs

	mu      sync.Mutex
	folders map[string]struct{}
	wrote   bool
}

func (f *Files) writer() *writer { return &writer{fs: f.fs, folders: map[string]struct{}{}} }

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
func (w *writer) write(name string, content []byte) (err error) {
	for _, dir := range []string{tempDir, path.Dir(name)} {
		if err := w.fs.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	temp := path.Join(tempDir, rand.Text())
	if err := w.writeTemp(temp, content); err != nil {
		return errors.Join(err, w.remove(temp))
	}
	if err := w.fs.Rename(temp, name); err != nil {
		return errors.Join(err, w.remove(temp))
	}
	w.dirty(name, true)
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

func (w *writer) remove(temp string) error {
	if err := w.fs.Remove(temp); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
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

// abandoned is the age from which a file in tmp is the leftover of a process that died: a write takes seconds.
const abandoned = time.Hour

// sweep removes leftovers. What cannot be removed is in nobody's way, and is met again at the next start.
func (f *Files) sweep() {
	infos, err := afero.ReadDir(f.fs, tempDir)
	if err != nil {
		return
	}
	for _, info := range infos {
		if !info.IsDir() && time.Since(info.ModTime()) > abandoned && !strings.HasPrefix(info.Name(), ".") {
			_ = f.fs.Remove(path.Join(tempDir, info.Name()))
		}
	}
}
