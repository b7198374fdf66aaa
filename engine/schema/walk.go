package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// walk is one value on its way through nodes. Unless it is listing it ends at the first fault and allocates nothing, as
// far as the common keywords go.
type walk struct {
	listing bool
	path    []string // to the value, while listing
	faults  []Fault

	depth   int // of the value
	entered []visit
	steps   int
}

// visit is a guarded node that is being held against a value of a depth. Of each depth there is one value at a time.
type visit struct {
	node  *node
	depth int
}

// maxSteps bounds how often a node is held against a value or a part of it, which takes about a second: alternatives
// within alternatives can ask for more than anybody waits for.
const maxSteps = 10_000_000

func (w *walk) isOver() bool { return w.steps > maxSteps }

// goesOn reports whether there is something to be found out after a part that was ok or not.
func (w *walk) goesOn(ok bool) bool { return ok || w.listing }

// fault adds a fault of the value, if the walk is listing. It is false, what the value is found to be.
func (w *walk) fault(message string) bool {
	if w.listing {
		w.faults = append(w.faults, Fault{Pointer(w.path...), message})
	}
	return false
}

// memberFault is fault for a member of the value, which need not be there.
func (w *walk) memberFault(name, message string) bool {
	if w.listing {
		w.faults = append(w.faults, Fault{Pointer(w.path...) + Pointer(name), message})
	}
	return false
}

// wants is fault for a bound.
func (w *walk) wants(what string, n *number) bool {
	return w.listing && w.fault("want "+what+" "+n.String())
}

// wantsCount is fault for a number of things.
func (w *walk) wantsCount(what string, want int, things string, got int) bool {
	return w.listing && w.fault(fmt.Sprintf("want %s %d %s, got %d", what, want, things, got))
}

// member holds a member of the value against a node.
func (w *walk) member(n *node, name string, v any) bool {
	w.depth++
	if w.listing {
		w.path = append(w.path, name)
	}
	ok := n.holds(w, v, nil)
	if w.listing {
		w.path = w.path[:len(w.path)-1]
	}
	w.depth--
	return ok
}

// item is member for an item of an array.
func (w *walk) item(n *node, i int, v any) bool {
	if w.listing {
		return w.member(n, strconv.Itoa(i), v)
	}
	return w.member(n, "", v)
}

// inPlace holds the value itself against a node that another one leads to. What a node that does not hold has evaluated
// is not evaluated.
func (w *walk) inPlace(n *node, v any, seen *evaluated) bool {
	if seen == nil {
		return n.holds(w, v, nil)
	}
	var own evaluated
	ok := n.holds(w, v, &own)
	if ok {
		seen.merge(&own)
	}
	return ok
}

// quiet stops listing until what it returns is given to restore.
func (w *walk) quiet() (before bool) {
	before, w.listing = w.listing, false
	return before
}

func (w *walk) restore(listing bool) { w.listing = listing }

// fits is inPlace where the faults of the node are none of the value.
func (w *walk) fits(n *node, v any, seen *evaluated) bool {
	defer w.restore(w.quiet())
	return w.inPlace(n, v, seen)
}

// memberFits is member where the faults of the node are none of the value.
func (w *walk) memberFits(n *node, v any) bool {
	defer w.restore(w.quiet())
	return w.member(n, "", v)
}

// isWithin reports whether a node is being held against the value already.
func (w *walk) isWithin(n *node) bool {
	for i := len(w.entered) - 1; i >= 0 && w.entered[i].depth == w.depth; i-- {
		if w.entered[i].node == n {
			return true
		}
	}
	return false
}

// result is the faults of a walk that was listing.
func (w *walk) result() []Fault {
	if w.isOver() {
		return []Fault{{Message: "takes too long to validate"}}
	}
	slices.SortStableFunc(w.faults, func(a, b Fault) int { return strings.Compare(a.Pointer, b.Pointer) })
	return slices.Compact(w.faults)
}
