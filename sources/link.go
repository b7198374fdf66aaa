package sources

import (
	"errors"
	"path"
	"strings"
)

// maxHops is how many links are followed on one way.
const maxHops = 40

var (
	errOutside = errors.New("it leads out of the tree")
	errCircle  = errors.New("it leads in a circle")
)

// FollowLinks returns where a slash-separated path from the root of a tree leads, through links to files and folders,
// as a file system goes. readlink returns the target of the link at a path which has no links before its last element;
// ok is false where there is none. It is an error if the way leaves the tree or does not end. What lies at the path
// that is returned, if anything does, is for the caller to know.
func FollowLinks(name string, readlink func(name string) (target string, ok bool)) (string, error) {
	at, rest := ".", strings.Split(name, "/")
	for hops := 0; len(rest) > 0; {
		elem := rest[0]
		rest = rest[1:]
		switch elem {
		case "", ".":
			continue
		case "..":
			if at == "." {
				return "", errOutside
			}
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, elem)
		target, ok := readlink(next)
		if !ok {
			at = next
			continue
		}
		if hops++; hops > maxHops {
			return "", errCircle
		}
		if path.IsAbs(target) {
			return "", errOutside
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at, nil
}

// isHidden reports whether the path is, or lies in, a file or folder whose name begins with a dot.
func isHidden(name string) bool {
	for elem := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(elem, ".") && elem != "." {
			return true
		}
	}
	return false
}
