// Package filesystem takes plugin source from a folder. A change is noticed as it is made.
//
//	src, err := filesystem.New(filesystem.Options{Path: "plugins"})
//	rev, err := src.Resolve(ctx)
//
// The revision is a digest over the paths, the execute bits and the contents of all files. Contents are read again
// only where a file's size, times or inode changed.
package filesystem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

// Options say which folder.
type Options struct {
	// Path is the folder. A relative path is relative to the working directory at the time of New. It may be missing,
	// and come later.
	Path string
	// Verify are keys that the folder's manifest must be signed with: all of its files have to be as that says, and there
	// may be no other.
	Verify trust.Keys
}

// Source is a folder.
type Source struct {
	path       string
	verify     trust.Keys
	now        func() time.Time
	newWatcher func() (*fsnotify.Watcher, error)

	mu    sync.Mutex
	known map[string]known // what the last scan saw, by path
	kept  contents         // what the last Fetch took
}

var _ sources.Watcher = (*Source)(nil)

// New returns a Source. It fails with the kind Misconfigured where there is no path.
func New(opts Options) (*Source, error) {
	if opts.Path == "" {
		return nil, sources.Fail(sources.Misconfigured, errors.New("it has no path"), "filesystem source")
	}
	path, err := filepath.Abs(opts.Path)
	if err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "folder %q", opts.Path)
	}
	return &Source{path: path, verify: opts.Verify, now: time.Now, newWatcher: fsnotify.NewWatcher}, nil
}

// Resolve returns the digest over the folder as it is now.
func (s *Source) Resolve(ctx context.Context) (sources.Revision, error) {
	root, err := s.open()
	if err != nil {
		return "", err
	}
	defer root.Close()
	files, err := s.scan(ctx, root)
	if err != nil {
		return "", s.fail(err)
	}
	return revision(files), nil
}

// Fetch reads the folder into tree, and fails with the kind Transient where it is not, or no longer, what it was in
// rev. What an earlier Fetch has read, and is the same in rev, is not read again.
func (s *Source) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	root, err := s.open()
	if err != nil {
		return err
	}
	defer root.Close()
	// A folder is not listed in an instant, and a listing may be half of one state, half of the next. Two that agree, this
	// one and that of Resolve, are of the moment between them.
	files, err := s.scan(ctx, root)
	if err != nil {
		return s.fail(err)
	}
	if revision(files) != rev {
		return s.fail(errChanged)
	}
	if files, err = s.signed(root, files); err != nil {
		return s.fail(err)
	}
	return s.fail(s.take(ctx, root, files, tree))
}

var errChanged = errors.New("it changed while it was read")

func (s *Source) open() (*os.Root, error) {
	root, err := os.OpenRoot(s.path)
	if err == nil {
		return root, nil
	}
	if info, statErr := os.Stat(s.path); statErr == nil && !info.IsDir() {
		err = errors.New("it is not a folder")
		return nil, sources.Fail(sources.NotFound, err, "folder %s", s.path)
	}
	return nil, s.fail(err)
}

// fail classifies an error of the operating system.
func (s *Source) fail(err error) error {
	if err == nil {
		return nil
	}
	kind := sources.Transient
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		// A file that vanishes while the folder is read: the next try does not see it.
		if _, statErr := os.Stat(s.path); statErr != nil {
			kind, err = sources.NotFound, errors.New("it does not exist")
		}
	case errors.Is(err, fs.ErrPermission):
		kind = sources.Denied
	}
	// The operation, openat or open or lstat, says nothing to those who read it.
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		if err = pathErr.Err; pathErr.Path != s.path && pathErr.Path != "." {
			err = fmt.Errorf("file %q: %w", filepath.ToSlash(pathErr.Path), err)
		}
	}
	return sources.Fail(kind, err, "folder %s", s.path)
}
