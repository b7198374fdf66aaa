package engine

import (
	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
)

// member is a package of a source, with all that is known of it. It changes only while somebody holds the source's turn,
// and then under the source's lock.
type member struct {
	path string
	// live is what serves, nil where nothing does. Last is what was tried last; nil where the newest tree does not have the
	// package.
	live, last *loadedPackage
	// versions are the history, the newest first.
	versions []cache.Version
	// pin is the tree that the package is held at, empty for the newest.
	pin         cache.Digest
	pinRevision string
}

// member returns what is known of a package, never nil. The caller holds the source's turn.
func (s *source) member(path string) *member {
	if m := s.members[path]; m != nil {
		return m
	}
	return &member{path: path}
}

// liveVersion is the version that serves, as the history has it; nil where none does.
func (m *member) liveVersion() *cache.Version {
	for i := range m.versions {
		if m.versions[i].State == cache.Live {
			return &m.versions[i]
		}
	}
	return nil
}

// known returns what comes of a load from a tree, where that is known without a look at it; else nil.
func (m *member) known(inputs string, digest cache.Digest) *loadedPackage {
	if p := m.live; p != nil && p.digest == digest && p.inputs == inputs {
		return p.at(p.revision, p.digest)
	}
	for _, v := range m.versions {
		if v.Digest == digest && v.State == cache.Quarantined && (m.last == nil || !m.last.quarantined || m.last.inputs == inputs) {
			return &loadedPackage{
				path: m.path, revision: v.Revision, digest: digest, inputs: inputs, reads: m.readsOf(digest), old: true,
				problems: quarantined(m.path, v.Error), quarantined: true, why: v.Error, mentions: m.mentions(),
			}
		}
	}
	return nil
}

// readsOf returns what the last load read, where that was of this tree.
func (m *member) readsOf(digest cache.Digest) *reads {
	if m.last != nil && m.last.digest == digest {
		return m.last.reads
	}
	return nil
}

func (m *member) mentions() map[string]bool {
	if m.last != nil && m.last.mentions != nil {
		return m.last.mentions
	}
	return map[string]bool{}
}

func quarantined(path, why string) runtime.Problems {
	return runtime.Problems{{File: path, Message: "quarantined: " + why + "; a reload tries again"}}
}
