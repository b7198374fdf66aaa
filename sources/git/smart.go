package git

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"

	"github.com/scriptd/scriptd/sources"
)

// smartOrigin is a repository behind a server that speaks git's smart protocol, over http or ssh.
type smartOrigin struct {
	session session
	// stateless: each request may reach another server, or one that moved on meanwhile, so they give out every commit
	// that some ref leads to.
	stateless bool
	end       func()
}

// session is a conversation with git-upload-pack.
type session interface {
	AdvertisedReferencesContext(ctx context.Context) (*packp.AdvRefs, error)
	UploadPack(ctx context.Context, req *packp.UploadPackRequest) (*packp.UploadPackResponse, error)
}

func (o smartOrigin) close() { o.end() }

func (o smartOrigin) refs(ctx context.Context, _ string) (refs, error) {
	ar, err := o.session.AdvertisedReferencesContext(ctx)
	if err != nil {
		return refs{}, err
	}
	return advertised(ar), nil
}

var errMovedOn = errors.New("no branch or tag is at it any more, and the server gives out no other commits")

func (o smartOrigin) fetch(ctx context.Context, hash plumbing.Hash, deep bool, have *state) (*objects, error) {
	ar, err := o.session.AdvertisedReferencesContext(ctx)
	if err != nil {
		return nil, err
	}
	req := packp.NewUploadPackRequestFromCapabilities(ar.Capabilities)
	want, ok := advertised(ar).want(hash)
	shallow := ar.Capabilities.Supports(capability.Shallow)
	switch {
	case ok:
		req.Wants = []plumbing.Hash{want}
	case o.stateless, ar.Capabilities.Supports(capability.AllowReachableSHA1InWant):
		req.Wants = []plumbing.Hash{hash}
	case deep:
		// The commit is in the history of a ref, if it is anywhere: fetch all of it.
		shallow, have = false, nil
		for _, hash := range ar.References {
			req.Wants = append(req.Wants, hash)
		}
	default:
		return nil, sources.Fail(sources.Transient, errMovedOn, "commit %s", hash)
	}
	var agreed []capability.Capability
	if ar.Capabilities.Supports(capability.NoProgress) {
		agreed = append(agreed, capability.NoProgress)
	}
	var below *objects
	if shallow {
		// With depth 1 the answer has the files of the commit and no history. What the server is told that is there
		// already has none either.
		req.Depth = packp.DepthCommits(1)
		agreed = append(agreed, capability.Shallow)
		if have != nil {
			// go-git takes this out of what a server can do, since its own storage cannot do it.
			agreed = append(agreed, capability.ThinPack)
			req.Shallows, req.Haves = []plumbing.Hash{have.commit}, []plumbing.Hash{have.commit}
			below = have.objects
		}
	}
	for _, c := range agreed {
		if err := req.Capabilities.Set(c); err != nil {
			return nil, err
		}
	}
	res, err := o.session.UploadPack(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("request commit %s: %w", hash, err)
	}
	defer res.Close()
	objects, err := unpack(ctx, demultiplex(req.Capabilities, res), below)
	if err != nil {
		return nil, fmt.Errorf("receive commit %s: %w", hash, err)
	}
	return objects, nil
}

// demultiplex takes progress and errors out of what the server sends.
func demultiplex(agreed *capability.List, r io.Reader) io.Reader {
	switch {
	case agreed.Supports(capability.Sideband64k):
		return sideband.NewDemuxer(sideband.Sideband64k, r)
	case agreed.Supports(capability.Sideband):
		return sideband.NewDemuxer(sideband.Sideband, r)
	default:
		return r
	}
}
