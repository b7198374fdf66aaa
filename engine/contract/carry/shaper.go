package carry

import (
	"context"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	anyType     = reflect.TypeFor[any]()
	bytesType   = reflect.TypeFor[[]byte]()
	intType     = reflect.TypeFor[int]()
	int64Type   = reflect.TypeFor[int64]()
)

// shaper makes nodes of types.
type shaper struct {
	opts  *Options
	nodes map[reflect.Type]*node
	errs  map[reflect.Type]error
	exact map[reflect.Type]bool
}

func newShaper(opts *Options) *shaper {
	return &shaper{
		opts: opts, nodes: make(map[reflect.Type]*node), errs: make(map[reflect.Type]error), exact: make(map[reflect.Type]bool),
	}
}

// node returns the shape of a type. The error says why it cannot cross.
func (s *shaper) node(t reflect.Type) (*node, error) {
	if n, ok := s.nodes[t]; ok {
		return n, s.errs[t]
	}
	n := &node{typ: t}
	s.nodes[t] = n
	if err := s.fill(n, t); err != nil {
		s.errs[t] = err
		return n, err
	}
	return n, nil
}

// The pairs of methods by which types cross, in the order in which they are looked for.
var pairs = []struct {
	form   form
	to, of reflect.Type
}{
	{formBinary, reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler]()},
	{formGob, reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[gob.GobDecoder]()},
	{formJSON, reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler]()},
	{formText, reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()},
}

func (s *shaper) fill(n *node, t reflect.Type) error {
	if t.Kind() != reflect.Interface && t.Name() != "" && !s.isExact(t) {
		for _, p := range pairs {
			if pointer := reflect.PointerTo(t); pointer.Implements(p.to) && pointer.Implements(p.of) {
				n.form, n.name = p.form, t.String()
				return nil
			}
		}
	}
	var err error
	switch t.Kind() {
	case reflect.Slice:
		if n.form = formSlice; t.Elem().Kind() == reflect.Uint8 {
			n.form = formBytes
			return nil
		}
		n.elem, err = s.node(t.Elem())
	case reflect.Array:
		n.form, n.length = formArray, t.Len()
		n.elem, err = s.node(t.Elem())
	case reflect.Pointer:
		n.form = formPointer
		n.elem, err = s.node(t.Elem())
	case reflect.Map:
		return s.fillMap(n, t)
	case reflect.Struct:
		return s.fillStruct(n, t)
	case reflect.Func:
		n.form, n.methods = formFunc, make([]signature, 1)
		n.methods[0], err = s.signature("", t)
	case reflect.Interface:
		return s.fillInterface(n, t)
	case reflect.Chan:
		return fmt.Errorf("%s: a channel cannot cross", t)
	case reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("%s: an address means nothing elsewhere", t)
	default:
		n.form = form(t.Kind())
	}
	return err
}

func (s *shaper) fillMap(n *node, t reflect.Type) error {
	n.form = formMap
	var err error
	if n.key, err = s.node(t.Key()); err != nil {
		return err
	}
	if t.Key().Kind() == reflect.Pointer {
		return fmt.Errorf("%s: a pointer as a key means nothing elsewhere", t)
	}
	n.elem, err = s.node(t.Elem())
	return err
}

func (s *shaper) fillStruct(n *node, t reflect.Type) error {
	n.form = formStruct
	for i := range t.NumField() {
		f := t.Field(i)
		embedded := f.Anonymous && f.Type.Kind() == reflect.Struct
		if !f.IsExported() && !embedded {
			continue
		}
		made, err := s.node(f.Type)
		if err != nil && !f.IsExported() {
			continue // nothing of it is seen from outside
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		if !f.IsExported() && made.form != formStruct { // its methods cannot be called
			return fmt.Errorf("%s.%s: an embedded %s that is not exported", t, f.Name, f.Type)
		}
		n.fields = append(n.fields, field{f.Name, i, made})
	}
	if len(n.fields) == 0 && t.NumField() > 0 {
		return fmt.Errorf("%s: it has no exported field, nor methods to marshal and unmarshal it", t)
	}
	return nil
}

func (s *shaper) fillInterface(n *node, t reflect.Type) error {
	switch {
	case t == contextType:
		n.form = formContext
		return nil
	case t == errorType:
		n.form = formError
		return nil
	case t.NumMethod() == 0:
		n.form = formAny
		return nil
	}
	n.form = formInterface
	var err error
	if n.wrapper, err = s.opts.wrapper(t); err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	var errs []error
	n.methods, errs = s.signatures(t)
	return errors.Join(errs...)
}

// signatures returns the shapes of the methods of an interface, in its order, and what is wrong with each.
func (s *shaper) signatures(t reflect.Type) ([]signature, []error) {
	var all []signature
	var errs []error
	for m := range t.Methods() {
		if !m.IsExported() {
			errs = append(errs, fmt.Errorf("%s.%s: a method that is not exported cannot be called from elsewhere", t, m.Name))
			continue
		}
		sig, err := s.signature(m.Name, m.Type)
		if err != nil {
			errs = append(errs, prefixEach(fmt.Sprintf("%s.%s", t, m.Name), err)...)
		}
		all = append(all, sig)
	}
	return all, errs
}

// prefixEach puts the name before each of the errors that were joined.
func prefixEach(name string, err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	var errs []error
	for _, e := range joined.Unwrap() {
		errs = append(errs, fmt.Errorf("%s: %w", name, e))
	}
	return errs
}

// signature returns the shape of a function type. The error joins what is wrong with each parameter and result.
func (s *shaper) signature(name string, t reflect.Type) (signature, error) {
	sig := signature{name: name, variadic: t.IsVariadic(), fills: fills(name, t)}
	var errs []error
	for i := range t.NumIn() {
		n, err := s.node(t.In(i))
		if err != nil {
			errs = append(errs, fmt.Errorf("parameter %d: %w", i+1, err))
		}
		sig.in = append(sig.in, n)
	}
	for i := range t.NumOut() {
		n, err := s.node(t.Out(i))
		if err == nil {
			err = s.returnable(n, make(map[*node]bool))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("result %d: %w", i+1, err))
		}
		sig.out = append(sig.out, n)
	}
	return sig, errors.Join(errs...)
}

// returnable refuses what may be an argument, but no result.
func (s *shaper) returnable(n *node, seen map[*node]bool) error {
	if n == nil || seen[n] {
		return nil
	}
	seen[n] = true
	switch n.form {
	case formFunc:
		return fmt.Errorf("%s: a function cannot be returned: return an interface", n.typ)
	case formContext:
		return fmt.Errorf("%s: a context cannot be returned", n.typ)
	}
	for _, f := range n.fields {
		if err := s.returnable(f.node, seen); err != nil {
			return fmt.Errorf("%s.%s: %w", n.typ, f.name, err)
		}
	}
	return errors.Join(s.returnable(n.elem, seen), s.returnable(n.key, seen))
}

// fills reports whether a method is one that fills the bytes that it is given, as those of io.Reader and io.ReaderAt do.
func fills(name string, t reflect.Type) bool {
	switch {
	case t.NumOut() != 2 || t.Out(0) != intType || t.Out(1) != errorType || t.NumIn() == 0 || t.In(0) != bytesType || t.IsVariadic():
		return false
	case name == "Read":
		return t.NumIn() == 1
	default:
		return name == "ReadAt" && t.NumIn() == 2 && t.In(1) == int64Type
	}
}

// isExact reports whether all of a type is exported, so that a copy is the same.
func (s *shaper) isExact(t reflect.Type) bool {
	exact, known := s.exact[t]
	if known {
		return exact
	}
	s.exact[t] = true // as far as it contains itself
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer:
		exact = s.isExact(t.Elem())
	case reflect.Map:
		exact = s.isExact(t.Key()) && s.isExact(t.Elem())
	case reflect.Struct:
		exact = true
		for f := range t.Fields() {
			exact = exact && f.IsExported() && s.isExact(f.Type)
		}
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		exact = false
	default:
		exact = true
	}
	s.exact[t] = exact
	return exact
}
