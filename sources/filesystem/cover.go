package filesystem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"

	"github.com/fsnotify/fsnotify"

	"github.com/scriptd/scriptd/sources"
)

// coverage watches a folder with all its folders, and those that hold what decides where its path leads. A folder that
// was renamed confuses a watcher for good; so a coverage is not mended, it is replaced.
type coverage struct {
	*fsnotify.Watcher
	events  <-chan fsnotify.Event // those of the watcher; nil once it has died
	lost    chan struct{}         // ready when events were lost
	drained chan struct{}         // closed when the watcher tells of no more errors
	way     way
	outer   map[string]bool // the folders around
	folders map[string]bool // the folder and those below it
}

// cover begins to watch. What changes from here on is in the events.
func (s *Source) cover(ctx context.Context) (*coverage, error) {
	w, err := s.newWatcher()
	if err != nil {
		return nil, explain(err)
	}
	c := &coverage{
		Watcher: w, events: w.Events, lost: make(chan struct{}, 1), drained: make(chan struct{}),
		outer: map[string]bool{}, folders: map[string]bool{},
	}
	go c.drain()
	if err := c.start(ctx, s.path); err != nil {
		c.close()
		return nil, explain(err)
	}
	return c, nil
}

// drain reads the watcher's errors at all times: it may hold the lock that Add needs while it waits to be heard.
func (c *coverage) drain() {
	defer close(c.drained)
	for range c.Errors {
		select {
		case c.lost <- struct{}{}:
		default:
		}
	}
}

// close ends the watch. It may be called again.
func (c *coverage) close() {
	_ = c.Close() // it has nothing to say
	<-c.drained
}

func (c *coverage) start(ctx context.Context, path string) error {
	// The way may change until all that it depends on is watched; from then on, that is an event. One that never holds
	// still is left to the looks.
	for range 10 {
		c.way = trace(path)
		for _, spot := range c.way.spots {
			if err := c.addOuter(filepath.Dir(spot)); err != nil {
				return err
			}
		}
		if trace(path).same(c.way) {
			break
		}
	}
	if c.way.root == "" {
		return nil
	}
	return c.addFolder(ctx, c.way.root)
}

func (c *coverage) addOuter(dir string) error {
	if err := c.Add(dir); err != nil && !isPassable(err, dir) {
		return err
	}
	c.outer[dir] = true
	return nil
}

// addFolder watches a folder and those below it. A folder is watched before it is read, so that none slips through.
func (c *coverage) addFolder(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(c.folders) == maxFiles {
		return refuse("it has more than %d folders", maxFiles)
	}
	if err := c.Add(dir); err != nil {
		return pass(err, dir)
	}
	c.folders[dir] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return pass(err, dir)
	}
	for _, e := range entries {
		if e.IsDir() && !sources.IsVCS(e.Name()) {
			if err := c.addFolder(ctx, filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// pass returns nil for an error that is no reason to give up.
func pass(err error, dir string) error {
	if isPassable(err, dir) {
		return nil
	}
	return err
}

// isPassable reports whether an error is about a folder that has gone, or may not be read: what is around it is
// watched, and tells when it returns, or is opened.
func isPassable(err error, dir string) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || !isFolder(dir)
}

// concerns reports whether an event is about the folder's content, or about where the folder is.
func (c *coverage) concerns(event fsnotify.Event) bool {
	if c.isOuter(event.Name) || c.folders[event.Name] {
		return true
	}
	if !c.folders[filepath.Dir(event.Name)] {
		return false
	}
	name := filepath.Base(event.Name)
	return !sources.IsVCS(name) && (!isEditorFile(name) || isFolder(event.Name))
}

// reshapes reports whether an event changes what has to be watched.
func (c *coverage) reshapes(event fsnotify.Event) bool {
	switch {
	case c.isOuter(event.Name):
		return true
	case c.folders[event.Name]:
		return event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename) || event.Has(fsnotify.Create)
	}
	// A folder that is new, or has become one that may be read.
	return (event.Has(fsnotify.Create) || event.Has(fsnotify.Chmod)) && isFolder(event.Name)
}

// isOuter reports whether name is what decides where the path leads, or the folder in which that lies.
func (c *coverage) isOuter(name string) bool {
	return c.outer[name] || slices.Contains(c.way.spots, name)
}

// explain names the limit that an error of Linux is about: the words that it has speak of disks and files.
func explain(err error) error {
	switch {
	case runtime.GOOS != "linux":
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("no more folders can be watched (fs.inotify.max_user_watches): %w", err)
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("no more watchers can be had (fs.inotify.max_user_instances, or open files): %w", err)
	}
	return err
}
