package schema

// evaluated is what of a value was held against some schema, which is for unevaluatedItems and unevaluatedProperties to
// know. Nil takes in nothing.
type evaluated struct {
	everyMember, everyItem bool

	members map[string]bool
	before  int // the items before it
	items   map[int]bool
}

func (e *evaluated) allMembers() {
	if e != nil {
		e.everyMember = true
	}
}

func (e *evaluated) member(name string) {
	if e == nil {
		return
	}
	if e.members == nil {
		e.members = make(map[string]bool)
	}
	e.members[name] = true
}

func (e *evaluated) allItems() {
	if e != nil {
		e.everyItem = true
	}
}

func (e *evaluated) itemsBefore(i int) {
	if e != nil {
		e.before = max(e.before, i)
	}
}

func (e *evaluated) item(i int) {
	if e == nil {
		return
	}
	if e.items == nil {
		e.items = make(map[int]bool)
	}
	e.items[i] = true
}

// merge takes in what another node has evaluated of the same value.
func (e *evaluated) merge(other *evaluated) {
	e.everyMember = e.everyMember || other.everyMember
	e.everyItem = e.everyItem || other.everyItem
	e.itemsBefore(other.before)
	for name := range other.members {
		e.member(name)
	}
	for i := range other.items {
		e.item(i)
	}
}

// unevaluatedRules are unevaluatedItems and unevaluatedProperties.
type unevaluatedRules struct{ items, members *node }

func (r *unevaluatedRules) holds(w *walk, v any, seen *evaluated) bool {
	ok := true
	switch v := v.(type) {
	case map[string]any:
		if r.members == nil || seen.everyMember {
			return true
		}
		for name, m := range v {
			if !seen.members[name] {
				ok = w.member(r.members, name, m) && ok
			}
		}
		seen.allMembers()
	case []any:
		if r.items == nil || seen.everyItem {
			return true
		}
		for i, item := range v {
			if i >= seen.before && !seen.items[i] {
				ok = w.item(r.items, i, item) && ok
			}
		}
		seen.allItems()
	}
	return ok
}
