package engine

import (
	"slices"
	"time"

	"github.com/scriptd/scriptd/cache"
)

const (
	// keptVersions bounds the versions of a package that served, keptFailures those that did not go live.
	keptVersions = 10
	keptFailures = 5
)

// advance returns the history of a package after a load. It leaves old as it is.
func advance(old []cache.Version, p *loadedPackage, now time.Time) []cache.Version {
	versions := slices.Clone(old)
	switch {
	case p.held:
		return versions
	case p.old && p.gen != nil:
		return relabel(versions, p, cache.Live)
	case p.old && p.quarantined:
		return relabel(versions, p, cache.Quarantined)
	case p.old:
		return relabel(versions, p, cache.Failed)
	}
	v := cache.Version{Digest: p.digest, Revision: p.revision, ActivatedAt: now, State: cache.Live}
	at := slices.IndexFunc(versions, func(v cache.Version) bool { return v.Digest == p.digest })
	switch {
	case p.gen == nil && !p.quarantined && at >= 0 && versions[at].State == cache.Live:
		return versions // it serves, though it could not be loaded once more
	case p.gen == nil:
		v.State, v.Error = cache.Failed, p.problems.Error()
		if p.quarantined {
			v.State, v.Error = cache.Quarantined, p.why
		}
	case at >= 0 && versions[at].State == cache.Live:
		v.ActivatedAt = versions[at].ActivatedAt // it is the same again
	}
	if at >= 0 {
		versions = slices.Delete(versions, at, at+1)
	}
	if p.gen != nil {
		versions = retireAll(versions)
	}
	return trim(slices.Insert(versions, 0, v))
}

// retireAll says that nothing of a package serves any more.
func retireAll(versions []cache.Version) []cache.Version {
	versions = slices.Clone(versions)
	for i := range versions {
		if versions[i].State == cache.Live {
			versions[i].State = cache.Retired
		}
	}
	return versions
}

// relabel moves the newest version of a state to a later tree that has the same.
func relabel(versions []cache.Version, p *loadedPackage, state cache.State) []cache.Version {
	at := slices.IndexFunc(versions, func(v cache.Version) bool { return v.State == state })
	if at < 0 || versions[at].Digest == p.digest {
		return versions
	}
	versions[at].Digest, versions[at].Revision = p.digest, p.revision
	// An older version of the same tree, with another outcome, would have the same name.
	moved := versions[at]
	return slices.DeleteFunc(versions, func(v cache.Version) bool { return v.Digest == p.digest && v != moved })
}

// trim drops the oldest versions where there are too many.
func trim(versions []cache.Version) []cache.Version {
	served, failed := 0, 0
	return slices.DeleteFunc(versions, func(v cache.Version) bool {
		if v.State == cache.Failed {
			failed++
			return failed > keptFailures
		}
		served++
		return served > keptVersions && v.State != cache.Live
	})
}
