package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	v := &verifier{store: f, repair: repair, bad: make(map[string]*Damage)}
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
	store  *Files
	repair bool

	mu     sync.Mutex
	result Verification
	bad    map[string]*Damage
}

func (v *verifier) run(ctx context.Context) error {
	trees, err := v.store.trees()
	if err != nil {
		return err
	}
	users := make(map[string][]Digest) // of a content
	for _, d := range trees {
		entries, err := v.tree(ctx, d)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if list := users[e.sum]; !slices.Contains(list, d) {
				users[e.sum] = append(list, d)
			}
		}
	}
	if err := v.blobs(ctx, users); err != nil {
		return err
	}
	return v.records(ctx)
}

// note records a damage, and sets the file aside where that is wanted.
func (v *verifier) note(name string, problem error, trees ...Digest) error {
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
	aside, err := v.store.moveAside(name)
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
	name := treePath(d)
	switch err := v.store.check(name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil // it was removed meanwhile
	case errors.Is(err, ErrCorrupt):
		return nil, v.note(name, err, d)
	case err != nil:
		return nil, err
	}
	v.result.Trees++
	return v.store.entries(d)
}

// blobs checks the contents that are there, and that those are there which trees have.
func (v *verifier) blobs(ctx context.Context, users map[string][]Digest) error {
	there := make(map[string]bool)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	err := v.store.blobs(func(name string, info os.FileInfo) error {
		sum := path.Base(name)
		there[sum] = name == blobPath(sum)
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			v.mu.Lock()
			v.result.Blobs++
			v.result.Bytes += info.Size()
			v.mu.Unlock()
			switch err := v.store.check(name); {
			case errors.Is(err, ErrCorrupt):
				return v.note(name, err, users[sum]...)
			case errors.Is(err, fs.ErrNotExist):
				return nil
			default:
				return err
			}
		})
		return ctx.Err()
	})
	if err = errors.Join(err, group.Wait()); err != nil {
		return err
	}
	for sum, trees := range users {
		if there[sum] {
			continue
		}
		// It may have come, or its trees have gone, since the folder was read.
		if _, err := v.store.fs.Stat(blobPath(sum)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		trees = slices.DeleteFunc(trees, func(d Digest) bool {
			_, err := v.store.fs.Stat(treePath(d))
			return errors.Is(err, fs.ErrNotExist)
		})
		if len(trees) > 0 {
			if err := v.note(blobPath(sum), fmt.Errorf("content: %w", fs.ErrNotExist), trees...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifier) records(ctx context.Context) error {
	sources, err := v.store.sources()
	if err != nil {
		return err
	}
	for _, source := range sources {
		journal, err := v.store.journal(source)
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
			if err := v.record(name); err != nil {
				return errors.Join(err, ctx.Err())
			}
		}
		if err := v.restore(source, journal); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) record(name string) error {
	switch err := v.store.check(name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, ErrCorrupt):
		return v.note(name, err)
	case err != nil:
		return err
	}
	v.result.Records++
	return nil
}

// restore records again what the journal says was active, where the record itself was damaged.
func (v *verifier) restore(source string, journal []activation) error {
	bad := v.bad[activePath(source)]
	if bad == nil || bad.Repair == "" {
		return nil
	}
	for _, a := range slices.Backward(journal) {
		past, err := v.store.pastActive(source, a)
		if err != nil || past.Digest != a.digest {
			continue
		}
		if _, err := v.store.fs.Stat(treePath(a.digest)); err != nil {
			continue
		}
		if err := v.store.replaceRecord(activePath(source), past); err != nil {
			return err
		}
		bad.Repair += fmt.Sprintf("; tree %s is active, the history of packages is lost", a.digest)
		return nil
	}
	return nil
}
