package schema

import (
	"regexp"
	"slices"
	"strings"
)

// objectRules are the keywords for objects.
type objectRules struct {
	minMembers, maxMembers int
	required               []string // but for properties
	members                []member // the properties, sorted by name
	byName                 map[string]*node
	patterns               []patternRule
	additional             *node // for members that neither are properties nor match a pattern
	closed                 bool  // there may be none of these
	names                  *node
	dependents             []dependent
}

// member is a property.
type member struct {
	name     string
	node     *node
	required bool
}

type patternRule struct {
	pattern *regexp.Regexp
	node    *node
}

// dependent is what has to hold where there is a member of a name.
type dependent struct {
	name     string
	required []string
	node     *node
}

func (r *objectRules) holds(w *walk, object map[string]any, seen *evaluated) bool {
	ok := true
	if len(object) < r.minMembers {
		ok = w.wantsCount("at least", r.minMembers, "members", len(object))
	}
	if len(object) > r.maxMembers {
		ok = w.wantsCount("at most", r.maxMembers, "members", len(object))
	}
	for _, name := range r.required {
		if _, there := object[name]; !there {
			ok = w.memberFault(name, "is required")
		}
	}
	if w.goesOn(ok) {
		ok = r.holdsMembers(w, object, seen) && ok
	}
	if r.names != nil && w.goesOn(ok) {
		ok = r.holdsNames(w, object) && ok
	}
	if r.dependents != nil && w.goesOn(ok) {
		ok = r.holdsDependents(w, object, seen) && ok
	}
	return ok
}

// require leaves to the properties which of them are required.
func (r *objectRules) require() {
	r.required = slices.DeleteFunc(r.required, func(name string) bool {
		i, found := slices.BinarySearchFunc(r.members, name, func(m member, name string) int { return strings.Compare(m.name, name) })
		if found {
			r.members[i].required = true
		}
		return found
	})
}

// holdsMembers goes through the properties, and only where there is more in the object through the rest.
func (r *objectRules) holdsMembers(w *walk, object map[string]any, seen *evaluated) bool {
	ok, known := true, 0
	for _, m := range r.members {
		v, there := object[m.name]
		if !there {
			if m.required {
				ok = w.memberFault(m.name, "is required")
			}
			continue
		}
		known++
		seen.member(m.name)
		if !w.member(m.node, m.name, v) {
			if !w.listing {
				return false
			}
			ok = false
		}
	}
	if r.patterns != nil || known < len(object) && r.additional != nil {
		for name, v := range object {
			if !r.holdsMember(w, name, v, seen) {
				if !w.listing {
					return false
				}
				ok = false
			}
		}
	}
	if r.additional != nil {
		seen.allMembers()
	}
	return ok
}

// holdsMember holds a member against what is not its property.
func (r *objectRules) holdsMember(w *walk, name string, v any, seen *evaluated) bool {
	_, known := r.byName[name]
	ok := true
	for _, p := range r.patterns {
		if p.pattern.MatchString(name) {
			known = true
			seen.member(name)
			ok = w.member(p.node, name, v) && ok
		}
	}
	switch {
	case known || r.additional == nil:
		return ok
	case r.closed:
		return w.memberFault(name, "unknown parameter")
	default:
		return w.member(r.additional, name, v)
	}
}

func (r *objectRules) holdsNames(w *walk, object map[string]any) bool {
	ok := true
	for name := range object {
		if !w.memberFits(r.names, name) {
			ok = w.memberFault(name, "its name is not allowed")
		}
	}
	return ok
}

func (r *objectRules) holdsDependents(w *walk, object map[string]any, seen *evaluated) bool {
	ok := true
	for _, d := range r.dependents {
		if _, there := object[d.name]; !there {
			continue
		}
		if d.node != nil {
			ok = w.inPlace(d.node, object, seen) && ok
		}
		for _, name := range d.required {
			if _, there := object[name]; !there {
				ok = w.listing && w.memberFault(name, "is required beside "+d.name)
			}
		}
	}
	return ok
}
