package schema

// node is a compiled schema. What it asks for is in rules by the type of value that they are for; nil where it asks for
// nothing. A node does not change once its document is compiled.
type node struct {
	never  bool // the schema false
	types  typeSet
	fixed  *fixedRules
	format *formatRule

	text   *textRules
	number *numberRules
	array  *arrayRules
	object *objectRules

	compound    bool // there are some of these
	ref         *node
	dynamic     *dynamicRef
	logic       *logicRules
	unevaluated *unevaluatedRules

	resource *resource
	guarded  bool // enter has to know that it is entered
	vets     bool // what it accepts is sure to be a JSON value
}

// accepts reports whether a JSON value holds.
func (n *node) accepts(v any) bool {
	var w walk
	return n.holds(&w, v, nil) && !w.isOver()
}

// faults lists what is wrong with a JSON value, sorted by pointer.
func (n *node) faults(v any) []Fault {
	w := walk{listing: true}
	n.holds(&w, v, nil)
	return w.result()
}

// holds reports whether a value holds. Seen takes in what of the value was evaluated; nil where nobody asks.
func (n *node) holds(w *walk, v any, seen *evaluated) bool {
	if w.steps++; w.isOver() {
		return false
	}
	if n.guarded {
		return n.enter(w, v, seen)
	}
	return n.judge(w, v, seen)
}

// enter is holds for a node that could be entered from within itself with the same value, or through which dynamic
// references find where they lead.
func (n *node) enter(w *walk, v any, seen *evaluated) bool {
	if w.isWithin(n) {
		return w.fault("refers to itself without end")
	}
	w.entered = append(w.entered, visit{n, w.depth})
	ok := n.judge(w, v, seen)
	w.entered = w.entered[:len(w.entered)-1]
	return ok
}

func (n *node) judge(w *walk, v any, seen *evaluated) bool {
	if n.never {
		return w.fault("is not allowed")
	}
	// What is of another kind altogether is not looked at further: one fault is enough.
	if !n.types.holds(w, v) || n.fixed != nil && !n.fixed.holds(w, v) || n.format != nil && !n.format.holds(w, v) {
		return false
	}
	if !n.compound {
		return n.judgeParts(w, v, seen)
	}
	return n.judgeCompound(w, v, seen)
}

// judgeCompound is judge where the value is held against other nodes, too.
func (n *node) judgeCompound(w *walk, v any, seen *evaluated) bool {
	if seen == nil && n.unevaluated != nil {
		seen = new(evaluated)
	}
	ok := n.ref == nil || w.inPlace(n.ref, v, seen)
	if w.goesOn(ok) {
		ok = n.judgeParts(w, v, seen) && ok
	}
	if n.dynamic != nil && w.goesOn(ok) {
		ok = w.inPlace(n.dynamic.target(w), v, seen) && ok
	}
	if n.logic != nil && w.goesOn(ok) {
		ok = n.logic.holds(w, v, seen) && ok
	}
	if n.unevaluated != nil && w.goesOn(ok) {
		ok = n.unevaluated.holds(w, v, seen) && ok
	}
	return ok
}

// judgeParts holds a value against the rules for its type.
func (n *node) judgeParts(w *walk, v any, seen *evaluated) bool {
	switch v := v.(type) {
	case nil, bool:
		return true
	case string:
		return n.text == nil || n.text.holds(w, v)
	case []any:
		return n.array == nil || n.array.holds(w, v, seen)
	case map[string]any:
		return n.object == nil || n.object.holds(w, v, seen)
	default:
		return n.number == nil || n.number.holds(w, v)
	}
}
