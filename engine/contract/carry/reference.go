package carry

import "reflect"

// How a function or an interface crosses.
const (
	refNil byte = iota
	refValue
	refHere  // what the side that sends has
	refThere // what the side that gets it has itself: it has come home
)

// remote is a function or an interface of the other side.
type remote struct {
	link  *Session
	id    uint64
	scope *Scope // nil is as long as the session
	grip  *grip  // nil where the scope is not
}

// over says why the remote cannot be used any more.
func (r *remote) over() error {
	if r.scope != nil && r.scope.ended.Load() {
		return ErrEnded
	}
	return nil
}

// way is how a call goes to the other side: all its messages the same way, so that they come in their order.
type way struct {
	*Session
	send func(message []byte) error
}

func (r *remote) way() way {
	if r.scope != nil && r.scope.via != nil {
		return way{r.link, r.scope.via}
	}
	return way{r.link, r.link.send}
}

// export appends a reference.
func (e *encoder) export(t target) {
	if e.link == nil {
		e.failf("a %s cannot cross: there is no way to call back", t.value.Type())
		return
	}
	t.scope = e.scope
	id, err := e.link.export(t)
	if err != nil {
		e.fail(err)
		return
	}
	e.byte(refHere)
	e.uint(id)
}

// remote takes a reference. It is nil where that fails.
func (d *decoder) remote() *remote {
	id := d.uint()
	switch {
	case d.err != nil:
		return nil
	case d.link == nil:
		d.malformed("a reference where nothing can be called back")
		return nil
	}
	r := &remote{link: d.link, id: id, scope: d.scope}
	if r.scope == nil { // the other side keeps it until it hears that it need not
		r.hold()
	}
	return r
}

func funcCodec(t reflect.Type, m *Method) codec {
	return codec{
		func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.byte(refNil)
				return
			}
			e.export(target{method: m, value: v})
		},
		func(d *decoder, v reflect.Value) {
			switch how := d.byte(); how {
			case refNil:
			case refHere:
				if r := d.remote(); r != nil {
					v.Set(reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value { return r.call(m, args) }))
				}
			default:
				d.malformed("a function that crosses as %d", how)
			}
		},
	}
}

// interfaceCodec carries interfaces with methods: as references, except for values inside of others of which nothing is lost.
func (y *dynamics) interfaceCodec(p *Plan, outer bool) codec {
	return codec{
		func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.byte(refNil)
				return
			}
			if r := homeOf(v.Elem()); r != nil && r.link == e.link {
				if err := r.over(); err != nil {
					e.fail(err)
				}
				e.byte(refThere)
				e.uint(r.id)
				return
			}
			if !outer {
				if known, err := y.of(v.Elem().Type()); err == nil && known.exact {
					e.byte(refValue)
					if e.deeper() {
						e.buf = append(e.buf, known.name...)
						known.codec.enc(e, v.Elem())
					}
					e.depth--
					return
				}
			}
			e.export(target{plan: p, value: v})
		},
		func(d *decoder, v reflect.Value) {
			switch how := d.byte(); how {
			case refNil:
			case refValue:
				if outer {
					d.malformed("a value in the place of a reference")
					return
				}
				y.decode(d, v)
				if known, err := y.of(heldType(v)); d.err == nil && (err != nil || !known.exact) {
					d.malformed("a value in the place of a reference")
				}
			case refHere:
				if r := d.remote(); r != nil {
					v.Set(r.make(p))
				}
			case refThere:
				d.home(v)
			default:
				d.malformed("an interface that crosses as %d", how)
			}
		},
	}
}

// heldType is the type of what an interface holds.
func heldType(v reflect.Value) reflect.Type {
	if v.IsNil() {
		return errorType
	}
	return v.Elem().Type()
}

// make makes a value of the interface whose methods are called on the other side.
func (r *remote) make(p *Plan) reflect.Value {
	return p.wrapper.Make(r, func(method int, args []reflect.Value) []reflect.Value { return r.call(p.methods[method], args) })
}

// homeOf returns the remote that a wrapper was made for, nil for any other value.
func homeOf(v reflect.Value) *remote {
	if v.Kind() != reflect.Struct || v.NumField() == 0 || v.Type().Field(0).Name != "IValue" {
		return nil
	}
	r, _ := reflect.TypeAssert[*remote](v.Field(0))
	return r
}

// home takes what this side has itself.
func (d *decoder) home(v reflect.Value) {
	id := d.uint()
	switch {
	case d.err != nil:
		return
	case d.link == nil:
		d.malformed("a reference where nothing can be called back")
		return
	}
	t, err := d.link.target(id)
	switch {
	case err != nil:
		d.fail(err)
	case t.plan == nil || !t.value.Elem().Type().AssignableTo(v.Type()):
		d.malformed("what has come home is no %s", v.Type())
	default:
		v.Set(t.value.Elem())
	}
}

// skipReference passes over a function or an interface.
func (y *dynamics) skipReference(d *decoder) {
	switch how := d.byte(); how {
	case refNil:
	case refValue:
		y.decode(d, reflect.New(anyType).Elem())
	case refHere:
		d.remote()
	case refThere:
		d.uint()
	default:
		d.malformed("a reference that crosses as %d", how)
	}
}
