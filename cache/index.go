package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Role is what a tree is to a source.
type Role string

const (
	// RoleActive: it is in use.
	RoleActive Role = "active"
	// RoleHead: it is what the origin has, and may not be in use yet.
	RoleHead Role = "head"
	// RolePinned: a package is held at it.
	RolePinned Role = "pinned"
	// RoleNewest: it was tried last.
	RoleNewest Role = "newest"
	// RoleHistory: a package has it among its versions, and can go back to it.
	RoleHistory Role = "history"
	// RolePast: it was active. Only trees of this role can be removed, apart from those that have none.
	RolePast Role = "past"
)

// Use is what a tree is to a source.
type Use struct {
	Source string `json:"source"`
	Role   Role   `json:"role"`
	// Revision is the origin's name of the tree, empty where it is not known.
	Revision string `json:"revision"`
	// Until is when another tree took its place, by the clock of the store; zero where none did.
	Until time.Time `json:"until,omitzero"`
}

// index is what the records of a store say of its trees.
type index struct {
	uses    map[Digest][]Use
	sources []string
	// journals are by source, the oldest entry first.
	journals map[string][]activation
}

// newIndex reads all records. It fails where one cannot be read, because what that one names is not known.
func newIndex(ctx context.Context, from shelf) (*index, error) {
	x := &index{uses: make(map[Digest][]Use), journals: make(map[string][]activation)}
	var err error
	if x.sources, err = from.sources(ctx); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, source := range x.sources {
		group.Go(func() error {
			uses, journal, err := usesOf(ctx, from, source)
			if err != nil {
				return fmt.Errorf("source %s: %w", source, err)
			}
			mu.Lock()
			defer mu.Unlock()
			x.journals[source] = journal
			for d, u := range uses {
				x.uses[d] = append(x.uses[d], u)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, uses := range x.uses {
		slices.SortFunc(uses, func(a, b Use) int { return cmp.Compare(a.Source, b.Source) })
	}
	return x, nil
}

// usesOf returns what trees are to a source.
func usesOf(ctx context.Context, from shelf, source string) (map[Digest]Use, []activation, error) {
	active, err := from.Active(ctx, source)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, nil, err
	}
	head, err := from.Head(ctx, source)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, nil, err
	}
	control, err := from.Control(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	journal, err := from.journal(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	roles := make(map[Digest]Role)
	for _, a := range journal {
		roles[a.digest] = RolePast
	}
	if active.Digest != "" {
		maps.Copy(roles, active.digests())
	}
	for _, p := range control.Packages {
		if p.Pin != "" && roles[p.Pin] != RoleActive {
			roles[p.Pin] = RolePinned
		}
	}
	if head.Digest != "" && roles[head.Digest] != RoleActive {
		roles[head.Digest] = RoleHead
	}
	revisions, ends := revisionsOf(active, control), replaced(journal)
	revisions[head.Digest] = cmp.Or(revisions[head.Digest], head.Revision)
	uses := make(map[Digest]Use)
	for d, role := range roles {
		u := Use{Source: source, Role: role, Revision: revisions[d], Until: ends[d]}
		if role == RoleActive {
			u.Until = time.Time{}
		}
		if u.Revision == "" {
			u.Revision = pastRevision(ctx, from, source, journal, d)
		}
		uses[d] = u
	}
	return uses, journal, nil
}

// replaced returns when each tree of a journal was last active.
func replaced(journal []activation) map[Digest]time.Time {
	ends := make(map[Digest]time.Time)
	for i, a := range journal {
		delete(ends, a.digest)
		if i+1 < len(journal) {
			ends[a.digest] = journal[i+1].at
		}
	}
	return ends
}

func revisionsOf(active Active, control Control) map[Digest]string {
	revisions := map[Digest]string{active.Newest: active.NewestRevision}
	for _, p := range control.Packages {
		revisions[p.Pin] = p.Revision
	}
	for _, versions := range active.Packages {
		for _, v := range versions {
			revisions[v.Digest] = v.Revision
		}
	}
	revisions[active.Digest] = active.Revision
	return revisions
}

// pastRevision returns what the journal says; empty where that cannot be read.
func pastRevision(ctx context.Context, from shelf, source string, journal []activation, d Digest) string {
	for _, a := range slices.Backward(journal) {
		if a.digest == d {
			past, _ := from.pastActive(ctx, source, a)
			return past.Revision
		}
	}
	return ""
}

// keeps reports whether a tree may not be removed, whatever its age.
func (x *index) keeps(d Digest) bool {
	return slices.ContainsFunc(x.uses[d], func(u Use) bool { return u.Role != RolePast })
}
