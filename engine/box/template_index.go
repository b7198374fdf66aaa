package box

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
)

// index returns its first argument indexed by the others.
func (e *templates) index(args []tmplValue) (tmplValue, error) {
	x := e.indirectInterface(args[0])
	if !x.valid() {
		return x, errors.New("index of untyped nil")
	}
	for _, index := range args[1:] {
		index = e.indirectInterface(index)
		var isNil bool
		if x, isNil = e.indirect(x); isNil {
			return x, errors.New("index of nil pointer")
		}
		switch x.kind() {
		case reflect.Array, reflect.Slice, reflect.String:
			i, err := indexArg(index, x.v.Len())
			if err != nil {
				return x, err
			}
			x = e.inner(x, x.v.Index(i))
		case reflect.Map:
			p := e.mapKey(x)
			key, err := e.prepare(index, p)
			if err != nil {
				return x, err
			}
			if p.kind() == reflect.Interface && key.d != nil && !types.Comparable(key.d.t) {
				return x, errors.New("runtime error: hash of unhashable type " + Name(key.d.t))
			}
			v := x.v.MapIndex(e.erase(key, p))
			if !v.IsValid() {
				v = reflect.Zero(x.v.Type().Elem())
			}
			x = e.inner(x, v)
		default:
			return x, fmt.Errorf("can't index item of type %s", x.typeName())
		}
	}
	return x, nil
}

// indexArg returns an index that is not beyond limit.
func indexArg(x tmplValue, limit int) (int, error) {
	var i int64
	switch k := x.kind(); {
	case k == reflect.Invalid:
		return 0, errors.New("cannot index slice/array with nil")
	case x.v.CanInt():
		i = x.v.Int()
	case x.v.CanUint():
		i = int64(x.v.Uint()) //nolint:gosec // what does not fit is negative, and out of range
	default:
		return 0, fmt.Errorf("cannot index slice/array with type %s", x.typeName())
	}
	if i < 0 || int(i) < 0 || int(i) > limit {
		return 0, fmt.Errorf("index out of range: %d", i)
	}
	return int(i), nil
}

// slice returns its first argument sliced by the others.
func (e *templates) slice(args []tmplValue) (tmplValue, error) {
	x := e.indirectInterface(args[0])
	if !x.valid() {
		return x, errors.New("slice of untyped nil")
	}
	x, isNil := e.indirect(x)
	if isNil {
		return x, errors.New("slice of nil pointer")
	}
	indexes := args[1:]
	if len(indexes) > 3 {
		return x, fmt.Errorf("too many slice indexes: %d", len(indexes))
	}
	var limit int
	switch x.kind() {
	case reflect.String:
		if len(indexes) == 3 {
			return x, errors.New("cannot 3-index slice a string")
		}
		limit = x.v.Len()
	case reflect.Array, reflect.Slice:
		limit = x.v.Cap()
	default:
		return x, fmt.Errorf("can't slice item of type %s", x.typeName())
	}
	bounds := [3]int{0, x.v.Len()}
	for i, index := range indexes {
		at, err := indexArg(index, limit)
		if err != nil {
			return x, err
		}
		bounds[i] = at
	}
	low, high, most := bounds[0], bounds[1], bounds[2]
	if low > high {
		return x, fmt.Errorf("invalid slice index: %d > %d", low, high)
	}
	if len(indexes) < 3 {
		return tmplValue{e.sliced(x), x.v.Slice(low, high)}, nil
	}
	if high > most {
		return x, fmt.Errorf("invalid slice index: %d > %d", high, most)
	}
	return tmplValue{e.sliced(x), x.v.Slice3(low, high, most)}, nil
}

// sliced returns the type of slices of x.
func (e *templates) sliced(x tmplValue) *tmplType {
	if x.d == nil || x.kind() != reflect.Array {
		return x.d
	}
	elem := elemType(x.d.under)
	if e.typeOf(elem, x.v.Type().Elem()) == nil {
		return nil
	}
	return e.derived(&x.d.slice, func() types.Type { return types.NewSlice(elem) })
}
