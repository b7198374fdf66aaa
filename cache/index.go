package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Role is what a tree is to a source.
type Role string

const (
	// RoleActive: it is in use.
	RoleActive Role = "active"
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

// index reads all records. It fails where one cannot be read, because what that one names is not known.
func (f *Files) index(ctx context.Context) (*index, error) {
	x := &index{uses: make(map[Digest][]Use), journals: make(map[string][]activation)}
	var err error
	if x.sources, err = f.sources(); err != nil {
		return nil, err
	}
	for _, source := range x.sources {
		if err := f.indexSource(ctx, x, source); err != nil {
			return nil, fmt.Errorf("source %s: %w", source, err)
		}
	}
	return x, nil
}

// sources returns the names that there are records of.
func (f *Files) sources() ([]string, error) {
	var names []string
	for _, dir := range append([]string{journalDir}, recordDirs...) {
		infos, err := f.list(dir)
		if err != nil {
			return nil, err
		}
		for _, info := range infos {
			if name := strings.TrimSuffix(info.Name(), ".json"); sourceName().MatchString(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (f *Files) indexSource(ctx context.Context, x *index, source string) error {
	active, err := f.Active(ctx, source)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	control, err := f.Control(ctx, source)
	if err != nil {
		return err
	}
	journal, err := f.journal(source)
	if err != nil {
		return err
	}
	x.journals[source] = journal
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
	revisions, ends := f.revisions(active, control), replaced(journal)
	for d, role := range roles {
		u := Use{Source: source, Role: role, Revision: revisions[d], Until: ends[d]}
		if role == RoleActive {
			u.Until = time.Time{}
		}
		if u.Revision == "" {
			u.Revision = f.pastRevision(source, journal, d)
		}
		x.uses[d] = append(x.uses[d], u)
	}
	return nil
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

func (f *Files) revisions(active Active, control Control) map[Digest]string {
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
func (f *Files) pastRevision(source string, journal []activation, d Digest) string {
	for _, a := range slices.Backward(journal) {
		if a.digest == d {
			past, _ := f.pastActive(source, a)
			return past.Revision
		}
	}
	return ""
}

func (f *Files) pastActive(source string, a activation) (past Active, err error) {
	content, err := readUpTo(f.fs, a.path(source), maxRecord)
	if err != nil {
		return past, err
	}
	return past, decodeRecord(content, &past)
}

// keeps reports whether a tree may not be removed, whatever its age.
func (x *index) keeps(d Digest) bool {
	return slices.ContainsFunc(x.uses[d], func(u Use) bool { return u.Role != RolePast })
}

// trees returns the digests of the listings that are there.
func (f *Files) trees() ([]Digest, error) {
	infos, err := f.list(treesDir)
	if err != nil {
		return nil, err
	}
	var list []Digest
	for _, info := range infos {
		if d := Digest(digestPrefix + info.Name()); d.Valid() {
			list = append(list, d)
		}
	}
	return list, nil
}

// blobs calls visit for each content that is there.
func (f *Files) blobs(visit func(name string, info os.FileInfo) error) error {
	dirs, err := f.list(blobsDir)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		infos, err := f.list(path.Join(blobsDir, dir.Name()))
		if err != nil {
			return err
		}
		for _, info := range infos {
			if err := visit(path.Join(blobsDir, dir.Name(), info.Name()), info); err != nil {
				return err
			}
		}
	}
	return nil
}

// TreeInfo is a tree of a store.
type TreeInfo struct {
	Digest Digest `json:"digest"`
	// Files is their number, and Bytes what they have, where none is shared with other trees.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	// Uses are what it is to the sources that know it, by source.
	Uses []Use `json:"uses"`
	// Error is why it cannot be read; empty where its listing can.
	Error string `json:"error"`
}

// Trees lists the trees of the store, by digest. Only listings are read; Verify reads contents.
func (f *Files) Trees(ctx context.Context) ([]TreeInfo, error) {
	list, err := f.treeInfos(ctx)
	if err != nil {
		return nil, fmt.Errorf("list cache: %w", err)
	}
	return list, nil
}

func (f *Files) treeInfos(ctx context.Context) ([]TreeInfo, error) {
	unlock := f.locks.tryShare()
	defer unlock()
	x, err := f.index(ctx)
	if err != nil {
		return nil, err
	}
	digests, err := f.trees()
	if err != nil {
		return nil, err
	}
	list := make([]TreeInfo, 0, len(digests))
	for _, d := range digests {
		t := TreeInfo{Digest: d, Uses: append([]Use{}, x.uses[d]...)}
		slices.SortFunc(t.Uses, func(a, b Use) int { return cmp.Compare(a.Source, b.Source) })
		entries, err := f.entries(d)
		switch {
		case errors.Is(err, ErrNotFound):
			continue // it was removed meanwhile
		case err != nil:
			t.Error = err.Error()
		}
		for _, e := range entries {
			t.Files++
			t.Bytes += e.size
		}
		list = append(list, t)
	}
	return list, nil
}

// Size is what a store takes, in bytes.
type Size struct {
	Trees int `json:"trees"`
	Blobs int `json:"blobs"`
	// Listings, Contents and Records are what is in use or kept; Temporary is of writes under way or interrupted, and
	// Corrupt what was set aside.
	Listings  int64 `json:"listing_bytes"`
	Contents  int64 `json:"content_bytes"`
	Records   int64 `json:"record_bytes"`
	Temporary int64 `json:"temporary_bytes"`
	Corrupt   int64 `json:"corrupt_bytes"`
	Total     int64 `json:"total_bytes"`
}

// Size measures the store. It reads no file.
func (f *Files) Size(ctx context.Context) (Size, error) {
	var s Size
	parts := map[string]*int64{
		treesDir: &s.Listings, blobsDir: &s.Contents, journalDir: &s.Records, tempDir: &s.Temporary, corruptDir: &s.Corrupt,
	}
	for _, dir := range recordDirs {
		parts[dir] = &s.Records
	}
	for dir, bytes := range parts {
		err := f.walk(dir, func(info os.FileInfo) {
			*bytes += info.Size()
			s.Total += info.Size()
			switch dir {
			case treesDir:
				s.Trees++
			case blobsDir:
				s.Blobs++
			}
		})
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return Size{}, fmt.Errorf("measure cache: %w", err)
		}
	}
	return s, nil
}

// walk visits the files below a folder. What is removed meanwhile is not counted.
func (f *Files) walk(dir string, visit func(os.FileInfo)) error {
	infos, err := f.list(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, info := range infos {
		if !info.IsDir() {
			visit(info)
			continue
		}
		if err := f.walk(path.Join(dir, info.Name()), visit); err != nil {
			return err
		}
	}
	return nil
}
