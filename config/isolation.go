package config

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/scriptd/scriptd/engine"
)

func (i *isolation) read(d *decoder, v value) {
	switch v.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		d.section(v, &i.isolationSection, &i.section)
	default:
		i.Mode.read(d, v)
	}
}

func (b *builder) isolation(t *text) engine.Isolation {
	s, ok := b.text(t)
	mode := engine.Isolation(s)
	if ok && mode != engine.IsolationNone && mode != engine.IsolationProcess {
		b.add(t.at, "%s: want %s or %s, got %q", t.label, engine.IsolationProcess, engine.IsolationNone, t.raw)
	}
	return mode
}

func (b *builder) processes(i *isolation) engine.Processes {
	s, ok := b.text(&i.Share)
	share := engine.Sharing(s)
	if ok && share != engine.SharePackage && share != engine.ShareSource {
		b.add(i.Share.at, "%s: want %s or %s, got %q", i.Share.label, engine.SharePackage, engine.ShareSource, i.Share.raw)
	}
	return engine.Processes{Share: share, Idle: b.duration(&i.Idle)}
}
