package cache

import (
	"context"
	"fmt"
	"maps"
)

// SetControl implements Store.
func (f *Files) SetControl(ctx context.Context, source string, c Control) error {
	if err := f.sharing(ctx, source, func() error { return f.recordControl(ctx, source, c) }); err != nil {
		return fmt.Errorf("control packages of %s: %w", source, err)
	}
	return nil
}

// recordControl is SetControl for who shares the lock.
func (f *Files) recordControl(ctx context.Context, source string, c Control) error {
	name := controlPath(source)
	return f.inTurn(ctx, source, name, c.Version, func() error { return f.replaceRecord(name, c.utc()) })
}

func (c Control) utc() Control {
	c.Packages = maps.Clone(c.Packages)
	for path, p := range c.Packages {
		p.Reload = p.Reload.UTC()
		c.Packages[path] = p
	}
	return c
}

// Control implements Store.
func (f *Files) Control(ctx context.Context, source string) (Control, error) {
	return readControl(ctx, f, source)
}
