package git

import (
	"context"
	"errors"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/scriptd/scriptd/sources"
)

// state is a commit with all of its objects. What is fetched next is only what it does not have.
type state struct {
	commit  plumbing.Hash
	objects *objects
}

const (
	// maxKept bounds the bytes that are kept between two fetches, as they were sent.
	maxKept = 64 << 20
	// maxLayers bounds how many fetches go on from one another.
	maxLayers = 50
)

func (s *Source) state() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept
}

// keep remembers a state for the next fetch, unless it is too large. Layers that weigh more than the first are mostly
// what is needed no more: then the next fetch begins anew.
func (s *Source) keep(st *state) {
	if o := st.objects; o.bytes > maxKept || o.layers > maxLayers || o.bytes > 2*o.first().pack.size+maxKept/16 {
		st = nil
	} else {
		for ; o != nil; o = o.below {
			o.forget()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = st
}

func (o *objects) first() *objects {
	for o.below != nil {
		o = o.below
	}
	return o
}

// fetch returns the objects of a commit. It goes on from have, what was fetched before, where that leads to a commit that
// is whole, else it fetches all of it.
func (s *Source) fetch(ctx context.Context, o remoteOrigin, commit plumbing.Hash, have *state) (*objects, error) {
	if have != nil {
		got, err := s.fetchFrom(ctx, o, commit, have)
		if err == nil || ctx.Err() != nil || !isDoubt(err) {
			return got, err
		}
	}
	got, err := s.fetchFrom(ctx, o, commit, nil)
	if errors.Is(err, errIncomplete) {
		return nil, sources.Fail(sources.NotFound, errors.New("it does not exist, or the server has not all of it"), "commit %s", commit)
	}
	return got, err
}

func (s *Source) fetchFrom(ctx context.Context, o remoteOrigin, commit plumbing.Hash, have *state) (*objects, error) {
	got, err := o.fetch(ctx, commit, s.commit != "" || s.nesting > 0, have)
	if err != nil {
		return nil, err
	}
	if err := complete(ctx, got, commit); err != nil {
		return nil, err
	}
	s.keep(&state{commit, got})
	return got, nil
}

// isDoubt reports whether a fetch that went on from another may fail for that.
func isDoubt(err error) bool {
	_, said := errors.AsType[serverError](err)
	return said || errors.Is(err, errDamaged) || errors.Is(err, errIncomplete) || errors.Is(err, errNotGit) ||
		errors.Is(err, io.ErrUnexpectedEOF) || sources.KindOf(err) == sources.Refused
}

// complete walks through the folders of a commit, each once, and fails with errIncomplete where anything is missing. A
// server believes a client that says that it has a commit.
func complete(ctx context.Context, o *objects, hash plumbing.Hash) error {
	commit, err := object.GetCommit(o, hash)
	if err != nil {
		return missing(err)
	}
	seen := map[plumbing.Hash]bool{commit.TreeHash: true}
	for todo := []plumbing.Hash{commit.TreeHash}; len(todo) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		tree, err := object.GetTree(o, next)
		switch {
		case errors.Is(err, object.ErrMalformedTree):
			continue // whoever needs it will say so
		case err != nil:
			return missing(err)
		}
		for _, e := range tree.Entries {
			switch {
			case e.Mode == filemode.Submodule || seen[e.Hash]:
			case o.HasEncodedObject(e.Hash) != nil:
				return errIncomplete
			case e.Mode == filemode.Dir:
				todo = append(todo, e.Hash)
				fallthrough
			default:
				seen[e.Hash] = true
			}
		}
	}
	return nil
}

func missing(err error) error {
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return errIncomplete
	}
	return err
}
