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
		f := t.follow(name)
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

// follow returns the file at the end of a chain of links, or nil where there is none.
func (t *Tree) follow(name string) *file {
	for range maxHops {
		target, ok := t.links[name]
		if !ok {
			return t.files[name]
		}
		if name, ok = t.step(name, target); !ok {
			return nil
		}
	}
	return nil
}

// step returns the path that a link means. It goes through no link to a folder: what such a path means depends on
// where that link points, not on how the path reads.
func (t *Tree) step(name, target string) (string, bool) {
	at := path.Join(t.dir, path.Dir(name))
	for elem := range strings.SplitSeq(target, "/") {
		if in, ok := t.within(at); ok {
			if _, isLink := t.links[in]; isLink {
				return "", false
			}
		}
		at = path.Join(at, elem)
	}
	return t.within(at)
}
