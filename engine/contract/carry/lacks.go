package carry

import "reflect"

// Lacks returns the methods that this side would call and that another side with that Shape does not have, each with the interface
// that it is of. Caller says that this side calls those of the plan's own interface; else it is called. Interfaces that are
// arguments are called by the one that gets them.
func (p *Plan) Lacks(shape []byte, caller bool) ([]LackedMethod, error) {
	theirs, err := parseShape(shape)
	if err != nil {
		return nil, err
	}
	l := lacking{seen: make(map[lackingKey]bool)}
	l.interfaces(p.Type, p.shape, theirs, caller)
	return l.found, nil
}

// LackedMethod is a method that the other side does not have.
type LackedMethod struct {
	// Type is the interface, and Name that of the method.
	Type reflect.Type
	Name string
}

func (m LackedMethod) String() string { return m.Type.String() + "." + m.Name }

// lacking finds methods in two shapes that fit each other.
type lacking struct {
	seen  map[lackingKey]bool
	found []LackedMethod
}

type lackingKey struct {
	n, peer *node
	calling bool
}

func (l *lacking) interfaces(t reflect.Type, ours, theirs []signature, calling bool) {
	for _, sig := range ours {
		there := false
		for _, s := range theirs {
			if s.name == sig.name {
				there = true
				l.signature(sig, s, calling)
			}
		}
		if !there && calling {
			l.found = append(l.found, LackedMethod{t, sig.name})
		}
	}
}

func (l *lacking) signature(ours, theirs signature, calling bool) {
	for i := range min(len(ours.in), len(theirs.in)) {
		l.node(ours.in[i], theirs.in[i], !calling)
	}
	for i := range min(len(ours.out), len(theirs.out)) {
		l.node(ours.out[i], theirs.out[i], calling)
	}
}

func (l *lacking) node(n, peer *node, calling bool) {
	key := lackingKey{n, peer, calling}
	if n == nil || peer == nil || n.form != peer.form || l.seen[key] {
		return
	}
	l.seen[key] = true
	switch n.form {
	case formInterface:
		l.interfaces(n.typ, n.methods, peer.methods, calling)
	case formFunc:
		l.signature(n.methods[0], peer.methods[0], calling)
	case formStruct:
		for _, f := range n.fields {
			if j := indexOf(peer.fields, f.name); j >= 0 {
				l.node(f.node, peer.fields[j].node, calling)
			}
		}
	default:
		l.node(n.key, peer.key, calling)
		l.node(n.elem, peer.elem, calling)
	}
}
