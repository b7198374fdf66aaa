package box

import (
	"context"
	"go/types"
	"sync/atomic"
)

// keyFuncs stands in for functions that ask of the dynamic type of a value whether it is comparable, or the same as before.
func (p *Program) keyFuncs() map[string]any {
	return map[string]any{
		"context.WithValue": func(parent context.Context, key, value any) context.Context {
			if b, ok := Unwrap(key).(Box); ok && !types.Comparable(b.T.Type) {
				panic("key is not comparable")
			}
			return context.WithValue(parent, key, value)
		},
		"(*sync/atomic.Value).Store": func(v *atomic.Value, x any) {
			if !p.sameType(v.Load(), x) {
				panic("sync/atomic: store of inconsistently typed value into Value")
			}
			v.Store(x)
		},
		"(*sync/atomic.Value).Swap": func(v *atomic.Value, x any) any {
			if !p.sameType(v.Load(), x) {
				panic("sync/atomic: swap of inconsistently typed value into Value")
			}
			return v.Swap(x)
		},
		"(*sync/atomic.Value).CompareAndSwap": func(v *atomic.Value, old, x any) bool {
			if x != nil && !p.sameType(old, x) {
				panic("sync/atomic: compare and swap of inconsistently typed values")
			}
			if !p.sameType(v.Load(), x) {
				panic("sync/atomic: compare and swap of inconsistently typed value into Value")
			}
			return v.CompareAndSwap(old, x)
		},
	}
}

// sameType reports whether two values may follow each other in an atomic.Value. It leaves nil, and compiled values, to
// package atomic.
func (p *Program) sameType(x, y any) bool {
	a, isBox := Unwrap(x).(Box)
	b, areBoxes := Unwrap(y).(Box)
	return !isBox || !areBoxes || a.T == b.T
}
