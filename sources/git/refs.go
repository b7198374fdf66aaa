package git

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"

	"github.com/scriptd/scriptd/sources"
)

// refs are the refs of a repository, by full name.
type refs struct {
	head   plumbing.Hash
	hashes map[string]plumbing.Hash
	peeled map[string]plumbing.Hash // of annotated tags: what they tag
}

func newRefs() refs {
	return refs{hashes: map[string]plumbing.Hash{}, peeled: map[string]plumbing.Hash{}}
}

// advertised takes the refs out of a server's first answer.
func advertised(ar *packp.AdvRefs) refs {
	r := refs{hashes: ar.References, peeled: ar.Peeled}
	if ar.Head != nil {
		r.head = *ar.Head
	}
	return r
}

// prefixes are what the names of refs begin with that find looks for.
func prefixes(ref string) []string {
	if ref == "" || ref == "HEAD" {
		return []string{"HEAD"}
	}
	list := []string{"refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref}
	if strings.HasPrefix(ref, "refs/") {
		list = append(list, ref)
	}
	if _, ok := versionRange(ref); ok {
		list = []string{"refs/heads/" + ref, "refs/tags/"}
	}
	return list
}

// has reports whether find finds a ref.
func (r refs) has(ref string) bool {
	_, err := r.find(ref)
	return err == nil
}

// target is what a ref leads to.
type target struct {
	commit plumbing.Hash
	tag    plumbing.Hash // zero where it is no annotated tag
}

// find returns what a ref leads to, as it is configured. Its error is of kind NotFound.
func (r refs) find(ref string) (target, error) {
	if ref == "" || ref == "HEAD" {
		if r.head.IsZero() {
			err := errors.New("it points to no commit: set ref to one of the branches" + r.some("refs/heads/"))
			return target{}, sources.Fail(sources.NotFound, err, "HEAD")
		}
		return target{commit: r.head}, nil
	}
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/", ""} {
		if prefix == "" && !strings.HasPrefix(ref, "refs/") {
			continue
		}
		if at, ok := r.target(prefix + ref); ok {
			return at, nil
		}
	}
	if within, ok := versionRange(ref); ok {
		if tag := r.newest(within); tag != "" {
			at, _ := r.target("refs/tags/" + tag)
			return at, nil
		}
		return target{}, sources.Fail(sources.NotFound, errors.New("no tag is a version in this range"), "ref %q", ref)
	}
	return target{}, sources.Fail(sources.NotFound, errors.New("it does not exist"+r.hint(ref)), "ref %q", ref)
}

// target returns what a ref with this full name leads to.
func (r refs) target(name string) (target, bool) {
	hash, ok := r.hashes[name]
	if commit, isTag := r.peeled[name]; isTag {
		return target{commit: commit, tag: hash}, true
	}
	return target{commit: hash}, ok
}

// hint says what may have been meant.
func (r refs) hint(ref string) string {
	if len(ref) >= 7 && len(ref) < 40 && strings.Trim(ref, "0123456789abcdef") == "" {
		return "; a commit is written with all its 40 digits"
	}
	best, distance := "", max(3, len(ref)/3+1)
	for _, name := range slices.Sorted(maps.Keys(r.hashes)) {
		for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
			if short, ok := strings.CutPrefix(name, prefix); ok {
				if d := editDistance(ref, short); d < distance {
					best, distance = short, d
				}
			}
		}
	}
	if best != "" {
		return fmt.Sprintf("; there is %q", best)
	}
	return "; there are the branches" + r.some("refs/heads/")
}

// some lists the first few names with a prefix.
func (r refs) some(prefix string) string {
	const few = 5
	var b strings.Builder
	n := 0
	for _, name := range slices.Sorted(maps.Keys(r.hashes)) {
		short, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if n++; n > few {
			b.WriteString(" …")
			break
		}
		fmt.Fprintf(&b, " %q", short)
	}
	return b.String()
}

// want returns what to ask a server for to get at a commit: the commit, or a tag on it; servers give out only what they
// list. It reports false where the commit is at no ref.
func (r refs) want(commit plumbing.Hash) (plumbing.Hash, bool) {
	if r.head == commit {
		return commit, true
	}
	for _, hash := range r.hashes {
		if hash == commit {
			return commit, true
		}
	}
	for name, hash := range r.peeled {
		if hash == commit {
			return r.hashes[name], true
		}
	}
	return plumbing.ZeroHash, false
}

// editDistance is the number of letters to insert, remove or replace between a and b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left, above := i+1, i
		for j := range len(b) {
			d := above
			if a[i] != b[j] {
				d++
			}
			above = row[j+1]
			d = min(d, above+1, left+1)
			row[j], left = left, d
		}
		row[len(b)] = left
	}
	return row[len(b)]
}
