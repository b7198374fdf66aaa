package carry

import (
	"errors"
	"fmt"
	"reflect"
)

// codec carries values of one type. What it decodes is what the other side encodes, whose type may differ by fields.
type codec struct {
	enc func(e *encoder, v reflect.Value)
	dec func(d *decoder, v reflect.Value) // into v, which can be set and is zero
}

// compiler makes codecs.
type compiler struct {
	shaper   *shaper
	opts     *Options
	dynamics *dynamics
	codecs   map[[2]*node]*codec
	plans    map[[2]*node]*Plan
}

func newCompiler(opts *Options, dyn *dynamics) *compiler {
	return &compiler{
		shaper: newShaper(opts), opts: opts, dynamics: dyn,
		codecs: make(map[[2]*node]*codec), plans: make(map[[2]*node]*Plan),
	}
}

// codec returns the codec of n, where the other side's type is peer.
func (c *compiler) codec(n, peer *node) (*codec, error) {
	key := [2]*node{n, peer}
	if made := c.codecs[key]; made != nil {
		return made, nil
	}
	if n.form != peer.form || n.name != peer.name || n.length != peer.length {
		return nil, fmt.Errorf("%s: it is another type on the other side", n.typ)
	}
	made := &codec{}
	c.codecs[key] = made
	if err := c.fill(made, n, peer); err != nil {
		delete(c.codecs, key)
		return nil, err
	}
	return made, nil
}

func (c *compiler) fill(made *codec, n, peer *node) error {
	switch n.form {
	case formSlice:
		elem, err := c.codec(n.elem, peer.elem)
		if err == nil {
			*made = sliceCodec(n, peer, elem)
		}
		return err
	case formArray:
		elem, err := c.codec(n.elem, peer.elem)
		if err == nil {
			*made = arrayCodec(n, peer, elem)
		}
		return err
	case formPointer:
		elem, err := c.codec(n.elem, peer.elem)
		if err == nil {
			*made = pointerCodec(n.typ, elem)
		}
		return err
	case formMap:
		key, err := c.codec(n.key, peer.key)
		if err != nil {
			return err
		}
		elem, err := c.codec(n.elem, peer.elem)
		if err == nil {
			*made = mapCodec(n.typ, key, elem)
		}
		return err
	case formStruct:
		return c.fillStruct(made, n, peer)
	case formBytes:
		*made = bytesCodec()
	case formBinary, formGob, formJSON, formText:
		*made = methodsCodec(n)
	case formAny:
		*made = codec{c.dynamics.encode, c.dynamics.decode}
	case formError:
		*made = codec{c.dynamics.encodeErrorValue, c.dynamics.decodeErrorValue}
	case formContext:
		*made = contextCodec()
	case formFunc:
		m, err := c.method(n.methods[0], peer.methods[0])
		if err == nil {
			m.typ = n.typ
			*made = funcCodec(n.typ, m)
		}
		return err
	case formInterface:
		p, err := c.plan(n, peer)
		if err == nil {
			*made = c.dynamics.interfaceCodec(p, false)
		}
		return err
	default:
		*made = basicCodec(n.typ)
	}
	return nil
}

// plan returns the plan of an interface. Methods that the other side lacks are no error: calling them is.
func (c *compiler) plan(n, peer *node) (*Plan, error) {
	key := [2]*node{n, peer}
	if made := c.plans[key]; made != nil {
		return made, nil
	}
	p := &Plan{Type: n.typ, opts: c.opts, shape: n.methods, wrapper: n.wrapper, dynamics: c.dynamics}
	c.plans[key] = p
	var errs []error
	for i, sig := range n.methods {
		theirs, there := sig, -1
		for j, s := range peer.methods {
			if s.name == sig.name {
				theirs, there = s, j
			}
		}
		m, err := c.method(sig, theirs)
		if err != nil {
			errs = append(errs, prefixEach(fmt.Sprintf("%s.%s", n.typ, sig.name), err)...)
			continue
		}
		m.Name, m.index, m.there, m.typ = sig.name, i, there, n.typ.Method(i).Type
		p.methods = append(p.methods, m)
	}
	return p, errors.Join(errs...)
}

// method returns the codecs of a method.
func (c *compiler) method(sig, peer signature) (*Method, error) {
	if len(sig.in) != len(peer.in) || len(sig.out) != len(peer.out) || sig.variadic != peer.variadic || sig.fills != peer.fills {
		return nil, errors.New("it has another signature on the other side")
	}
	m := &Method{Context: -1, dynamics: c.dynamics, fills: sig.fills, variadic: sig.variadic}
	var errs []error
	for i, n := range sig.in {
		made, err := c.outer(n, peer.in[i])
		if err != nil {
			errs = append(errs, fmt.Errorf("parameter %d: %w", i+1, err))
			continue
		}
		m.in = append(m.in, made)
		if n.form == formContext && m.Context < 0 {
			m.Context = i
			continue
		}
		m.refs = m.refs || refers(n, make(map[*node]bool))
	}
	for i, n := range sig.out {
		made, err := c.outer(n, peer.out[i])
		if err != nil {
			errs = append(errs, fmt.Errorf("result %d: %w", i+1, err))
			continue
		}
		m.out = append(m.out, made)
		m.refs = m.refs || refers(n, make(map[*node]bool))
	}
	if last := len(sig.out) - 1; last >= 0 && sig.out[last].form == formError {
		m.Fails = true
	}
	return m, errors.Join(errs...)
}

// outer returns the codec of a parameter or result. An interface always crosses as a reference there.
func (c *compiler) outer(n, peer *node) (*codec, error) {
	if n.form != formInterface || peer.form != formInterface {
		return c.codec(n, peer)
	}
	p, err := c.plan(n, peer)
	if err != nil {
		return nil, err
	}
	made := c.dynamics.interfaceCodec(p, true)
	return &made, nil
}

// refers reports whether values of a type may cross as references, or hold some that do.
func refers(n *node, seen map[*node]bool) bool {
	if n == nil || seen[n] {
		return false
	}
	seen[n] = true
	switch n.form {
	case formFunc, formInterface, formContext, formAny:
		return true
	}
	for _, f := range n.fields {
		if refers(f.node, seen) {
			return true
		}
	}
	return refers(n.elem, seen) || refers(n.key, seen)
}
