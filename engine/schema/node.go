package schema

// node is a compiled schema. What it asks for is in rules by the type of value that they are for; nil where it asks for
// nothing. A node does not change once its document is compiled.
type node struct {
	kind   bool // there is something of these besides types
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
	t := typeOf(v)
	if (n.kind || !n.types.has(t)) && !n.isKind(w, v, t) {
		return false
	}
	if n.compound {
		return n.judge(w, v, t, seen)
	}
	return n.judgeParts(w, v, t, seen)
}

// enter is holds for a node that could be entered from within itself with the same value, or through which dynamic
// references find where they lead.
func (n *node) enter(w *walk, v any, seen *evaluated) bool {
	if w.isWithin(n) {
		return w.fault("refers to itself without end")
	}
	w.entered = append(w.entered, visit{n, w.depth})
	t := typeOf(v)
	ok := n.isKind(w, v, t) && n.judge(w, v, t, seen)
	w.entered = w.entered[:len(w.entered)-1]
	return ok
}

// isKind holds a value of type t against what comes first. What is of another kind altogether is not looked at further: one
// fault is enough.
func (n *node) isKind(w *walk, v any, t typeSet) bool {
	if n.never {
		return w.fault("is not allowed")
	}
	return (n.types.has(t) || n.types.holds(w, v, t)) &&
		(n.fixed == nil || n.fixed.holds(w, v)) && (n.format == nil || n.format.holds(w, v))
}

// judge holds a value of type t against all that comes after isKind.
func (n *node) judge(w *walk, v any, t typeSet, seen *evaluated) bool {
	if seen == nil && n.unevaluated != nil {
		seen = new(evaluated)
	}
	ok := n.ref == nil || w.inPlace(n.ref, v, seen)
	if w.goesOn(ok) {
		ok = n.judgeParts(w, v, t, seen) && ok
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

// judgeParts holds a value against the rules for its type, t.
func (n *node) judgeParts(w *walk, v any, t typeSet, seen *evaluated) bool {
	switch t {
	case jsonString:
		return n.text == nil || n.text.holds(w, v.(string))
	case jsonNumber:
		return n.number == nil || n.number.holds(w, v)
	case jsonArray:
		return n.array == nil || n.array.holds(w, v.([]any), seen)
	case jsonObject:
		return n.object == nil || n.object.holds(w, v.(map[string]any), seen)
	}
	return true
}
