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

// Activate implements Store.
func (s *Shared) Activate(ctx context.Context, source string, a Active) error {
	if err := s.activate(ctx, source, a); err != nil {
		return fmt.Errorf("activate tree of %s: %w", source, err)
	}
	return nil
}

func (s *Shared) activate(ctx context.Context, source string, a Active) error {
	if err := s.writable(ctx, source, a.Digest); err != nil {
		return err
	}
	for {
		from := time.Now()
		var current Active
		before, err := s.load(ctx, activePath(source), &current)
		if err != nil {
			return err
		}
		if a.Version != "" && a.Version != before.version {
			return ErrConflict
		}
		if before.damage != nil || before.version == Absent {
			current = Active{}
		}
		if err := s.secureActive(ctx, a, current); err != nil {
			return err
		}
		if err := s.note(ctx, source, current, before.Modified); err != nil {
			return fmt.Errorf("note in journal: %w", err)
		}
		if s.stale(from) {
			continue
		}
		err = s.replace(ctx, activePath(source), a.utc(), before)
		switch {
		case err == nil:
			// Where this is not done any more, the next who activates a tree makes up for it.
			if err := s.note(ctx, source, a, time.Time{}); err != nil {
				return fmt.Errorf("note in journal: %w", err)
			}
			return nil
		case a.Version != "" || !errors.Is(err, ErrConflict):
			return err
		}
	}
}

// writable fails unless a record of source can be written that names d.
func (s *Shared) writable(ctx context.Context, source string, d Digest) error {
	if err := checkName(ctx, source); err != nil {
		return err
	}
	if !d.Valid() {
		return fmt.Errorf("tree %q: %w", d, ErrNotFound)
	}
	return s.ready(ctx, true)
}

// secureActive fails with ErrNotFound where the tree is not there that is to be active, and sees to it that all trees stay that a
// names; those that the current record names do already.
func (s *Shared) secureActive(ctx context.Context, a, current Active) error {
	kept := current.digests()
	trees := slices.DeleteFunc(slices.Sorted(maps.Keys(a.digests())), func(d Digest) bool {
		_, ok := kept[d]
		return ok
	})
	if _, ok := kept[a.Digest]; ok {
		if err := s.wantTree(ctx, a.Digest); err != nil {
			return err
		}
	}
	lost, err := s.secure(ctx, trees)
	if err != nil {
		return err
	}
	return lost[a.Digest]
}

// secure sees to it that trees stay until a record names them, which has to be before that is stale. It returns why those cannot
// that are not there.
func (s *Shared) secure(ctx context.Context, trees []Digest) (lost map[Digest]error, err error) {
	from := time.Now()
	var mu sync.Mutex
	lost = make(map[Digest]error)
	each := func(trees []Digest, do func(context.Context, Digest) error) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(transfers)
		for _, d := range trees {
			group.Go(func() error {
				err := do(ctx, d)
				if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
					mu.Lock()
					defer mu.Unlock()
					lost[d] = err
					return nil
				}
				return err
			})
		}
		return group.Wait()
	}
	trees = slices.DeleteFunc(slices.Clone(trees), func(d Digest) bool { return !d.Valid() })
	fresh := slices.DeleteFunc(slices.Clone(trees), s.isHeld)
	if len(fresh) == 0 {
		return lost, each(trees, s.wantTree)
	}
	before, err := s.removers(ctx)
	if err != nil {
		return nil, err
	}
	if err := each(fresh, s.renewListing); err != nil {
		return nil, err
	}
	disturbed, err := s.settle(ctx, before)
	if err != nil {
		return nil, err
	}
	if !disturbed {
		trees = slices.DeleteFunc(trees, func(d Digest) bool { return slices.Contains(fresh, d) })
	}
	if err := each(trees, s.wantTree); err != nil {
		return nil, err
	}
	for _, d := range fresh {
		if lost[d] == nil {
			s.hold(d, from)
		}
	}
	return lost, nil
}

// wantTree fails with ErrNotFound for a tree that is not there.
func (s *Shared) wantTree(ctx context.Context, d Digest) error {
	if ok, err := s.has(ctx, treePath(d)); err != nil || ok {
		return err
	}
	return fmt.Errorf("tree %s: %w", d, ErrNotFound)
}

// renewListing writes the listing of a tree again, if it is old. With its listing, its contents are needed by what is new.
func (s *Shared) renewListing(ctx context.Context, d Digest) error {
	for {
		o, ok, err := s.find(ctx, treePath(d))
		switch {
		case err != nil:
			return err
		case !ok:
			return fmt.Errorf("tree %s: %w", d, ErrNotFound)
		case s.young(o):
			return nil
		}
		entries, o, err := s.listing(ctx, d)
		if err != nil {
			return fmt.Errorf("tree %s: %w", d, err)
		}
		if err := s.bucket.Put(ctx, treePath(d), format(entries), o.Version); !errors.Is(err, ErrConflict) {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// Active implements Store.
func (s *Shared) Active(ctx context.Context, source string) (Active, error) {
	return readActive(ctx, s, source)
}

// SetHead implements Store.
func (s *Shared) SetHead(ctx context.Context, source string, h Head) error {
	if err := s.setHead(ctx, source, h); err != nil {
		return fmt.Errorf("record head of %s: %w", source, err)
	}
	return nil
}

func (s *Shared) setHead(ctx context.Context, source string, h Head) error {
	if err := s.writable(ctx, source, h.Digest); err != nil {
		return err
	}
	h.FetchedAt = h.FetchedAt.UTC()
	return s.writeRecord(ctx, headPath(source), h, h.Version, func() error {
		lost, err := s.secure(ctx, []Digest{h.Digest})
		return cmp.Or(err, lost[h.Digest])
	})
}

// Head implements Store.
func (s *Shared) Head(ctx context.Context, source string) (Head, error) {
	return readHead(ctx, s, source)
}

// note adds a tree to the journal of a source, unless it is the last there: from the time at, or from now where that is zero.
func (s *Shared) note(ctx context.Context, source string, a Active, at time.Time) error {
	if a.Digest == "" || s.lastNoted(source) == a.Digest {
		return nil
	}
	content, err := encodeRecord(a.noted(), "")
	if err != nil {
		return err
	}
	for {
		list, now, err := s.readJournal(ctx, source)
		if err != nil {
			return err
		}
		var last activation
		if len(list) > 0 {
			last = list[len(list)-1]
		}
		if at.IsZero() {
			at = now
		}
		if last.digest != a.Digest {
			err = s.bucket.Put(ctx, last.next(a.Digest, at).path(source), content, Absent)
		}
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err == nil {
			s.mu.Lock()
			s.noted[source] = a.Digest
			s.mu.Unlock()
		}
		return err
	}
}

func (s *Shared) lastNoted(source string) Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.noted[source]
}

// readJournal returns the journal of a source, and the time of the server.
func (s *Shared) readJournal(ctx context.Context, source string) (list []activation, now time.Time, err error) {
	dir := journalDir + "/" + source + "/"
	now, err = s.bucket.List(ctx, dir, func(o Object) error {
		if a, ok := parseActivation(o.Name[len(dir):]); ok {
			list = append(list, a)
		}
		return nil
	})
	return list, now, err
}
