package schema

// logicRules are the keywords that put schemas together.
type logicRules struct {
	not                *node
	all, any, one      []*node
	when, then, orElse *node // if, then and else
}

func (r *logicRules) holds(w *walk, v any, seen *evaluated) bool {
	ok := true
	if r.not != nil && w.fits(r.not, v, seen) {
		ok = w.fault("is what it must not be (not)")
	}
	for _, n := range r.all {
		if !w.goesOn(ok) {
			return false
		}
		ok = w.inPlace(n, v, seen) && ok
	}
	if r.any != nil && w.goesOn(ok) {
		ok = r.holdsAny(w, v, seen) && ok
	}
	if r.one != nil && w.goesOn(ok) {
		ok = r.holdsOne(w, v, seen) && ok
	}
	if r.when != nil && w.goesOn(ok) {
		ok = r.holdsWhen(w, v, seen) && ok
	}
	return ok
}

func (r *logicRules) holdsAny(w *walk, v any, seen *evaluated) bool {
	fits := false
	for _, n := range r.any {
		if w.fits(n, v, seen) {
			fits = true
			if seen == nil { // else the others may have evaluated something
				break
			}
		}
	}
	return fits || w.fault("fits none of what it may be (anyOf)")
}

func (r *logicRules) holdsOne(w *walk, v any, seen *evaluated) bool {
	fits := false
	for _, n := range r.one {
		if !w.fits(n, v, seen) {
			continue
		}
		if fits {
			return w.fault("fits several of what it may be (oneOf)")
		}
		fits = true
	}
	return fits || w.fault("fits none of what it may be (oneOf)")
}

func (r *logicRules) holdsWhen(w *walk, v any, seen *evaluated) bool {
	n := r.orElse
	if w.fits(r.when, v, seen) {
		n = r.then
	}
	return n == nil || w.inPlace(n, v, seen)
}
