package git

import (
	"context"
	"errors"
	"fmt"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage"

	"github.com/scriptd/scriptd/sources"
)

// localOrigin reads a repository's folder, bare or with a work tree, as it lies on the disk.
type localOrigin struct {
	storage storage.Storer
}

func (s *Source) openLocal() (origin, error) {
	repo, err := gogit.PlainOpenWithOptions(s.remote.path, &gogit.PlainOpenOptions{EnableDotGitCommonDir: true})
	if errors.Is(err, gogit.ErrRepositoryNotExists) {
		return nil, sources.Fail(sources.NotFound, errors.New("there is none"), "open repository")
	}
	if err != nil {
		return nil, err
	}
	return localOrigin{repo.Storer}, nil
}

func (o localOrigin) close() {}

func (o localOrigin) refs(context.Context, string) (refs, error) {
	list := newRefs()
	iter, err := o.storage.IterReferences()
	if err != nil {
		return list, err
	}
	err = iter.ForEach(func(ref *plumbing.Reference) error {
		if ref.Type() != plumbing.HashReference {
			return nil
		}
		name := ref.Name().String()
		list.hashes[name] = ref.Hash()
		if tag, err := object.GetTag(o.storage, ref.Hash()); err == nil {
			list.peeled[name], err = o.peel(tag)
			return err
		}
		return nil
	})
	if err != nil {
		return list, err
	}
	head, err := storer.ResolveReference(o.storage, plumbing.HEAD)
	switch {
	case err == nil:
		list.head = head.Hash()
	case !errors.Is(err, plumbing.ErrReferenceNotFound):
		return list, err
	}
	return list, nil
}

// peel follows a tag to what it tags, through tags of tags.
func (o localOrigin) peel(tag *object.Tag) (plumbing.Hash, error) {
	for tag.TargetType == plumbing.TagObject {
		next, err := object.GetTag(o.storage, tag.Target)
		if err != nil {
			return plumbing.ZeroHash, fmt.Errorf("tag %s: %w", tag.Name, err)
		}
		tag = next
	}
	return tag.Target, nil
}
