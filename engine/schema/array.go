package schema

import "fmt"

// arrayRules are the keywords for arrays.
type arrayRules struct {
	minItems, maxItems int
	unique             bool
	prefix             []*node
	items              *node // for those after the prefix

	contains                 *node
	minContains, maxContains int // minContains is unstated where it is not given
}

const unstated = -1

func (r *arrayRules) holds(w *walk, list []any, seen *evaluated) bool {
	ok := true
	if len(list) < r.minItems {
		ok = w.wantsCount("at least", r.minItems, "items", len(list))
	}
	if len(list) > r.maxItems {
		ok = w.wantsCount("at most", r.maxItems, "items", len(list))
	}
	if r.unique && w.goesOn(ok) {
		ok = r.areUnique(w, list) && ok
	}
	if w.goesOn(ok) {
		ok = r.holdsEach(w, list, seen) && ok
	}
	if r.contains != nil && w.goesOn(ok) {
		ok = r.holdsContains(w, list, seen) && ok
	}
	return ok
}

func (r *arrayRules) holdsEach(w *walk, list []any, seen *evaluated) bool {
	ok := true
	for i, v := range list {
		n := r.items
		if i < len(r.prefix) {
			n = r.prefix[i]
		}
		if n == nil {
			break
		}
		if !w.item(n, i, v) {
			if !w.listing {
				return false
			}
			ok = false
		}
	}
	if r.items != nil {
		seen.allItems()
	} else {
		seen.itemsBefore(len(r.prefix))
	}
	return ok
}

func (r *arrayRules) holdsContains(w *walk, list []any, seen *evaluated) bool {
	got := 0
	for i, v := range list {
		if w.memberFits(r.contains, v) {
			seen.item(i)
			got++
		}
	}
	ok := true
	switch {
	case r.minContains == unstated && got == 0:
		ok = w.fault("has no item that it has to contain")
	case got < r.minContains:
		ok = w.wantsCount("at least", r.minContains, "items that it has to contain", got)
	}
	if got > r.maxContains {
		ok = w.listing && w.fault(fmt.Sprintf("want at most %d items that it has to contain, got more", r.maxContains))
	}
	return ok
}

// few is up to how many items are compared each with each.
const few = 16

func (r *arrayRules) areUnique(w *walk, list []any) bool {
	i, j, found := equalItems(list)
	if !found {
		return true
	}
	return w.listing && w.fault(fmt.Sprintf("items %d and %d are equal", i, j))
}

// equalItems returns the first two items that are equal.
func equalItems(list []any) (i, j int, found bool) {
	if len(list) <= few {
		for j := range list {
			for i := range j {
				if equal(list[i], list[j]) {
					return i, j, true
				}
			}
		}
		return 0, 0, false
	}
	first := make(map[string]int, len(list))
	var key []byte
	for j, v := range list {
		key = appendKey(key[:0], v)
		if i, ok := first[string(key)]; ok {
			return i, j, true
		}
		first[string(key)] = j
	}
	return 0, 0, false
}
