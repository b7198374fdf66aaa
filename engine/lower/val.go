package lower

import (
	"go/constant"
	"go/types"
	"slices"
)

// val is a translated expression.
type val struct {
	text string
	// typ is the author's type of the value.
	typ types.Type
	// impure: it contains a call, or anything else that is to happen in its turn.
	impure bool
	// simple: it may be repeated: a name or a constant.
	simple bool
	// nil: it is the predeclared nil.
	isNil bool
	// constant is its value, where it has one that is not in the text in its final form.
	constant constant.Value
}

// operands translates expressions that are evaluated in order. What one of them hoists goes before the values of those
// that were to be evaluated earlier and do something: these are put into variables before it.
func (f *fn) operands(list ...func() val) []val {
	settle := f.delaying
	f.delaying = false
	values := make([]val, len(list))
	marks := make([]int, len(list)) // the length of the block after each
	for i, operand := range list {
		before, out := len(f.out.lines), f.out
		values[i] = operand()
		if settle {
			values[i] = f.settle(values[i])
		}
		if f.out != out {
			panic("lower: operand changed the block")
		}
		if len(f.out.lines) > before {
			f.save(values[:i], marks[:i], before)
		}
		marks[i] = len(f.out.lines)
	}
	return values
}

// save puts impure values into variables that are declared at the place that was marked after each.
func (f *fn) save(values []val, marks []int, before int) {
	for i := range values {
		v := &values[i]
		if !v.impure || v.typ == nil {
			continue
		}
		if t, ok := v.typ.(*types.Tuple); ok && t != nil {
			continue
		}
		name := f.fresh("t")
		line := "var " + name + " " + f.l.typ(v.typ) + " = " + v.text
		at := before
		f.out.lines = slices.Insert(f.out.lines, at, line)
		before++
		for k := range marks {
			if marks[k] >= at {
				marks[k]++
			}
		}
		*v = val{text: name, typ: v.typ, simple: true}
	}
}

// hold makes a value that may be repeated.
func (f *fn) hold(v val) val {
	if v.simple {
		return v
	}
	return val{text: f.temp(v.typ, v.text), typ: v.typ, simple: true}
}

// settle makes a value that what follows does not change: a variable that nothing else assigns.
func (f *fn) settle(v val) val {
	if v.constant != nil || v.isNil {
		return v
	}
	return val{text: f.temp(v.typ, v.text), typ: v.typ, simple: true}
}
