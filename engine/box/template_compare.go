package box

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
)

var (
	errNoOrder      = errors.New("invalid type for comparison")
	errNoComparison = errors.New("missing argument for comparison")
)

// basicClass is what values have in common that templates compare.
type basicClass int

const (
	classNone basicClass = iota
	classBool
	classComplex
	classInt
	classFloat
	classString
	classUint
)

func classOf(x tmplValue) basicClass {
	v := x.v
	switch {
	case v.Kind() == reflect.Bool:
		return classBool
	case v.Kind() == reflect.String:
		return classString
	case v.CanInt():
		return classInt
	case v.CanUint():
		return classUint
	case v.CanFloat():
		return classFloat
	case v.CanComplex():
		return classComplex
	default:
		return classNone
	}
}

// equal reports whether its first argument equals one of the others.
func (e *templates) equal(args []tmplValue) (tmplValue, error) {
	if len(args) == 1 {
		return hostValue(false), errNoComparison
	}
	x := e.indirectInterface(args[0])
	for _, y := range args[1:] {
		same, err := e.same(x, e.indirectInterface(y))
		if same || err != nil {
			return hostValue(same), err
		}
	}
	return hostValue(false), nil
}

func (e *templates) same(x, y tmplValue) (bool, error) {
	cx, cy := classOf(x), classOf(y)
	switch {
	case cx == classInt && cy == classUint:
		return x.v.Int() >= 0 && uint64(x.v.Int()) == y.v.Uint(), nil
	case cx == classUint && cy == classInt:
		return y.v.Int() >= 0 && uint64(y.v.Int()) == x.v.Uint(), nil
	case cx != cy:
		if x.valid() && y.valid() {
			return false, fmt.Errorf("incompatible types for comparison: %v and %v", x.typeName(), y.typeName())
		}
		return false, nil
	}
	switch cx {
	case classBool:
		return x.v.Bool() == y.v.Bool(), nil
	case classComplex:
		return x.v.Complex() == y.v.Complex(), nil
	case classFloat:
		return x.v.Float() == y.v.Float(), nil
	case classInt:
		return x.v.Int() == y.v.Int(), nil
	case classString:
		return x.v.String() == y.v.String(), nil
	case classUint:
		return x.v.Uint() == y.v.Uint(), nil
	}
	return e.identical(x, y)
}

// identical compares values of no basic kind.
func (e *templates) identical(x, y tmplValue) (bool, error) {
	if x.kind() != y.kind() && x.valid() && y.valid() {
		return false, fmt.Errorf("non-comparable types %s: %v, %s: %v", x.open(), x.typeName(), y.typeName(), y.open())
	}
	if isNilValue(x) || isNilValue(y) {
		return isNilValue(x) == isNilValue(y), nil
	}
	if y.d != nil && !types.Comparable(y.d.t) || y.d == nil && !y.v.Type().Comparable() {
		return false, fmt.Errorf("non-comparable type %s: %v", fmt.Sprintf("%s", y.open()), y.typeName())
	}
	return x.open() == y.open(), nil
}

func isNilValue(x tmplValue) bool {
	switch x.kind() {
	case reflect.Invalid:
		return true
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return x.v.IsNil()
	default:
		return false
	}
}

func (e *templates) notEqual(x, y tmplValue) (bool, error) {
	same, err := e.same(e.indirectInterface(x), e.indirectInterface(y))
	return !same, err
}

// less reports whether x is less than y.
func (e *templates) less(x, y tmplValue) (bool, error) {
	x, y = e.indirectInterface(x), e.indirectInterface(y)
	cx, cy := classOf(x), classOf(y)
	switch {
	case cx == classNone || cy == classNone:
		return false, errNoOrder
	case cx == classInt && cy == classUint:
		return x.v.Int() < 0 || uint64(x.v.Int()) < y.v.Uint(), nil
	case cx == classUint && cy == classInt:
		return y.v.Int() >= 0 && x.v.Uint() < uint64(y.v.Int()), nil
	case cx != cy:
		return false, fmt.Errorf("incompatible types for comparison: %v and %v", x.typeName(), y.typeName())
	}
	switch cx {
	case classFloat:
		return x.v.Float() < y.v.Float(), nil
	case classInt:
		return x.v.Int() < y.v.Int(), nil
	case classString:
		return x.v.String() < y.v.String(), nil
	case classUint:
		return x.v.Uint() < y.v.Uint(), nil
	default:
		return false, errNoOrder
	}
}

func (e *templates) lessOrEqual(x, y tmplValue) (bool, error) {
	less, err := e.less(x, y)
	if less || err != nil {
		return less, err
	}
	return e.same(e.indirectInterface(x), e.indirectInterface(y))
}

func (e *templates) greater(x, y tmplValue) (bool, error) {
	le, err := e.lessOrEqual(x, y)
	return !le && err == nil, err
}

func (e *templates) greaterOrEqual(x, y tmplValue) (bool, error) {
	less, err := e.less(x, y)
	return !less && err == nil, err
}
