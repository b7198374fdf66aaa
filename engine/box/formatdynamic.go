package box

import "reflect"

var (
	boxType     = reflect.TypeFor[Box]()
	wrapperType = reflect.TypeFor[Wrapper]()
)

// dynamic returns the value in an interface that is not nil, with its type where that is one of the program.
func (p *printer) dynamic(v reflect.Value) (*Type, reflect.Value) {
	e := v.Elem()
	if !e.CanInterface() {
		return p.hidden(e)
	}
	b, ok := reflect.TypeAssert[Box](e)
	if !ok {
		u := Unwrap(e.Interface())
		if b, ok = u.(Box); !ok {
			return nil, reflect.ValueOf(u)
		}
	}
	inner := shaped(b.T, reflect.ValueOf(b.V))
	return natural(b.T, inner), inner
}

// hidden is dynamic for what is held by a field of compiled code that is not exported: reflection shows such a Box, but
// does not hand it out.
func (p *printer) hidden(v reflect.Value) (*Type, reflect.Value) {
	inner := v
	if inner.Kind() == reflect.Pointer && inner.Type().Implements(wrapperType) {
		inner = inner.Elem()
	}
	for inner.IsValid() && inner.Kind() == reflect.Struct && inner.Type() != boxType && inner.Type().Implements(wrapperType) {
		inner = inner.Field(0)
	}
	if !inner.IsValid() || inner.Type() != boxType {
		return nil, v
	}
	t := p.prog.byID(int(inner.Field(0).Int()))
	if t == nil {
		return nil, v
	}
	value := shaped(t, inner.Field(2).Elem())
	return natural(t, value), value
}

// byID returns a type by its number, nil where there is none.
func (p *Program) byID(id int) *Type {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if id < 1 || id > len(p.all) {
		return nil
	}
	return p.all[id-1]
}
