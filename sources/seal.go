package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Seal ends the collection, once every Add has returned, and returns the files: an immutable fs.FS that is independent
// of the Tree, safe for concurrent use, with ReadFile, ReadDir and Stat. It fails with the kind NotFound where the
// selected folder does not exist, and with the first refusal where there was one.
func (t *Tree) Seal() (fs.FS, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.wrong != nil:
		return nil, t.wrong
	case t.refused != nil:
		return nil, t.refused
	case t.sealed:
		return nil, Fail(Refused, errSealed, "seal")
	case t.dir != "." && !t.found:
		return nil, Fail(NotFound, t.missing(), "folder %s", show(t.dir))
	}
	files, err := t.resolved()
	if err != nil {
		return nil, err
	}
	t.sealed = true
	return newSnapshot(files), nil
}

// resolved returns the files with the copies that links stand for.
func (t *Tree) resolved() (map[string]*file, error) {
	files := maps.Clone(t.files)
	folders := map[string]string{} // what links to folders lead to
	for _, name := range slices.Sorted(maps.Keys(t.links)) {
		to, err := t.follow(name)
		switch {
		case errors.Is(err, errCircle):
		case err != nil:
			return nil, t.refuseLocked(path.Join(t.dir, name), err)
		case t.files[to] == nil:
			folders[name] = to
		default:
			if err := t.copyTo(files, name, t.files[to]); err != nil {
				return nil, err
			}
		}
	}
	paths := slices.Sorted(maps.Keys(files))
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		if err := t.copyFolder(files, name, folders[name], paths); err != nil {
			return nil, err
		}
	}
	return files, ignore(files)
}

// copyFolder adds the files that paths has below the folder to, under the path of a link to it: where that folder is
// hidden, and the link is not. All others are in the tree for everybody to see, once; in a circle of links, too.
func (t *Tree) copyFolder(files map[string]*file, link, to string, paths []string) error {
	if !isHidden(to) || isHidden(link) {
		return nil
	}
	at, _ := slices.BinarySearch(paths, to+"/")
	for _, name := range paths[at:] {
		below, ok := strings.CutPrefix(name, to+"/")
		if !ok {
			break
		}
		below = link + "/" + below
		if err := checkPath(below, t.limits); err != nil {
			return t.refuseLocked(path.Join(t.dir, below), err)
		}
		if err := t.copyTo(files, below, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// copyTo adds a copy of f, which counts as a file of its own.
func (t *Tree) copyTo(files map[string]*file, name string, f *file) error {
	files[name] = f
	if len(files) > t.limits.Files {
		return t.refuseLocked(path.Join(t.dir, name), t.overFiles())
	}
	if t.bytes += int64(len(f.data)); t.bytes > t.limits.Bytes {
		return t.refuseLocked(path.Join(t.dir, name), t.overTotal())
	}
	return nil
}

func (t *Tree) missing() error {
	if t.hint != "" {
		return fmt.Errorf("it does not exist: %s", t.hint)
	}
	return errors.New("it does not exist, or has no files")
}

// follow returns the path that a link leads to, through other links, to folders too, as a file system would go.
func (t *Tree) follow(link string) (string, error) {
	at, err := FollowLinks(path.Join(t.dir, link), func(name string) (string, bool) {
		in, ok := t.within(name)
		target, isLink := t.links[in]
		return target, ok && isLink
	})
	if err == nil {
		if in, ok := t.within(at); ok {
			return in, nil
		}
		err = errOutside
	}
	if errors.Is(err, errOutside) {
		err = fmt.Errorf("it is a link to %s, outside the tree", show(t.links[link]))
	}
	return "", err
}

// within makes a path from the origin's root relative to the selected folder, where it lies there.
func (t *Tree) within(clean string) (string, bool) {
	switch t.dir {
	case clean:
		return ".", true
	case ".":
		return clean, true
	}
	return strings.CutPrefix(clean, t.dir+"/")
}
