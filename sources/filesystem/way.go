package filesystem

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxHops is how many links are followed on one way.
const maxHops = 40

// way is how a path leads to a folder at one moment.
type way struct {
	// spots are what decides where it leads: the links on it and the folder itself, or what stands in its place, or the
	// first that is missing. There are no links before the last element of each.
	spots []string
	root  string      // the folder; empty while there is none
	info  fs.FileInfo // of root
}

// trace follows an absolute path as the system does.
func trace(path string) way {
	var w way
	at, path := volume(path)
	rest := strings.Split(filepath.ToSlash(path), "/")
	for hops := 0; len(rest) > 0; {
		elem := rest[0]
		rest = rest[1:]
		switch elem {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, elem)
		info, err := os.Lstat(next)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			w.spots = append(w.spots, next)
			target, err := os.Readlink(next)
			if hops++; err != nil || hops > maxHops {
				return w
			}
			if filepath.IsAbs(target) {
				at, target = volume(target)
			}
			rest = append(strings.Split(filepath.ToSlash(target), "/"), rest...)
			continue
		}
		if err != nil || !isFolder(next) {
			w.spots = append(w.spots, next)
			return w
		}
		at = next
	}
	w.spots = append(w.spots, at)
	if info, err := os.Lstat(at); err == nil {
		w.root, w.info = at, info
	}
	return w
}

// volume cuts an absolute path behind the folder that it begins with.
func volume(path string) (root, rest string) {
	name := filepath.VolumeName(path)
	return name + string(filepath.Separator), path[len(name):]
}

// same reports whether another way leads to the same folder, over the same spots.
func (w way) same(other way) bool {
	if w.root != other.root || !slices.Equal(w.spots, other.spots) {
		return false
	}
	return w.root == "" || os.SameFile(w.info, other.info) && w.info.Mode() == other.info.Mode()
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
