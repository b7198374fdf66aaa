package sources

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Tree collects the files of one revision in memory. It alone decides what is allowed: it refuses, with the kind
// Refused and an error that names the path, whatever is not safe to write to a disk, and whatever is over its limits.
// Sources hand it what the origin has.
//
// Tree is safe for concurrent use.
type Tree struct {
	selector
	limits Limits
	// wrong is the error of a Selection that does not hold. It is set once.
	wrong error

	mu    sync.Mutex
	files map[string]*file // by path in the tree, as in links
	links map[string]string
	// folded holds, for the folded form of each path and of each of its folders, the path as it was added.
	folded  map[string]string
	bytes   int64
	found   bool   // something lies in dir
	hint    string // why dir is not a folder
	refused error  // the first refusal: a tree that has one is not sealed
	sealed  bool
}

// file is the content of a tree's file. It does not change once data is set.
type file struct {
	mode fs.FileMode
	data []byte
}

var errSealed = errors.New("the tree is sealed")

// NewTree returns an empty Tree for the selected files. A Selection that does not hold shows in the errors of Add,
// Link and Seal.
func NewTree(sel Selection, limits Limits) *Tree {
	selected, err := sel.compile()
	return &Tree{
		selector: selected,
		wrong:    err,
		limits:   limits.orDefault(),
		files:    map[string]*file{},
		links:    map[string]string{},
		folded:   map[string]string{},
	}
}

// Dir returns the selected folder, "." for all files.
func (t *Tree) Dir() string { return t.dir }

// Wants reports whether the file, given by its path from the origin's root, belongs to the tree: not where it lies
// outside the selected folder, is not selected, or in a version control system's own folder. A source need not download what is not
// wanted; Add and Link ignore it.
func (t *Tree) Wants(name string) bool {
	_, ok := t.inside(name)
	return ok
}

// WantsBelow reports whether a file below the folder with the given path may be wanted. A source need not look into
// other folders.
func (t *Tree) WantsBelow(dir string) bool {
	if dir == "." || dir == t.dir || strings.HasPrefix(t.dir, dir+"/") {
		return true
	}
	if t.wrong != nil || IsVCS(dir) {
		return false
	}
	in, ok := t.within(dir)
	return ok && t.mayTakeBelow(in)
}

// inside returns the path relative to the selected folder.
func (t *Tree) inside(name string) (string, bool) {
	if t.wrong != nil || IsVCS(name) {
		return "", false
	}
	in, ok := name, true
	if t.dir != "." {
		in, ok = strings.CutPrefix(name, t.dir+"/")
	}
	return in, ok && t.takes(in)
}

// Add adds the file with the given slash-separated path from the origin's root, and reads its content from r to the
// end, or to the limit. The file is executable where mode has any execute bit; nothing else of mode is kept.
//
// An error of r comes back wrapped, and the path may be added again. Any other error is of kind Refused and final:
// the tree cannot be sealed.
func (t *Tree) Add(name string, mode fs.FileMode, r io.Reader) error {
	return t.add(name, mode, func() ([]byte, error) { return t.read(r) })
}

// AddBytes is Add for content that is in memory. The tree does not copy it: it must not change any more.
func (t *Tree) AddBytes(name string, mode fs.FileMode, content []byte) error {
	return t.add(name, mode, func() ([]byte, error) { return content, t.weigh(content) })
}

// Bytes returns the content of a file that was added, given by its path from the origin's root; nil where there is none,
// or it is empty. It is not a copy, and must not be changed: a source may keep it for the next tree.
func (t *Tree) Bytes(name string) []byte {
	in, ok := t.inside(name)
	if !ok {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, ok := t.files[in]; ok {
		return f.data
	}
	return nil
}

func (t *Tree) add(name string, mode fs.FileMode, read func() ([]byte, error)) error {
	if t.wrong != nil {
		return t.wrong
	}
	in, ok := t.inside(name)
	if !ok {
		t.note(name, "a file")
		return nil
	}
	if !mode.IsRegular() {
		return t.refuse(name, errors.New("it is not a regular file"))
	}
	perm := fs.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	f := &file{mode: perm}
	if err := t.reserve(name, in, func() { t.files[in] = f }); err != nil {
		return err
	}
	data, err := read()
	t.mu.Lock()
	f.data = data
	t.mu.Unlock()
	if limit, ok := errors.AsType[limitError](err); ok {
		return t.refuse(name, limit)
	}
	if err != nil {
		t.release(in)
		return fmt.Errorf("read %s: %w", show(name), err)
	}
	return nil
}

// Link adds a symbolic link with its target as the origin has it. When the tree is sealed, a link to a file of the tree
// becomes a copy of that file. A link to a folder becomes a copy of its files, links to files included, where the folder
// is or lies in one whose name begins with a dot and the link does not: so are the folders of a mounted Kubernetes
// ConfigMap. Any other link to a folder is left out, as is one to nothing. A link that is absolute or leaves the tree is
// refused.
func (t *Tree) Link(name, target string) error {
	if t.wrong != nil {
		return t.wrong
	}
	in, ok := t.inside(name)
	if !ok {
		t.note(name, "a symbolic link")
		return nil
	}
	if len(target) > t.limits.PathBytes {
		return t.refuse(name, fmt.Errorf("it is a link to a path of %d bytes, the limit is %d", len(target), t.limits.PathBytes))
	}
	return t.reserve(name, in, func() { t.links[in] = target })
}

// reserve checks a path and takes it. The path is free of any conflict when take is called.
func (t *Tree) reserve(name, in string, take func()) error {
	if err := checkPath(in, t.limits); err != nil {
		return t.refuse(name, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sealed {
		return Fail(Refused, errSealed, "file %s", show(name))
	}
	t.found = true
	if err := t.conflict(in); err != nil {
		return t.refuseLocked(name, err)
	}
	if len(t.files)+len(t.links) >= t.limits.Files {
		return t.refuseLocked(name, t.overFiles())
	}
	t.folded[foldPath(in)] = in
	for dir := path.Dir(in); dir != "."; dir = path.Dir(dir) {
		t.folded[foldPath(dir)] = dir
	}
	take()
	return nil
}

// conflict returns why a path cannot stand beside those that are there: it is there already, perhaps in other case; it
// is a folder; one of its folders is a file.
func (t *Tree) conflict(in string) error {
	if other, ok := t.folded[foldPath(in)]; ok {
		switch {
		case other != in:
			return fmt.Errorf("it differs from %s only in case", show(other))
		case t.has(in):
			return errors.New("it is there twice")
		}
		return errors.New("it is a file and a folder")
	}
	for dir := path.Dir(in); dir != "."; dir = path.Dir(dir) {
		other, ok := t.folded[foldPath(dir)]
		switch {
		case !ok:
		case other != dir:
			return fmt.Errorf("the folder %s differs from %s only in case", show(dir), show(other))
		case t.has(dir):
			return fmt.Errorf("%s is a file and a folder", show(dir))
		}
	}
	return nil
}

func (t *Tree) has(in string) bool {
	_, isFile := t.files[in]
	_, isLink := t.links[in]
	return isFile || isLink
}

// release forgets a file that was not read to its end.
func (t *Tree) release(in string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.files, in)
	delete(t.folded, foldPath(in))
}

// note remembers, for the error of Seal, what stands where the selected folder should be; or that there is something in
// it that is not selected.
func (t *Tree) note(name, what string) {
	if _, below := t.within(name); below && name != t.dir {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.found = true
		return
	}
	if name != t.dir && !strings.HasPrefix(t.dir, name+"/") {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hint = fmt.Sprintf("%s is %s", show(name), what)
}

func (t *Tree) refuse(name string, err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refuseLocked(name, err)
}

func (t *Tree) refuseLocked(name string, err error) error {
	err = Fail(Refused, err, "file %s", show(name))
	if t.refused == nil {
		t.refused = err
	}
	return err
}

// show quotes a path for an error, and cuts it where it is long.
func show(name string) string {
	if len(name) > 200 {
		return fmt.Sprintf("%q…", name[:200])
	}
	return fmt.Sprintf("%q", name)
}
