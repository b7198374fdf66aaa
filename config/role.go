package config

import "github.com/scriptd/scriptd/engine"

func (b *builder) role(t *text) engine.Role {
	s, ok := b.text(t)
	role := engine.Role(s)
	if ok && role != engine.RoleSync && role != engine.RoleServe && role != engine.RoleBoth {
		b.add(t.at, "%s: want %s, %s or %s, got %q", t.label, engine.RoleSync, engine.RoleServe, engine.RoleBoth, t.raw)
	}
	return role
}
