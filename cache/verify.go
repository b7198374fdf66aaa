package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Damage is a file of a store that is not what it was when it was written.
type Damage struct {
	// File is its path in the store.
	File string `json:"file"`
	// Problem is what is wrong.
	Problem string `json:"problem"`
	// Trees are those that cannot be read because of it.
	Trees []Digest `json:"trees"`
	// Repair is what was done, empty for nothing.
	Repair string `json:"repair"`
}

// Verification is what Verify found.
type Verification struct {
	Trees   int      `json:"trees"`
	Blobs   int      `json:"blobs"`
	Records int      `json:"records"`
	Bytes   int64    `json:"bytes"`
	Damage  []Damage `json:"damage"`
	// Local is what was found in the local copy, of a store that has one.
	Local *Verification `json:"local,omitempty"`
}

// Verify reads the whole store, and compares all that is there with the hash that it is stored under. What is damaged is in
// the result, and no error. With repair, damaged files are set aside, so that what they were can be put again, and a source whose
// record is damaged has the tree active again that was so last, without the history of its packages. It waits for nobody, and
// with repair nobody writes meanwhile.
func (f *Files) Verify(ctx context.Context, repair bool) (Verification, error) {
	v, err := f.verify(ctx, repair)
	if err != nil {
		return v, fmt.Errorf("verify cache: %w", err)
	}
	return v, nil
}

func (f *Files) verify(ctx context.Context, repair bool) (Verification, error) {
	if repair {
		unlock, err := f.locks.exclude(ctx)
		if err != nil {
			return Verification{}, err
		}
		defer unlock()
	} else {
		defer f.locks.tryShare()()
	}
	return verify(ctx, f, repair)
}

// verify is Verify of what is on a shelf.
func verify(ctx context.Context, on shelf, repair bool) (Verification, error) {
	v := &verifier{store: on, repair: repair, bad: make(map[string]*Damage)}
	err := v.run(ctx)
	result := v.result
	result.Damage = []Damage{}
	for _, d := range v.bad {
		result.Damage = append(result.Damage, *d)
	}
	slices.SortFunc(result.Damage, func(a, b Damage) int { return strings.Compare(a.File, b.File) })
	return result, err
}

type verifier struct {
	store  shelf
	repair bool

	mu     sync.Mutex
	result Verification
	bad    map[string]*Damage
}

func (v *verifier) run(ctx context.Context) error {
	trees, err := v.store.trees(ctx)
	if err != nil {
		return err
	}
	users := make(map[string][]Digest) // of a content
	group, treeCtx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, d := range trees {
		group.Go(func() error {
			entries, err := v.tree(treeCtx, d)
			v.mu.Lock()
			defer v.mu.Unlock()
			for _, e := range entries {
				if list := users[e.sum]; !slices.Contains(list, d) {
					users[e.sum] = append(list, d)
				}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := v.blobs(ctx, users); err != nil {
		return err
	}
	return v.records(ctx)
}

// note records a damage, and sets the file aside where that is wanted.
func (v *verifier) note(ctx context.Context, name string, problem error, trees ...Digest) error {
	d := &Damage{File: name, Problem: problem.Error(), Trees: append([]Digest{}, trees...)}
	if bad, ok := errors.AsType[*damagedError](problem); ok {
		d.Problem = fmt.Sprintf("%s: %v", bad.what, bad.why)
	}
	v.mu.Lock()
	v.bad[name] = d
	v.mu.Unlock()
	if !v.repair || errors.Is(problem, fs.ErrNotExist) {
		return nil
	}
	aside, err := v.store.moveAside(ctx, name)
	if aside {
		d.Repair = "set aside as " + asidePath(name)
	}
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	return err
}

func (v *verifier) tree(ctx context.Context, d Digest) ([]entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := v.store.entries(ctx, d)
	if err == nil {
		if _, bad := newTree(entries, make([]string, len(entries))); bad != nil {
			err = corrupt(treePath(d), "listing", bad)
		}
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil // it was removed meanwhile
	case errors.Is(err, ErrCorrupt):
		return nil, v.note(ctx, treePath(d), err, d)
	case err != nil:
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.result.Trees++
	return entries, nil
}

// blobs checks the contents that are there, and that those are there which trees have.
func (v *verifier) blobs(ctx context.Context, users map[string][]Digest) error {
	there := make(map[string]bool)
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	err := v.store.blobs(each, func(b blob) error {
		name, sum := b.name, path.Base(b.name)
		there[sum] = name == blobPath(sum)
		group.Go(func() error {
			if err := each.Err(); err != nil {
				return err
			}
			v.mu.Lock()
			v.result.Blobs++
			v.result.Bytes += b.size
			v.mu.Unlock()
			switch err := v.store.check(each, name); {
			case errors.Is(err, ErrCorrupt):
				return v.note(each, name, err, users[sum]...)
			case errors.Is(err, fs.ErrNotExist):
				return nil
			default:
				return err
			}
		})
		return each.Err()
	})
	if err = errors.Join(err, group.Wait()); err != nil {
		return err
	}
	for sum, trees := range users {
		if there[sum] {
			continue
		}
		// It may have come, or its trees have gone, since the folder was read.
		if come, err := v.store.has(ctx, blobPath(sum)); come || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		trees = slices.DeleteFunc(trees, func(d Digest) bool {
			there, err := v.store.has(ctx, treePath(d))
			return !there && err == nil
		})
		if len(trees) > 0 {
			if err := v.note(ctx, blobPath(sum), fmt.Errorf("content: %w", fs.ErrNotExist), trees...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifier) records(ctx context.Context) error {
	sources, err := v.store.sources(ctx)
	if err != nil {
		return err
	}
	for _, source := range sources {
		journal, err := v.store.journal(ctx, source)
		if err != nil {
			return err
		}
		var names []string
		for _, dir := range recordDirs {
			names = append(names, recordPath(dir, source))
		}
		for _, a := range journal {
			names = append(names, a.path(source))
		}
		for _, name := range names {
			if err := v.record(ctx, name); err != nil {
				return errors.Join(err, ctx.Err())
			}
		}
		if err := v.restore(ctx, source, journal); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) record(ctx context.Context, name string) error {
	switch err := v.store.check(ctx, name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, ErrCorrupt):
		return v.note(ctx, name, err)
	case err != nil:
		return err
	}
	v.result.Records++
	return nil
}

// restore records again what the journal says was active, where the record itself was damaged.
func (v *verifier) restore(ctx context.Context, source string, journal []activation) error {
	bad := v.bad[activePath(source)]
	if bad == nil || bad.Repair == "" {
		return nil
	}
	for _, a := range slices.Backward(journal) {
		past, err := v.store.pastActive(ctx, source, a)
		if err != nil || past.Digest != a.digest {
			continue
		}
		if there, err := v.store.has(ctx, treePath(a.digest)); !there || err != nil {
			continue
		}
		err = v.store.restore(ctx, source, past)
		if errors.Is(err, ErrNotFound) {
			continue // it was removed just now
		}
		if err != nil {
			return err
		}
		bad.Repair += fmt.Sprintf("; tree %s is active, the history of packages is lost", a.digest)
		return nil
	}
	return nil
}
