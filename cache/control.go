package cache

import (
	"context"
	"fmt"
	"maps"
)

// SetControl implements Store.
func (f *Files) SetControl(ctx context.Context, source string, c Control) error {
	err := checkName(ctx, source)
	if err == nil {
		err = f.writeRecord(controlPath(source), c.utc())
	}
	if err != nil {
		return fmt.Errorf("control packages of %s: %w", source, err)
	}
	return nil
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
	var c Control
	if _, err := f.readRecord(ctx, source, controlPath, &c); err != nil {
		return Control{}, fmt.Errorf("control of the packages of %s: %w", source, err)
	}
	return c, nil
}
