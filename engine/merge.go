package engine

import (
	"maps"
	"slices"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// merge returns what is to be recorded of a source where several engines share a cache: what is recorded, theirs, with the
// changes that this engine has seen since it recorded last, from base to mine. It is equal to theirs where that has them.
//
// What others have recorded is not undone: a version that one of them tried stays known, and one that has served somewhere is not
// failed because it failed here. Of several trees, the one that came last counts.
func merge(base, mine, theirs cache.Active) cache.Active {
	if theirs.Origin != mine.Origin || equal(base, theirs) {
		mine.Version = theirs.Version
		return mine
	}
	next := theirs
	ahead := theirs.FetchedAt.After(mine.FetchedAt) && theirs.Digest != mine.Digest
	if !ahead && !sameTrees(base, mine) && !sameTrees(theirs, mine) {
		next = mine
		next.Version = theirs.Version
	}
	next.Packages = maps.Clone(theirs.Packages)
	if next.Packages == nil && len(mine.Packages) > 0 {
		next.Packages = make(map[string][]cache.Version)
	}
	for path, versions := range mine.Packages {
		next.Packages[path] = mergeVersions(base.Packages[path], versions, theirs.Packages[path], ahead)
	}
	return next
}

// equal reports whether two records say the same.
func equal(a, b cache.Active) bool {
	return sameTrees(a, b) && a.FetchedAt.Equal(b.FetchedAt) && maps.EqualFunc(a.Packages, b.Packages, func(v, w []cache.Version) bool {
		return slices.EqualFunc(v, w, func(v, w cache.Version) bool {
			at := v.ActivatedAt.Equal(w.ActivatedAt)
			v.ActivatedAt, w.ActivatedAt = time.Time{}, time.Time{}
			return at && v == w
		})
	})
}

// sameTrees reports whether a and b name the same trees, whenever these were fetched.
func sameTrees(a, b cache.Active) bool {
	return a.Origin == b.Origin && a.Revision == b.Revision && a.Digest == b.Digest && a.NewestRevision == b.NewestRevision && a.Newest == b.Newest
}

// mergeVersions is merge for the versions of a package. Ahead says that they have gone on to a later tree than this engine.
func mergeVersions(base, mine, theirs []cache.Version, ahead bool) []cache.Version {
	next := slices.Clone(theirs)
	for _, b := range base {
		// It was moved to a later tree that has the same, or there were too many.
		if at := find(next, b.Digest); at >= 0 && find(mine, b.Digest) < 0 && next[at].State == b.State {
			next = slices.Delete(next, at, at+1)
		}
	}
	var live cache.Digest // what this engine brought live since
	place := 0            // of the next that is not there
	if ahead {
		place = liveAt(next) + 1
	}
	for _, m := range mine {
		b, at := find(base, m.Digest), find(next, m.Digest)
		changed := b < 0 || base[b].State != m.State
		if changed && m.State == cache.Live && !ahead {
			live = m.Digest
		}
		switch {
		case at < 0 && changed && b >= 0 && m.State == cache.Retired:
			continue // others have dropped it
		case at < 0 && changed:
			next = slices.Insert(next, place, m)
			at = place
		case at < 0 && m.State == cache.Live: // it serves here still
			next = append(next, m)
		case at < 0 || !changed || next[at].State == m.State:
		case m.State == cache.Live:
			next = slices.Insert(slices.Delete(next, at, at+1), min(place, len(next)-1), m)
			at = min(place, len(next)-1)
		case m.State == cache.Quarantined, m.State == cache.Retired && next[at].State == cache.Live && !ahead:
			next[at] = m
		}
		place = max(place, at+1)
	}
	return trim(oneLive(next, live))
}

// oneLive retires all versions that serve but one: that of the digest, else the first.
func oneLive(versions []cache.Version, digest cache.Digest) []cache.Version {
	keep := find(versions, digest)
	if keep < 0 || versions[keep].State != cache.Live {
		keep = liveAt(versions)
	}
	for i := range versions {
		if i != keep && versions[i].State == cache.Live {
			versions[i].State = cache.Retired
		}
	}
	return versions
}

func liveAt(versions []cache.Version) int {
	return slices.IndexFunc(versions, func(v cache.Version) bool { return v.State == cache.Live })
}

func find(versions []cache.Version, digest cache.Digest) int {
	return slices.IndexFunc(versions, func(v cache.Version) bool { return v.Digest == digest })
}
