package cache

import (
	"context"
	"fmt"
)

// Activate implements Store.
func (f *Files) Activate(ctx context.Context, source string, a Active) error {
	if err := f.sharing(ctx, source, func() error { return f.recordActive(ctx, source, a) }); err != nil {
		return fmt.Errorf("activate tree of %s: %w", source, err)
	}
	return nil
}

// recordActive is Activate for who shares the lock.
func (f *Files) recordActive(ctx context.Context, source string, a Active) error {
	if err := f.hasTree(a.Digest); err != nil {
		return err
	}
	name := activePath(source)
	err := f.inTurn(ctx, source, name, a.Version, func() error {
		if err := f.note(ctx, source, a); err != nil {
			return fmt.Errorf("note in journal: %w", err)
		}
		return f.replaceRecord(name, a.utc())
	})
	if err != nil {
		return err
	}
	for d := range a.digests() {
		f.locks.drop(d) // the record keeps it from now on
	}
	return nil
}

// digests returns the trees that a names, each with what it is to a package or the source.
func (a Active) digests() map[Digest]Role {
	roles := make(map[Digest]Role)
	for _, versions := range a.Packages {
		for _, v := range versions {
			roles[v.Digest] = RoleHistory
		}
	}
	if a.Newest != "" {
		roles[a.Newest] = RoleNewest
	}
	roles[a.Digest] = RoleActive
	return roles
}

// utc returns a with its times in UTC, so that the record does not tell where it was written.
func (a Active) utc() Active {
	a.FetchedAt = a.FetchedAt.UTC()
	packages := make(map[string][]Version, len(a.Packages))
	for path, versions := range a.Packages {
		for _, v := range versions {
			v.ActivatedAt = v.ActivatedAt.UTC()
			packages[path] = append(packages[path], v)
		}
	}
	a.Packages = nil
	if len(packages) > 0 {
		a.Packages = packages
	}
	return a
}

// Active implements Store.
func (f *Files) Active(ctx context.Context, source string) (Active, error) {
	return readActive(ctx, f, source)
}
