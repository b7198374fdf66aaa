package schema

// isVetting reports whether a node accepts nothing but JSON values, whatever a host passes, so that nobody needs to look
// at the value before: each part of it is of a type that is asked for. That is how schemas of plugins mostly are. Nodes
// that look at a value twice are none, lest they look at one without end.
func (n *node) isVetting() bool {
	if n.types == 0 || n.compound {
		return false
	}
	if n.fixed != nil && n.types&(jsonArray|jsonObject) != 0 {
		return false
	}
	return (n.types&jsonArray == 0 || n.array.isVetting()) && (n.types&jsonObject == 0 || n.object.isVetting())
}

func (r *arrayRules) isVetting() bool {
	if r == nil || r.items == nil || !r.items.vets || r.contains != nil || r.unique {
		return false
	}
	for _, n := range r.prefix {
		if !n.vets {
			return false
		}
	}
	return true
}

func (r *objectRules) isVetting() bool {
	if r == nil || r.additional == nil || !r.closed && !r.additional.vets || r.patterns != nil || r.dependents != nil {
		return false
	}
	for _, m := range r.members {
		if !m.node.vets {
			return false
		}
	}
	return true
}
