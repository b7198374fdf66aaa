package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Trees implements Keeper: those of the bucket.
func (l *Layered) Trees(ctx context.Context) ([]TreeInfo, error) {
	list, err := l.shared.Trees(ctx)
	return list, l.met(ctx, err)
}

// Size implements Keeper.
func (l *Layered) Size(ctx context.Context) (Size, error) {
	size, err := l.shared.Size(ctx)
	if l.met(ctx, err) != nil {
		return size, err
	}
	local, err := l.local.Size(ctx)
	size.Local = &local
	return size, err
}

// Collect implements Keeper. The folder keeps what the bucket keeps, as far as it has it.
func (l *Layered) Collect(ctx context.Context, r Retention, dryRun bool) (Collection, error) {
	c, err := l.shared.Collect(ctx, r, dryRun)
	local, localErr := l.local.Collect(ctx, r, dryRun)
	c.Local = &local
	return c, errors.Join(l.met(ctx, err), localErr)
}

// Verify implements Keeper. With repair, what is damaged on one side is written again from the other, where that has it.
func (l *Layered) Verify(ctx context.Context, repair bool) (Verification, error) {
	mended := []Damage{}
	if repair {
		var err error
		if mended, err = l.mendRecords(ctx); l.met(ctx, err) != nil {
			return Verification{}, fmt.Errorf("verify cache: %w", err)
		}
	}
	v, err := l.shared.Verify(ctx, repair)
	if l.met(ctx, err) != nil {
		return v, err
	}
	local, err := l.local.Verify(ctx, repair)
	v.Local = &local
	if err != nil {
		return v, err
	}
	if repair {
		if err := l.mendTrees(ctx, v.Damage, l.local, l.shared, "written again from the local copy"); err != nil {
			return v, err
		}
		if err := l.mendTrees(ctx, local.Damage, l.shared, l.local, "written again from the bucket"); err != nil {
			return v, err
		}
	}
	v.Damage = append(mended, v.Damage...)
	return v, nil
}

// mendTrees puts the trees that damage is in, as from has them, and tells what could be.
func (l *Layered) mendTrees(ctx context.Context, damage []Damage, from, to Store, did string) error {
	mended := make(map[Digest]bool)
	for i := range damage {
		d := &damage[i]
		whole := len(d.Trees) > 0
		for _, tree := range d.Trees {
			if _, known := mended[tree]; !known {
				files, err := from.Open(ctx, tree)
				if err == nil {
					_, err = to.Put(ctx, files)
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				mended[tree] = err == nil
			}
			whole = whole && mended[tree]
		}
		if whole {
			d.Repair = strings.TrimPrefix(d.Repair+"; "+did, "; ")
		}
	}
	return nil
}

// mendRecords replaces damaged records of the bucket by those that the folder has.
func (l *Layered) mendRecords(ctx context.Context) ([]Damage, error) {
	damage := []Damage{}
	names, err := l.local.sources(ctx)
	if err != nil {
		return damage, err
	}
	for _, source := range names {
		for _, dir := range recordDirs {
			name := recordPath(dir, source)
			content, err := readUpTo(l.local.fs, name, maxRecord)
			if err != nil || checkContent(name, content) != nil {
				continue // the folder is verified later
			}
			bad, err := l.shared.load(ctx, name, nil)
			if err != nil {
				return damage, err
			}
			problem := cmp.Or(bad.damage, checkContent(name, bad.content))
			if bad.version == Absent || problem == nil {
				continue
			}
			err = l.mendRecord(ctx, dir, source, bad, content)
			switch {
			case errors.Is(err, ErrNotFound), errors.Is(err, ErrConflict):
				continue // its tree is gone, or somebody has replaced it
			case err != nil:
				return damage, err
			}
			damage = append(damage, Damage{
				File: name, Problem: problem.Error(), Trees: []Digest{},
				Repair: "set aside as " + asidePath(name) + "; replaced by the local copy",
			})
		}
	}
	return damage, nil
}

// mendRecord copies a damaged record to where what is damaged is set aside, and replaces it by what the folder has, with the trees that
// this names, as far as the folder has them.
func (l *Layered) mendRecord(ctx context.Context, dir, source string, bad sharedRecord, content []byte) error {
	if bad.content != nil {
		if err := l.shared.bucket.Put(ctx, asidePath(recordPath(dir, source)), bad.content, ""); err != nil {
			return err
		}
	}
	switch dir {
	case activeDir:
		var a Active
		if err := decodeRecord(content, &a); err != nil {
			return err
		}
		a.Version = bad.version
		if err := l.give(ctx, slices.Collect(maps.Keys(a.digests()))...); err != nil {
			return err
		}
		return l.shared.Activate(ctx, source, a)
	case headsDir:
		var h Head
		if err := decodeRecord(content, &h); err != nil {
			return err
		}
		h.Version = bad.version
		if err := l.give(ctx, h.Digest); err != nil {
			return err
		}
		return l.shared.SetHead(ctx, source, h)
	case controlDir:
		var c Control
		if err := decodeRecord(content, &c); err != nil {
			return err
		}
		c.Version = bad.version
		if err := l.give(ctx, c.pins()...); err != nil {
			return err
		}
		return l.shared.SetControl(ctx, source, c)
	default:
		var list []Sync
		if err := decodeRecord(content, &list); err != nil {
			return err
		}
		return l.shared.SetSyncs(ctx, source, list)
	}
}

// give puts trees into the bucket, those that the folder has.
func (l *Layered) give(ctx context.Context, trees ...Digest) error {
	for _, d := range trees {
		tree, err := l.local.Open(ctx, d)
		if err != nil {
			continue // the bucket may have it
		}
		if _, err := l.shared.Put(ctx, tree); err != nil {
			return err
		}
	}
	return nil
}

// Export implements Keeper.
func (l *Layered) Export(ctx context.Context, to io.Writer) (Archive, error) {
	a, err := l.shared.export(ctx, l, to)
	if l.met(ctx, err) != nil {
		return Archive{}, fmt.Errorf("export cache: %w", err)
	}
	return a, nil
}

// Import implements Keeper.
func (l *Layered) Import(ctx context.Context, from io.Reader, want Digest) (Archive, error) {
	a, err := importInto(ctx, from, want, l)
	if err != nil {
		return Archive{}, fmt.Errorf("import into cache: %w", err)
	}
	return a, nil
}
