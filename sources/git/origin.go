package git

import (
	"context"

	"github.com/go-git/go-git/v5/plumbing/storer"
)

// origin is a repository that was opened for one Resolve or one Fetch.
type origin interface {
	// refs lists the refs.
	refs(ctx context.Context) (refs, error)
	// objects returns storage with the commit and all that its files need. Where deep is set, it looks for the commit
	// in the history too.
	objects(ctx context.Context, commit string, deep bool) (storer.EncodedObjectStorer, error)
	// close ends all connections.
	close()
}

func (s *Source) open(ctx context.Context) (origin, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch s.remote.kind {
	case overHTTP:
		return s.openHTTP()
	case overSSH:
		return s.openSSH(ctx)
	default:
		return s.openLocal()
	}
}
