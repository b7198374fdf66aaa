package git

import (
	"context"

	"github.com/go-git/go-git/v5/plumbing"
)

// origin is a repository that was opened for one Resolve or one Fetch.
type origin interface {
	// refs lists the refs that ref may stand for, and perhaps others.
	refs(ctx context.Context, ref string) (refs, error)
	// close ends all connections.
	close()
}

// localOrigin and remoteOrigin tell where the objects of a commit are.
var (
	_ origin       = localOrigin{}
	_ remoteOrigin = smartOrigin{}
	_ remoteOrigin = (*httpOrigin)(nil)
)

// remoteOrigin is an origin behind a server.
type remoteOrigin interface {
	origin
	// fetch gets the objects of a commit, without history, on top of those of another commit where have is not nil.
	// Where deep is set, it looks for the commit in the history too.
	fetch(ctx context.Context, commit plumbing.Hash, deep bool, have *state) (*objects, error)
}

func (s *Source) open(ctx context.Context) (origin, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch s.remote.kind {
	case overHTTP:
		return s.openHTTP(ctx)
	case overSSH:
		return s.openSSH(ctx)
	default:
		return s.openLocal()
	}
}
