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

// maxHops is how many links are followed to a file.
const maxHops = 40

// Seal ends the collection, once every Add has returned, and returns the files: an immutable fs.FS that is independent of the Tree, safe for
// concurrent use, with ReadFile, ReadDir and Stat. It fails with the kind NotFound where the selected folder does not
// exist, and with the first refusal where there was one.
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
	files := maps.Clone(t.files)
	for _, name := range slices.Sorted(maps.Keys(t.links)) {
		f, err := t.follow(name)
		if err != nil {
			return nil, t.refuseLocked(path.Join(t.dir, name), err)
		}
		if f == nil {
			continue
		}
		if t.bytes += int64(len(f.data)); t.bytes > t.limits.Bytes {
			return nil, t.refuseLocked(path.Join(t.dir, name), t.overTotal())
		}
		files[name] = f
	}
	t.sealed = true
	return newSnapshot(files), nil
}

func (t *Tree) missing() error {
	if t.hint != "" {
		return fmt.Errorf("it does not exist: %s", t.hint)
	}
	return errors.New("it does not exist, or has no files")
}

// follow returns the file that a link leads to, through other links, to folders too, as a file system would go; or nil
// where it leads to no file of the tree.
func (t *Tree) follow(link string) (*file, error) {
	at, rest := "", strings.Split(path.Join(t.dir, link), "/")
	for hops := 0; len(rest) > 0; {
		elem := rest[0]
		rest = rest[1:]
		switch elem {
		case "", ".":
			continue
		case "..":
			if at == "" {
				return nil, t.leaves(link)
			}
			at = strings.TrimSuffix(path.Dir(at), ".")
			continue
		}
		at = path.Join(at, elem)
		in, _ := t.within(at)
		target, ok := t.links[in]
		if !ok {
			continue
		}
		if hops++; hops > maxHops {
			return nil, nil // a circle
		}
		if path.IsAbs(target) {
			return nil, t.leaves(link)
		}
		at = strings.TrimSuffix(path.Dir(at), ".")
		rest = append(strings.Split(target, "/"), rest...)
	}
	in, ok := t.within(path.Clean(at))
	if !ok {
		return nil, t.leaves(link)
	}
	return t.files[in], nil
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

func (t *Tree) leaves(link string) error {
	return fmt.Errorf("it is a link to %s, outside the tree", show(t.links[link]))
}
