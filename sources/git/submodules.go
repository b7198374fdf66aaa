package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/scriptd/scriptd/sources"
)

const (
	// maxNested is how deep submodules lie within each other, and maxModulesFile bounds what lists those of a commit.
	maxNested      = 4
	maxModulesFile = 64 << 10
	// maxModules bounds those of a commit: each is a fetch.
	maxModules  = 100
	modulesFile = ".gitmodules"
)

// modules are the submodules of a commit.
type modules struct {
	source *Source
	urls   map[string]string // by path, as the commit has them
}

// modules reads what a commit says of its submodules. It is nil where they are left out.
func (s *Source) modules(objects storer.EncodedObjectStorer, commit *object.Commit) (*modules, error) {
	if !s.opts.Submodules {
		return nil, nil
	}
	m := &modules{source: s, urls: map[string]string{}}
	tree, err := object.GetTree(objects, commit.TreeHash)
	if err != nil {
		return nil, err
	}
	e, err := tree.FindEntry(modulesFile)
	if err != nil || !e.Mode.IsFile() {
		return m, nil // there is none
	}
	blob, err := object.GetBlob(objects, e.Hash)
	if err != nil {
		return nil, err
	}
	if blob.Size > maxModulesFile {
		return nil, refuse(modulesFile, "it has more than %d bytes", maxModulesFile)
	}
	r, err := blob.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	parsed := config.NewModules()
	if err := parsed.Unmarshal(data); err != nil {
		return nil, refuse(modulesFile, "%w", err)
	}
	if len(parsed.Submodules) > maxModules {
		return nil, refuse(modulesFile, "it has more than %d submodules", maxModules)
	}
	for _, sub := range parsed.Submodules {
		m.urls[path.Clean(sub.Path)] = sub.URL
	}
	return m, nil
}

// checkout adds the files of the submodule at a path, which has the prefix in the tree.
func (m *modules) checkout(ctx context.Context, prefix, name string, commit plumbing.Hash, tree *sources.Tree) error {
	raw, ok := m.urls[name]
	if !ok {
		return refuse(prefix+name, "it is a submodule that %s does not have", modulesFile)
	}
	sub, err := m.source.submodule(raw)
	if err != nil {
		return sources.Fail(sources.Refused, err, "submodule %q", prefix+name)
	}
	return sources.Fail(sources.Transient, sub.fail(ctx, sub.checkout(ctx, commit, tree, prefix+name+"/")), "submodule %q", prefix+name)
}

// submodule returns the source of a submodule, which goes on from what it fetched before.
func (s *Source) submodule(raw string) (*Source, error) {
	if s.nesting == maxNested {
		return nil, fmt.Errorf("there are more than %d within each other", maxNested)
	}
	at, err := s.remote.beside(raw)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub, ok := s.subs[at.display]; ok {
		return sub, nil
	}
	sub := newSource(s.opts, at)
	sub.nesting = s.nesting + 1
	if s.subs == nil {
		s.subs = map[string]*Source{}
	}
	s.subs[at.display] = sub
	return sub, nil
}

var errElsewhere = errors.New("it is on another server: only submodules from the repository's own are fetched")

// beside returns where a submodule is. It is on the repository's own server, or in the same folder of this machine: a
// commit must not send scriptd, with the credentials that it has, to wherever its author likes.
func (r remote) beside(raw string) (remote, error) {
	relative := strings.HasPrefix(raw, "./") || strings.HasPrefix(raw, "../")
	if r.kind == local {
		at := filepath.Join(r.path, filepath.FromSlash(raw))
		if !relative || filepath.Dir(at) != filepath.Dir(r.path) {
			return r, errElsewhere
		}
		r.path, r.display = at, at
		return r, nil
	}
	if !relative {
		other, err := parseRemote(raw)
		switch {
		case err != nil:
			return r, err
		case other.kind != r.kind, r.kind == overSSH && other.host != r.host, r.kind == overHTTP && !sameServer(other.url, r.url):
			return r, errElsewhere
		}
		r.path, r.url, r.display = other.path, other.url, other.display
		return r, nil
	}
	if r.kind == overSSH {
		r.path = path.Join(r.path, raw)
		r.display = (&url.URL{Scheme: "ssh", Host: r.host, Path: path.Join("/", r.path)}).String()
		return r, nil
	}
	u, err := url.Parse(r.url)
	if err != nil {
		return r, err
	}
	u.Path, u.RawPath, u.RawQuery = path.Join("/", u.Path, raw), "", ""
	r.url, r.display = u.String(), u.String()
	return r, nil
}
