package carry

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
)

// Plan is how the methods of an interface are called from elsewhere. It is safe for concurrent use.
type Plan struct {
	// Type is the interface.
	Type reflect.Type

	opts     *Options
	methods  []*Method // in the order of Type
	shape    []signature
	wrapper  Wrapper
	dynamics *dynamics
}

// Compile makes the plan of an interface type. The error joins what cannot cross, with method and parameter.
func Compile(t reflect.Type, opts *Options) (*Plan, error) {
	if opts == nil {
		opts = &Options{}
	}
	if t.Kind() != reflect.Interface || t.NumMethod() == 0 {
		return nil, fmt.Errorf("%s is no interface with methods", t)
	}
	return compile(t, opts, &dynamics{opts: opts}, nil)
}

// compile makes the plan of an interface of which the other side has the methods theirs; nil is the same ones.
func compile(t reflect.Type, opts *Options, y *dynamics, theirs []signature) (*Plan, error) {
	c := newCompiler(opts, y)
	n := &node{form: formInterface, typ: t}
	n.wrapper, _ = opts.wrapper(t) // one that is only called needs none
	var errs []error
	if n.methods, errs = c.shaper.signatures(t); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	peer := n
	if theirs != nil {
		peer = &node{form: formInterface, methods: theirs}
	}
	p, err := c.plan(n, peer)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Methods returns the methods in the order of Type. The caller does not change the slice.
func (p *Plan) Methods() []*Method { return p.methods }

// Fingerprint is the same for plans that understand each other without more.
func (p *Plan) Fingerprint() [sha256.Size]byte { return fingerprint(p.shape) }

// Shape is what the other side needs to understand what this one sends, where its fingerprint is another.
func (p *Plan) Shape() []byte {
	e := encoder{limit: DefaultMaxSize}
	appendShape(&e, p.shape)
	return e.buf
}

// From returns the plan for another side with that Shape: structs may differ by fields, of which those that are not known here are
// passed over, and those that are missing there are zero; a method may be missing there, which calling it returns ErrMissing for. The
// error says what else differs.
func (p *Plan) From(shape []byte) (*Plan, error) {
	theirs, err := parseShape(shape)
	if err != nil {
		return nil, err
	}
	return compile(p.Type, p.opts, p.dynamics, theirs)
}
