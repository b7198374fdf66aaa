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

// checkout adds the files of a commit to a tree.
func checkout(ctx context.Context, objects storer.EncodedObjectStorer, hash string, tree *sources.Tree) error {
	commit, err := object.GetCommit(objects, plumbing.NewHash(hash))
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return sources.Fail(sources.NotFound, errors.New("it does not exist"), "commit %s", hash)
	}
	if err != nil {
		return sources.Fail(sources.NotFound, err, "commit %s", hash)
	}
	w := walk{ctx: ctx, objects: objects, tree: tree}
	if err := w.folder(commit.TreeHash, ".", 0); err != nil {
		return sources.Fail(sources.Transient, err, "commit %s", hash)
	}
	return nil
}

// walk is a walk through the files of a commit.
type walk struct {
	ctx     context.Context
	objects storer.EncodedObjectStorer
	tree    *sources.Tree
	folders int
}

func (w *walk) folder(hash plumbing.Hash, dir string, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.folders++; w.folders > maxFolders || depth > maxNesting {
		return refuse(dir, "the commit has more than %d folders, or %d within each other", maxFolders, maxNesting)
	}
	t, err := object.GetTree(w.objects, hash)
	if err != nil {
		return fmt.Errorf("folder %q: %w", dir, err)
	}
	for _, e := range t.Entries {
		if strings.Contains(e.Name, "/") {
			return refuse(dir, "it has a file with a slash in its name")
		}
		// Not path.Join, which would tidy up a name that the Tree has to see as it is.
		name := e.Name
		if dir != "." {
			name = dir + "/" + e.Name
		}
		if err := w.entry(e, name, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(e object.TreeEntry, name string, depth int) error {
	switch e.Mode {
	case filemode.Dir:
		if !w.tree.WantsBelow(name) {
			return nil
		}
		return w.folder(e.Hash, name, depth+1)
	case filemode.Submodule:
		return nil
	case filemode.Regular, filemode.Deprecated, filemode.Executable, filemode.Symlink:
	default:
		if !w.tree.Wants(name) {
			return nil
		}
		return refuse(name, "it has the unknown mode %v", e.Mode)
	}
	if !w.tree.Wants(name) {
		// Say that it is there, for the error about a selected folder that is none.
		if e.Mode == filemode.Symlink {
			return w.tree.Link(name, "")
		}
		return w.tree.Add(name, 0o644, strings.NewReader(""))
	}
	return w.file(e, name)
}

func (w *walk) file(e object.TreeEntry, name string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	blob, err := object.GetBlob(w.objects, e.Hash)
	if err != nil {
		return fmt.Errorf("file %q: %w", name, err)
	}
	r, err := blob.Reader()
	if err != nil {
		return fmt.Errorf("file %q: %w", name, err)
	}
	defer r.Close()
	switch e.Mode {
	case filemode.Symlink:
		target, err := io.ReadAll(io.LimitReader(r, maxTarget))
		if err != nil {
			return fmt.Errorf("link %q: %w", name, err)
		}
		return w.tree.Link(name, string(target))
	case filemode.Executable:
		return w.tree.Add(name, 0o755, r)
	default:
		return w.tree.Add(name, 0o644, r)
	}
}

// maxTarget is more than any file system takes for the target of a link.
const maxTarget = 64 << 10

func refuse(name, format string, args ...any) error {
	return sources.Fail(sources.Refused, fmt.Errorf(format, args...), "file %q", name)
}
