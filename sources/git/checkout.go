package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/scriptd/scriptd/sources"
)

const (
	// maxFolders bounds how many folders are looked into: a commit of a few kilobytes can describe billions.
	maxFolders = 100_000
	// maxNesting bounds how deep they lie.
	maxNesting = 512
)

// checkout adds the files of a commit to a tree, with a prefix to their paths.
func (s *Source) checkout(ctx context.Context, hash plumbing.Hash, tree *sources.Tree, prefix string) error {
	objects, err := s.objects(ctx, hash)
	if err != nil {
		return err
	}
	commit, err := object.GetCommit(objects, hash)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return sources.Fail(sources.NotFound, errors.New("it does not exist"), "commit %s", hash)
	}
	if err != nil {
		return sources.Fail(sources.NotFound, err, "commit %s", hash)
	}
	if err := s.verify(ctx, objects, hash); err != nil {
		return err
	}
	modules, err := s.modules(objects, commit)
	if err != nil {
		return sources.Fail(sources.Transient, err, "commit %s", hash)
	}
	w := walk{ctx: ctx, objects: objects, tree: tree, prefix: prefix, modules: modules}
	if err := w.folder(commit.TreeHash, "", 0); err != nil {
		return sources.Fail(sources.Transient, err, "commit %s", hash)
	}
	return nil
}

// walk is a walk through the files of a commit.
type walk struct {
	ctx     context.Context
	objects storer.EncodedObjectStorer
	tree    *sources.Tree
	prefix  string   // of paths in the tree
	modules *modules // nil where they are left out
	folders int
}

// folder adds the files of a folder, whose path is empty at the root: one named . is another, and not to be had.
func (w *walk) folder(hash plumbing.Hash, dir string, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.folders++; w.folders > maxFolders || depth > maxNesting {
		return refuse(dir, "the commit has more than %d folders, or %d within each other", maxFolders, maxNesting)
	}
	t, err := object.GetTree(w.objects, hash)
	if errors.Is(err, object.ErrMalformedTree) {
		return refuse(dir, "%w", err)
	}
	if err != nil {
		return fmt.Errorf("folder %q: %w", dir, err)
	}
	for _, e := range t.Entries {
		if strings.Contains(e.Name, "/") {
			return refuse(dir, "it has a file with a slash in its name")
		}
		// Not path.Join, which would tidy up a name that the Tree has to see as it is.
		name := e.Name
		if dir != "" {
			name = dir + "/" + e.Name
		}
		if err := w.entry(e, name, depth); err != nil {
			return err
		}
	}
	return nil
}

// entry adds what an entry of a folder is. It has one of the modes below: go-git takes all others for submodules, as git
// does.
func (w *walk) entry(e object.TreeEntry, name string, depth int) error {
	switch e.Mode {
	case filemode.Dir:
		if !w.tree.WantsBelow(w.prefix + name) {
			return nil
		}
		return w.folder(e.Hash, name, depth+1)
	case filemode.Submodule:
		if w.modules == nil || !w.tree.WantsBelow(w.prefix+name) {
			return nil
		}
		return w.modules.checkout(w.ctx, w.prefix, name, e.Hash, w.tree)
	}
	return w.file(e, w.prefix+name)
}

// file adds a file or a link, with the path that it has in the tree.
func (w *walk) file(e object.TreeEntry, name string) error {
	// What is not wanted is added all the same, without content, for the Tree to see what stands in the way of a folder
	// that is selected.
	content := io.NopCloser(strings.NewReader(""))
	if w.tree.Wants(name) {
		var err error
		if content, err = w.open(e.Hash); err != nil {
			return fmt.Errorf("file %q: %w", name, err)
		}
	}
	defer content.Close()
	switch e.Mode {
	case filemode.Symlink:
		target, err := io.ReadAll(io.LimitReader(content, maxTarget))
		if err != nil {
			return fmt.Errorf("link %q: %w", name, err)
		}
		return w.tree.Link(name, string(target))
	case filemode.Executable:
		return w.tree.Add(name, 0o755, content)
	default:
		return w.tree.Add(name, 0o644, content)
	}
}

func (w *walk) open(hash plumbing.Hash) (io.ReadCloser, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	blob, err := object.GetBlob(w.objects, hash)
	if err != nil {
		return nil, err
	}
	return blob.Reader()
}

// maxTarget is more than any file system takes for the target of a link.
const maxTarget = 64 << 10

func refuse(name, format string, args ...any) error {
	return sources.Fail(sources.Refused, fmt.Errorf(format, args...), "file %q", name)
}
