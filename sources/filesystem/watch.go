package filesystem

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/scriptd/scriptd/sources"
)

const (
	// quiet is how long nothing may happen before a change is reported: editors and git write several files at once.
	quiet = 25 * time.Millisecond
	// patience is the longest wait for quiet.
	patience = 250 * time.Millisecond
)

// Watch calls changed when something in the folder changes, folders that are new and a folder that vanishes and
// returns included. Changes to the files that editors keep beside the one that is edited are not reported. An error
// other than nil means that the operating system does not tell: not on this file system, or not of so many folders.
func (s *Source) Watch(ctx context.Context, changed func()) error {
	c, err := cover(s.path)
	if err != nil {
		return sources.Fail(sources.Transient, err, "watch folder %s", s.path)
	}
	defer func() { c.close() }()
	changed()

	// fire is set while there is something to report.
	var fire <-chan time.Time
	var deadline time.Time
	stale := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-c.Events:
			if !c.concerns(event) {
				continue
			}
			stale = stale || c.reshapes(event)
		case err := <-c.Errors:
			// Events were lost, and new folders with them.
			stale = stale || err != nil
		case <-fire:
			fire = nil
			if stale {
				// Begin to watch before the report, so that no change falls between them.
				next, err := cover(s.path)
				if err != nil {
					return sources.Fail(sources.Transient, err, "watch folder %s", s.path)
				}
				c.close()
				c, stale = next, false
			}
			changed()
			continue
		}
		now := time.Now()
		if fire == nil {
			deadline = now.Add(patience)
		}
		fire = time.After(min(quiet, deadline.Sub(now)))
	}
}

// coverage watches a folder with all its folders, and the one that it lies in. A folder that was renamed confuses a
// watcher for good; so a coverage is not mended, it is replaced.
type coverage struct {
	*fsnotify.Watcher
	path    string          // as it was configured
	root    string          // without links; empty while there is none
	folders map[string]bool // root and the folders below it
}

func cover(path string) (*coverage, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	c := &coverage{Watcher: w, path: path, folders: map[string]bool{}}
	if err := c.start(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *coverage) close() { _ = c.Close() } // it has nothing to say

func (c *coverage) start() error {
	outer := c.addOuter(c.path)
	root, err := filepath.EvalSymlinks(c.path)
	if err != nil {
		return outer // to see it come
	}
	if root != c.path {
		outer = c.addOuter(root)
	}
	if err := c.addFolder(root); err != nil {
		if _, statErr := os.Stat(root); statErr != nil {
			return outer
		}
		return err
	}
	c.root = root
	return nil
}

// addOuter watches the nearest folder around path that exists.
func (c *coverage) addOuter(path string) error {
	for {
		dir := nearest(path)
		err := c.Add(dir)
		if now := nearest(path); now == dir {
			return err
		}
		// A nearer one came, or this one went, before it was watched.
	}
}

func nearest(path string) string {
	for {
		dir := filepath.Dir(path)
		if _, err := os.Lstat(dir); err == nil || dir == path {
			return dir
		}
		path = dir
	}
}

// addFolder watches a folder and those below it. A folder is watched before it is read, so that none slips through.
func (c *coverage) addFolder(dir string) error {
	if len(c.folders) == maxFiles {
		return refuse("it has more than %d folders", maxFiles)
	}
	if err := c.Add(dir); err != nil {
		return err
	}
	c.folders[dir] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || sources.IsVCS(e.Name()) {
			continue
		}
		below := filepath.Join(dir, e.Name())
		if err := c.addFolder(below); err != nil {
			if _, statErr := os.Lstat(below); statErr != nil {
				continue // it is gone again
			}
			return err
		}
	}
	return nil
}

// concerns reports whether an event is about the folder's content, or about where the folder is.
func (c *coverage) concerns(event fsnotify.Event) bool {
	if !c.folders[filepath.Dir(event.Name)] {
		return c.isOuter(event.Name) || c.folders[event.Name]
	}
	name := filepath.Base(event.Name)
	return !sources.IsVCS(name) && !isEditorFile(name)
}

// reshapes reports whether an event changes what has to be watched.
func (c *coverage) reshapes(event fsnotify.Event) bool {
	if c.folders[event.Name] {
		return event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename) || event.Has(fsnotify.Create)
	}
	if c.isOuter(event.Name) {
		return true
	}
	info, err := os.Lstat(event.Name)
	return event.Has(fsnotify.Create) && err == nil && info.IsDir()
}

// isOuter reports whether name is the folder, or lies on the way to it.
func (c *coverage) isOuter(name string) bool {
	return isOrAbove(name, c.path) || c.root != "" && isOrAbove(name, c.root)
}

func isOrAbove(name, path string) bool {
	return name == path || strings.HasPrefix(path, name+string(filepath.Separator))
}
