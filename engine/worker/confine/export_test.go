//go:build linux

package confine

// Hide makes system calls look as if this kernel had not got them, for this process and what it starts.
func Hide(numbers ...uint32) error {
	return install(join(load(offsetNumber), oneOf(absent, numbers...), end(allow)))
}

// Dir is the folder of a group.
func Dir(g *Group) string { return g.dir }
