package schema

// guard marks the nodes that have to know when they are entered: all of them where one leads back to itself without
// going into the value, which would have no end, or where dynamic references depend on the way.
func (c *compiler) guard() {
	if !c.dynamic {
		g := loops{compiler: c, state: make(map[*node]progress)}
		found := false
		for _, n := range c.nodes {
			found = found || g.from(n)
		}
		if !found {
			return
		}
	}
	for _, n := range c.nodes {
		n.guarded = true
	}
}

// loops looks for nodes that lead to themselves.
type loops struct {
	*compiler
	state map[*node]progress
}

type progress int

const (
	open progress = iota + 1
	done
)

// from reports whether a loop can be reached from a node.
func (l *loops) from(n *node) bool {
	switch l.state[n] {
	case open:
		return true
	case done:
		return false
	}
	l.state[n] = open
	for _, next := range n.inPlace() {
		if next != nil && l.from(next) {
			return true
		}
	}
	l.state[n] = done
	return false
}

// inPlace lists the nodes that a value is held against because it is held against n; some may be nil.
func (n *node) inPlace() []*node {
	nodes := []*node{n.ref}
	if n.dynamic != nil {
		nodes = append(nodes, n.dynamic.initial)
	}
	if r := n.object; r != nil {
		for _, d := range r.dependents {
			nodes = append(nodes, d.node)
		}
	}
	if r := n.logic; r != nil {
		nodes = append(nodes, r.not, r.when, r.then, r.orElse)
		nodes = append(nodes, r.all...)
		nodes = append(nodes, r.any...)
		nodes = append(nodes, r.one...)
	}
	return nodes
}
