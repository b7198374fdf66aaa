package carry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// Method carries the calls of a method, or of a function. It is safe for concurrent use.
type Method struct {
	Name string
	// Context is the number of the first parameter that is a context.Context, -1 where there is none. It crosses by whatever carries the
	// call.
	Context int
	// Fails: the last result is an error.
	Fails bool

	dynamics *dynamics
	typ      reflect.Type // as a function, without a receiver
	index    int          // in the interface
	there    int          // in that of the other side; -1 where it has none
	in, out  []*codec
	refs     bool // there may be references
	fills    bool
	variadic bool
}

// Refers reports whether arguments or results may hold what is called back: functions, interfaces and contexts but the first.
func (m *Method) Refers() bool { return m.refs }

// Missing reports whether the other side has no such method.
func (m *Method) Missing() bool { return m.there < 0 }

// There is the number of the method on the other side.
func (m *Method) There() int { return m.there }

// chunk is how many bytes of a stream cross at once at most.
const chunk = 256 << 10

func (m *Method) encoder(link *Session, scope *Scope, b []byte) encoder {
	return encoder{buf: b, link: link, scope: scope, limit: len(b) + m.dynamics.opts.maxSize()}
}

func (m *Method) decoder(b []byte) decoder {
	return decoder{rest: b, memory: memoryFactor * m.dynamics.opts.maxSize()}
}

// AppendArgs appends arguments, those of a variadic parameter as a slice. References last until the scope ends. The scope may be nil
// where there is nothing to call back over: then references are errors.
func (m *Method) AppendArgs(scope *Scope, b []byte, args []reflect.Value) ([]byte, error) {
	e := m.encoder(scope.session(), scope, b)
	for i, c := range m.in {
		switch {
		case i == m.Context:
		case i == 0 && m.fills:
			e.uint(uint64(args[0].Len()))
		default:
			c.enc(&e, args[i])
		}
		if err := e.over(); err != nil {
			return b, fmt.Errorf("parameter %d: %w", i+1, m.explained(err))
		}
	}
	return e.buf, nil
}

// explained says how large a value may be.
func (m *Method) explained(err error) error {
	if !errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: a call carries %d bytes at most, and a stream as many as there are", err, m.dynamics.opts.maxSize())
}

// Args takes what AppendArgs appended, with ctx for the first context. References are of use until the scope ends.
func (m *Method) Args(ctx context.Context, scope *Scope, b []byte) ([]reflect.Value, error) {
	d := m.decoder(b)
	d.link, d.scope = scope.session(), scope
	args := make([]reflect.Value, len(m.in))
	for i, c := range m.in {
		v := reflect.New(m.typ.In(i)).Elem()
		switch {
		case i == m.Context:
			v.Set(reflect.ValueOf(&ctx).Elem())
		case i == 0 && m.fills:
			if n := d.count(0); n <= m.dynamics.opts.maxSize() && d.charge(n, 1) {
				v.SetBytes(make([]byte, n))
			} else {
				d.fail(ErrTooLarge)
			}
		default:
			c.dec(&d, v)
		}
		if d.err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, d.err)
		}
		args[i] = v
	}
	return args, d.done()
}

// AppendResults appends the results of a call with these arguments. References last as long as the session.
func (m *Method) AppendResults(scope *Scope, b []byte, args, results []reflect.Value) ([]byte, error) {
	return m.appendResults(scope, nil, b, args, results)
}

// appendResults is AppendResults that keeps errors while a call of the other side's goes on.
func (m *Method) appendResults(scope, lender *Scope, b []byte, args, results []reflect.Value) ([]byte, error) {
	e := m.encoder(scope.session(), nil, b)
	e.lender = lender
	for i, c := range m.out {
		c.enc(&e, results[i])
		if i == 0 && m.fills {
			n := results[0].Int()
			if n < 0 || n > int64(args[0].Len()) {
				n = 0 // the other side says what is wrong with it
			}
			e.bytes(args[0].Bytes()[:n])
		}
		if err := e.over(); err != nil {
			return b, fmt.Errorf("result %d: %w", i+1, m.explained(err))
		}
	}
	return e.buf, nil
}

// Results takes what AppendResults appended, for a call with these arguments.
func (m *Method) Results(scope *Scope, b []byte, args []reflect.Value) ([]reflect.Value, error) {
	d := m.decoder(b)
	d.link = scope.session()
	results := make([]reflect.Value, len(m.out))
	for i, c := range m.out {
		results[i] = reflect.New(m.typ.Out(i)).Elem()
		c.dec(&d, results[i])
		if i == 0 && m.fills {
			filled := d.raw()
			if n := results[0].Int(); n < 0 || n > int64(args[0].Len()) {
				d.fail(fmt.Errorf("%s returned a count of %d for %d bytes", m.Name, n, args[0].Len()))
			}
			copy(args[0].Bytes(), filled)
		}
		if d.err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, d.err)
		}
	}
	return results, d.done()
}

// Failed returns the results of a call that did not come to any: zero values, and err. A method without an error to return, and
// one that has panicked elsewhere, panics with err.
func (m *Method) Failed(err error) []reflect.Value {
	if _, panicked := err.(*PanicError); panicked || !m.Fails { //nolint:errorlint // it is never wrapped
		panic(err)
	}
	out := make([]reflect.Value, m.typ.NumOut())
	for i := range out {
		out[i] = reflect.Zero(m.typ.Out(i))
	}
	out[len(out)-1] = reflect.ValueOf(&err).Elem()
	return out
}

// over returns what is wrong with what was appended.
func (e *encoder) over() error {
	if e.err == nil && len(e.buf) > e.limit {
		e.err = ErrTooLarge
	}
	return e.err
}

// done returns an error where bytes are left.
func (d *decoder) done() error {
	if len(d.rest) > 0 {
		d.malformed("%d bytes too many", len(d.rest))
	}
	return d.err
}
