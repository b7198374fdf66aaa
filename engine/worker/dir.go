//go:build unix

package worker

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// folder is a private one for sockets. It is locked as long as its host lives, so that another host can tell what one has left behind
// that was killed.
type folder struct {
	path string
	lock *os.File
}

const (
	folderPattern = "scriptd-w*"
	lockName      = "lock"
	// maxSocketFolder is the longest folder for sockets, whose names are numbers: the system bounds their paths.
	maxSocketFolder = 100 - len("/4294967295")
)

// newFolder makes a folder below base, and removes those there that nobody uses any more.
func newFolder(base string) (*folder, error) {
	if base == "" {
		base = os.TempDir()
		if len(base)+len("/"+folderPattern)+10 > maxSocketFolder {
			base = "/tmp"
		}
	}
	sweep(base)
	for {
		path, err := os.MkdirTemp(base, folderPattern)
		if err != nil {
			return nil, err
		}
		lock, err := lockFolder(path, true)
		if err == nil {
			return &folder{path, lock}, nil
		}
		if !errors.Is(err, errSwept) {
			_ = os.RemoveAll(path) // it is empty
			return nil, err
		}
	}
}

// sweep removes what hosts have left behind. What cannot be removed is not ours.
func sweep(base string) {
	found, _ := filepath.Glob(filepath.Join(base, folderPattern)) // the pattern is right
	for _, path := range found {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Getuid() {
			continue
		}
		lock, err := lockFolder(path, false)
		switch {
		case err == nil:
			_ = os.RemoveAll(path)
			lock.Close()
		case errors.Is(err, os.ErrNotExist) && time.Since(info.ModTime()) > time.Minute:
			_ = os.RemoveAll(path) // its host did not get as far as the lock
		}
	}
}

// errSwept says that another host took a folder for one that was left behind, before it was locked.
var errSwept = errors.New("the folder is gone")

// lockFolder locks a folder, which fails where somebody else has. The lock ends with the file or the process.
func lockFolder(path string, create bool) (*os.File, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	name := filepath.Join(path, lockName)
	lock, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		if create && errors.Is(err, os.ErrNotExist) {
			return nil, errSwept
		}
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if create {
			return nil, errSwept
		}
		return nil, os.NewSyscallError("flock", err)
	}
	ours, err := lock.Stat()
	if err == nil {
		var there os.FileInfo
		if there, err = os.Stat(name); err == nil && !os.SameFile(ours, there) {
			err = errSwept
		}
	}
	if err != nil {
		lock.Close()
		return nil, errSwept
	}
	return lock, nil
}

// remove removes the folder with all that is in it.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	f.lock.Close()
	return err
}
