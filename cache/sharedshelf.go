package cache

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// sharedShelf is a Shared as it was listed: one listing in place of many.
type sharedShelf struct {
	*Shared
	objects []Object
	now     time.Time
}

var _ shelf = (*sharedShelf)(nil)

// shelf lists the bucket.
func (s *Shared) shelf(ctx context.Context) (*sharedShelf, error) {
	if err := s.ready(ctx, false); err != nil {
		return nil, err
	}
	shelf := &sharedShelf{Shared: s}
	var err error
	shelf.now, err = s.bucket.List(ctx, "", func(o Object) error {
		shelf.objects = append(shelf.objects, o)
		return nil
	})
	return shelf, err
}

// in returns the objects of a folder.
func (s *sharedShelf) in(dir string) []Object {
	first, _ := slices.BinarySearchFunc(s.objects, dir+"/", func(o Object, name string) int { return strings.Compare(o.Name, name) })
	rest := s.objects[first:]
	if end := slices.IndexFunc(rest, func(o Object) bool { return !strings.HasPrefix(o.Name, dir+"/") }); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// sources implements shelf.
func (s *sharedShelf) sources(context.Context) ([]string, error) {
	var names []string
	for _, dir := range append([]string{journalDir}, recordDirs...) {
		for _, o := range s.in(dir) {
			name, _, _ := strings.Cut(o.Name[len(dir)+1:], "/")
			if name = strings.TrimSuffix(name, ".json"); sourceName().MatchString(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// trees implements shelf.
func (s *sharedShelf) trees(context.Context) ([]Digest, error) {
	var list []Digest
	for _, o := range s.in(treesDir) {
		if d := Digest(digestPrefix + path.Base(o.Name)); d.Valid() && o.Name == treePath(d) {
			list = append(list, d)
		}
	}
	return list, nil
}

// held returns the trees that may not be removed yet.
func (s *sharedShelf) held() map[Digest]bool {
	held := make(map[Digest]bool)
	for _, o := range s.in(treesDir) {
		if o.Age <= s.grace {
			held[Digest(digestPrefix+path.Base(o.Name))] = true
		}
	}
	return held
}

// blobs implements shelf.
func (s *sharedShelf) blobs(_ context.Context, visit func(blob) error) error {
	for _, o := range s.in(blobsDir) {
		if !isSum(path.Base(o.Name)) {
			continue // a folder that a console made
		}
		if err := visit(blob{name: o.Name, size: o.Size, young: o.Age <= s.grace}); err != nil {
			return err
		}
	}
	return nil
}

// journal implements shelf.
func (s *sharedShelf) journal(_ context.Context, source string) ([]activation, error) {
	var list []activation
	for _, o := range s.in(path.Join(journalDir, source)) {
		if a, ok := parseActivation(path.Base(o.Name)); ok {
			list = append(list, a)
		}
	}
	return list, nil
}

// pastActive implements shelf.
func (s *sharedShelf) pastActive(ctx context.Context, source string, a activation) (past Active, err error) {
	r, err := s.load(ctx, a.path(source), &past)
	if err == nil && r.version == Absent {
		err = ErrNotFound
	}
	return past, errors.Join(err, r.damage)
}

// restore implements shelf.
func (s *sharedShelf) restore(ctx context.Context, source string, past Active) error {
	if err := s.secureActive(ctx, past, Active{}); err != nil {
		return err
	}
	err := s.replace(ctx, activePath(source), past, sharedRecord{version: Absent})
	return conflict(err) // where somebody wrote another meanwhile, that is better
}

// Trees implements Keeper.
func (s *Shared) Trees(ctx context.Context) ([]TreeInfo, error) {
	shelf, err := s.shelf(ctx)
	if err != nil {
		return nil, fmt.Errorf("list cache: %w", err)
	}
	list, err := treeInfos(ctx, shelf)
	if err != nil {
		return nil, fmt.Errorf("list cache: %w", err)
	}
	return list, nil
}

// Size implements Keeper. It reads no object.
func (s *Shared) Size(ctx context.Context) (Size, error) {
	shelf, err := s.shelf(ctx)
	if err != nil {
		return Size{}, fmt.Errorf("measure cache: %w", err)
	}
	var size Size
	for _, o := range shelf.objects {
		dir, _, _ := strings.Cut(o.Name, "/")
		switch {
		case dir == treesDir:
			size.Trees++
			size.Listings += o.Size
		case dir == blobsDir:
			size.Blobs++
			size.Contents += o.Size
		case dir == corruptDir:
			size.Corrupt += o.Size
		case dir == removingDir:
			size.Temporary += o.Size
		case dir == journalDir || slices.Contains(recordDirs, dir):
			size.Records += o.Size
		default:
			continue // the version, or what is not the cache's
		}
		size.Total += o.Size
	}
	return size, nil
}

// Verify implements Keeper. Others go on meanwhile.
func (s *Shared) Verify(ctx context.Context, repair bool) (Verification, error) {
	shelf, err := s.shelf(ctx)
	if err != nil {
		return Verification{}, fmt.Errorf("verify cache: %w", err)
	}
	v, err := verify(ctx, shelf, repair)
	if err != nil {
		return v, fmt.Errorf("verify cache: %w", err)
	}
	return v, nil
}
