package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// read reads a record from the bucket, with ask, and has the folder keep it with keep. Where the bucket does not answer, or has it
// damaged, it is what the folder has, with known.
func (l *Layered) read(ctx context.Context, ask, keep, known func(context.Context) error) error {
	err := l.resting()
	if err == nil {
		err = l.ask(ctx, ask)
		switch {
		case err == nil:
			if err := keep(ctx); err != nil && ctx.Err() == nil {
				l.unkept("a record", err)
			}
			return nil
		case ctx.Err() != nil || errors.Is(err, ErrNotFound):
			return err
		case errors.Is(err, ErrCorrupt):
			l.say("a record of the shared cache is damaged: what was known last is used", err)
		}
	}
	if localErr := known(ctx); localErr != nil {
		if !errors.Is(localErr, ErrNotFound) {
			err = errors.Join(err, localErr)
		}
		return err
	}
	return nil
}

// ask asks the bucket, and leaves half of the time to do without it.
func (l *Layered) ask(ctx context.Context, ask func(context.Context) error) error {
	patience := recordPatience
	if end, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(end)/2)
	}
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.met(ctx, ask(short))
}

// Active implements Store.
func (l *Layered) Active(ctx context.Context, source string) (a Active, err error) {
	err = l.read(ctx, func(ctx context.Context) error {
		a, err = l.shared.Active(ctx, source)
		return err
	}, func(ctx context.Context) error {
		return l.keep(ctx, source, activePath, a.Version, a.Digest)
	}, func(ctx context.Context) error {
		a, err = l.local.Active(ctx, source)
		return err
	})
	return a, err
}

// Head implements Store. It asks for what is new, so it fails where the bucket cannot be reached: who follows it is to know that.
func (l *Layered) Head(ctx context.Context, source string) (h Head, err error) {
	if err := l.resting(); err != nil {
		return Head{}, fmt.Errorf("head of %s: %w", source, err)
	}
	err = l.ask(ctx, func(ctx context.Context) error {
		h, err = l.shared.Head(ctx, source)
		return err
	})
	if err != nil {
		return Head{}, err
	}
	if err := l.keep(ctx, source, headPath, h.Version, h.Digest); err != nil && ctx.Err() == nil {
		l.unkept("a record", err)
	}
	return h, nil
}

// Control implements Store.
func (l *Layered) Control(ctx context.Context, source string) (c Control, err error) {
	err = l.read(ctx, func(ctx context.Context) error {
		c, err = l.shared.Control(ctx, source)
		return err
	}, func(ctx context.Context) error {
		return l.keep(ctx, source, controlPath, c.Version, "")
	}, func(ctx context.Context) error {
		c, err = l.local.Control(ctx, source)
		return err
	})
	return c, err
}

// Syncs implements Store.
func (l *Layered) Syncs(ctx context.Context, source string) (list []Sync, err error) {
	err = l.read(ctx, func(ctx context.Context) error {
		list, err = l.shared.Syncs(ctx, source)
		return err
	}, func(context.Context) error {
		return nil // SetSyncs keeps those of this machine
	}, func(ctx context.Context) error {
		list, err = l.local.Syncs(ctx, source)
		return err
	})
	return list, err
}

// keep has the folder keep a record of the bucket, unless it has that version; but not without the tree that it names.
func (l *Layered) keep(ctx context.Context, source string, path func(string) string, version string, d Digest) error {
	name := path(source)
	if version == Absent || l.local.wantVersion(name, version) == nil || d != "" && !l.fetch(ctx, d) {
		return nil
	}
	r, err := l.shared.load(ctx, name, nil)
	_ = l.met(ctx, err)
	if r.version != version {
		return nil // it is read again
	}
	return l.local.adopt(ctx, source, name, r.content)
}

// adopt keeps a record as another store has it, to the byte.
func (f *Files) adopt(ctx context.Context, source, name string, content []byte) error {
	unlock, err := f.locks.share(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return f.inTurn(ctx, source, name, "", func() error {
		var names []Digest
		switch name {
		case activePath(source):
			var a Active
			if err := decodeRecord(content, &a); err != nil {
				return err
			}
			if err := f.note(ctx, source, a); err != nil {
				return fmt.Errorf("note in journal: %w", err)
			}
			names = slices.Collect(maps.Keys(a.digests()))
		case headPath(source):
			var h Head
			if err := decodeRecord(content, &h); err != nil {
				return err
			}
			names = append(names, h.Digest)
		}
		w := f.writer()
		if err := w.write(name, content); err != nil {
			return err
		}
		for _, d := range names {
			f.locks.drop(d) // the record keeps it from now on
		}
		return w.commit()
	})
}

// write writes to the bucket. Where that could not be reached it tries whether it can be, before it waits for long.
func (l *Layered) write(ctx context.Context, do func(context.Context) error) error {
	if since, _ := l.Away(); !since.IsZero() {
		if err := l.resting(); err != nil {
			return err
		}
		if err := l.ask(ctx, l.shared.Reach); err != nil {
			return err
		}
	}
	short, cancel := context.WithTimeout(ctx, writePatience)
	defer cancel()
	return l.met(ctx, do(short))
}

// Activate implements Store.
func (l *Layered) Activate(ctx context.Context, source string, a Active) error {
	if err := l.write(ctx, func(ctx context.Context) error { return l.shared.Activate(ctx, source, a) }); err != nil {
		return err
	}
	_, _ = l.Active(ctx, source) // for the folder to keep what is there now
	return nil
}

// SetHead implements Store.
func (l *Layered) SetHead(ctx context.Context, source string, h Head) error {
	if err := l.write(ctx, func(ctx context.Context) error { return l.shared.SetHead(ctx, source, h) }); err != nil {
		return err
	}
	_, _ = l.Head(ctx, source) // for the folder to keep what is there now
	return nil
}

// SetControl implements Store.
func (l *Layered) SetControl(ctx context.Context, source string, c Control) error {
	if err := l.write(ctx, func(ctx context.Context) error { return l.shared.SetControl(ctx, source, c) }); err != nil {
		return err
	}
	_, _ = l.Control(ctx, source) // for the folder to keep what is there now
	return nil
}

// SetSyncs implements Store.
func (l *Layered) SetSyncs(ctx context.Context, source string, list []Sync) error {
	if err := l.write(ctx, func(ctx context.Context) error { return l.shared.SetSyncs(ctx, source, list) }); err != nil {
		return err
	}
	l.unkept("the syncs of "+source, l.local.SetSyncs(ctx, source, list))
	return nil
}
