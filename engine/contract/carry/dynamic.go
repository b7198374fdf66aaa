package carry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
)

// dynamics carry what is in interfaces that may hold anything: the type, then the value. It is safe for concurrent use.
type dynamics struct {
	opts *Options

	known sync.Map // of *dynamic, by reflect.Type
	count atomic.Int64
}

// dynamic is how values of one type cross.
type dynamic struct {
	codec *codec
	name  []byte // the type as it is sent
	exact bool   // nothing of a value is lost, nor stays where it was
}

var (
	errUnknownType = errors.New("it is in no symbol table")
	errNotByValue  = errors.New("its methods would run on the other side, with what that may do")
)

const (
	formNamed form = iota + 64 // the name in the table and the beginning of its fingerprint
	// maxTypes bounds how many types of values are remembered: the other side may name as many as it likes.
	maxTypes = 4096
	// maxTypeDepth bounds of how many slices, maps and pointers a type is made.
	maxTypeDepth = 8
)

// of returns how values of a type cross. The error says why they cannot.
func (y *dynamics) of(t reflect.Type) (*dynamic, error) {
	if known, ok := y.known.Load(t); ok {
		made, _ := known.(*dynamic)
		return made, nil
	}
	s := newShaper(y.opts)
	n, err := s.node(t)
	if err != nil {
		return nil, err
	}
	name, err := y.appendType(nil, s, t, 0)
	if err != nil {
		return nil, err
	}
	c := newCompiler(y.opts, y)
	c.shaper = s
	made, err := c.codec(n, n)
	if err != nil {
		return nil, err
	}
	if y.count.Add(1) > maxTypes {
		return nil, errors.New("too many types")
	}
	known, _ := y.known.LoadOrStore(t, &dynamic{made, name, s.isExact(t)})
	d, _ := known.(*dynamic)
	return d, nil
}

// appendType appends a type as the other side finds it.
func (y *dynamics) appendType(b []byte, s *shaper, t reflect.Type, depth int) ([]byte, error) {
	if depth > maxTypeDepth {
		return nil, errors.New("it is made of too many types")
	}
	if name, ok := y.opts.Table.typeName(t); ok {
		if y.opts.ByValue != nil && !y.opts.ByValue(t) {
			return nil, errNotByValue
		}
		n, err := s.node(t)
		if err != nil {
			return nil, err
		}
		b = append(b, byte(formNamed))
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		shape := fingerprint([]signature{{in: []*node{n}}})
		return append(b, shape[:8]...), nil
	}
	if basic, ok := basicTypes[t.Kind()]; ok && basic == t {
		return append(b, byte(t.Kind())), nil
	}
	switch {
	case t == anyType:
		return append(b, byte(formAny)), nil
	case t == errorType:
		return append(b, byte(formError)), nil
	case t.Name() != "":
		return nil, errUnknownType
	}
	switch t.Kind() {
	case reflect.Slice:
		return y.appendType(append(b, byte(formSlice)), s, t.Elem(), depth+1)
	case reflect.Pointer:
		return y.appendType(append(b, byte(formPointer)), s, t.Elem(), depth+1)
	case reflect.Map:
		b, err := y.appendType(append(b, byte(formMap)), s, t.Key(), depth+1)
		if err != nil {
			return nil, err
		}
		return y.appendType(b, s, t.Elem(), depth+1)
	}
	return nil, fmt.Errorf("%s has no name that the other side knows", t)
}

// takeType is the reverse of appendType. It returns nil, having failed, for what is no type.
func (y *dynamics) takeType(d *decoder, depth int) reflect.Type {
	if depth > maxTypeDepth {
		d.malformed("a type that is made of too many types")
		return nil
	}
	switch f := form(d.byte()); f {
	case formNamed:
		return y.takeNamed(d)
	case formAny:
		return anyType
	case formError:
		return errorType
	case formSlice:
		if elem := y.takeType(d, depth+1); elem != nil {
			return reflect.SliceOf(elem)
		}
	case formPointer:
		if elem := y.takeType(d, depth+1); elem != nil {
			return reflect.PointerTo(elem)
		}
	case formMap:
		key, elem := y.takeType(d, depth+1), y.takeType(d, depth+1)
		if key != nil && elem != nil && key.Comparable() {
			return reflect.MapOf(key, elem)
		}
		d.malformed("a map of a type that is none")
	default:
		if t := basicTypes[reflect.Kind(f)]; t != nil {
			return t
		}
		d.malformed("a type of the form %d", f)
	}
	return nil
}

func (y *dynamics) takeNamed(d *decoder) reflect.Type {
	name := d.string()
	shape := d.take(8)
	t, ok := y.opts.Table.typeOf(name)
	if d.err != nil || !ok {
		d.malformed("no type %q", name)
		return nil
	}
	known, err := y.of(t)
	if err != nil {
		d.malformed("%s: %w", name, err)
		return nil
	}
	if ours := known.name[len(known.name)-8:]; string(ours) != string(shape) {
		d.fail(fmt.Errorf("%s is another type on the other side", name))
		return nil
	}
	return t
}

// encode appends the value of an interface that may hold anything.
func (y *dynamics) encode(e *encoder, v reflect.Value) {
	if v.IsNil() {
		e.byte(0)
		return
	}
	v = v.Elem()
	if e.deeper() {
		y.encodeHeld(e, v)
	}
	e.depth--
}

func (y *dynamics) encodeHeld(e *encoder, v reflect.Value) {
	if err, ok := reflect.TypeAssert[error](v); ok {
		e.byte(byte(formError))
		y.appendError(e, err)
		return
	}
	known, err := y.of(v.Type())
	if err != nil {
		name := y.opts.typeName(v)
		if name != v.Type().String() {
			err = errUnknownType
		}
		e.failf("a value of the type %s in an interface cannot cross: %w", name, err)
		return
	}
	e.buf = append(e.buf, known.name...)
	known.codec.enc(e, v)
}

// decode takes what encode appended.
func (y *dynamics) decode(d *decoder, v reflect.Value) {
	if len(d.rest) > 0 && d.rest[0] == 0 {
		d.rest = d.rest[1:]
		return
	}
	if d.deeper() {
		if made := y.decodeHeld(d); made.IsValid() && made.Type().AssignableTo(v.Type()) {
			v.Set(made)
		} else if made.IsValid() {
			d.malformed("a %s as a %s", made.Type(), v.Type())
		}
	}
	d.depth--
}

func (y *dynamics) decodeHeld(d *decoder) reflect.Value {
	if len(d.rest) > 0 && form(d.rest[0]) == formError {
		d.rest = d.rest[1:]
		if err := y.takeError(d); err != nil {
			return reflect.ValueOf(err)
		}
		return reflect.Value{}
	}
	t := y.takeType(d, 0)
	if t == nil {
		return reflect.Value{}
	}
	known, err := y.of(t)
	if err != nil {
		d.malformed("%s: %w", t, err)
		return reflect.Value{}
	}
	if !d.charge(1, t.Size()) {
		return reflect.Value{}
	}
	made := reflect.New(t).Elem()
	known.codec.dec(d, made)
	return made
}
