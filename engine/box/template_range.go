package box

import (
	"go/types"
	"reflect"
	"text/template/parse"
)

// ranging executes a range.
func (s *tmplExec) ranging(dot tmplValue, n *parse.RangeNode) flow {
	defer s.pop(s.mark())
	x, _ := s.env.indirect(s.pipeline(dot, n.Pipe))
	it := &tmplRange{exec: s, node: n, mark: s.mark()}
	if it.over(x) || n.ElseList == nil {
		return flowNext
	}
	return s.walk(dot, n.ElseList)
}

// tmplRange is one range of an execution.
type tmplRange struct {
	exec *tmplExec
	node *parse.RangeNode
	mark int
}

// over executes the body for each element of x. It reports whether there was one.
func (it *tmplRange) over(x tmplValue) bool {
	env, two := it.exec.env, len(it.node.Pipe.Decl) > 1
	switch k := x.kind(); k {
	case reflect.Invalid:
		return false
	case reflect.Array, reflect.Slice:
		for i := range x.v.Len() {
			if !it.step(hostValue(i), env.inner(x, x.v.Index(i))) {
				break
			}
		}
		return x.v.Len() > 0
	case reflect.Map:
		entries := env.sorted(x)
		for _, entry := range entries {
			if !it.step(env.key(x, entry.key), env.inner(x, entry.value)) {
				break
			}
		}
		return len(entries) > 0
	case reflect.Chan:
		return it.overChan(x)
	case reflect.Func:
		return it.overFunc(x)
	default:
		if !isInteger(k) && k != reflect.Uintptr {
			it.exec.errorf("range can't iterate over %v", x.open())
		}
		if two {
			it.exec.errorf("can't use %v to iterate over more than one variable", x.open())
		}
		some := false
		for v := range x.v.Seq() {
			some = true
			if !it.step(tmplValue{}, tmplValue{x.d, v}) {
				break
			}
		}
		return some
	}
}

// sorted returns the entries of a map in the order in which fmt prints them.
func (e *templates) sorted(x tmplValue) []entry {
	var key *Type
	if p := e.mapKey(x); p.d != nil {
		key = p.d.typ
	}
	p := newPrinter(e.prog)
	defer p.free()
	return p.sorted(key, x.v)
}

func (it *tmplRange) overChan(x tmplValue) bool {
	if x.v.IsNil() {
		return false
	}
	if x.v.Type().ChanDir() == reflect.SendDir || x.d != nil && sendOnly(x.d.under) {
		it.exec.errorf("range over send-only channel %v", x.open())
	}
	for i := 0; ; i++ {
		v, ok := x.v.Recv()
		if !ok {
			return i > 0
		}
		if !it.step(hostValue(i), it.exec.env.inner(x, v)) {
			return true
		}
	}
}

func sendOnly(under types.Type) bool {
	c, ok := under.(*types.Chan)
	return ok && c.Dir() == types.SendOnly
}

func (it *tmplRange) overFunc(x tmplValue) bool {
	env, t, two := it.exec.env, x.v.Type(), len(it.node.Pipe.Decl) > 1
	typed := func(i int, v reflect.Value) tmplValue {
		if x.d == nil {
			return tmplValue{v: v}
		}
		sig, _ := x.d.under.(*types.Signature)
		yield, _ := sig.Params().At(0).Type().Underlying().(*types.Signature)
		return env.static(yield.Params().At(i).Type(), v)
	}
	some := false
	switch {
	case t.CanSeq():
		if two {
			it.exec.errorf("can't use %v iterate over more than one variable", x.open())
		}
		for v := range x.v.Seq() {
			some = true
			if !it.step(tmplValue{}, typed(0, v)) {
				break
			}
		}
	case t.CanSeq2():
		for k, v := range x.v.Seq2() {
			some = true
			index, elem := typed(0, k), typed(1, v)
			if !two {
				index, elem = tmplValue{}, index
			}
			if !it.step(index, elem) {
				break
			}
		}
	default:
		it.exec.errorf("range can't iterate over %v", x.open())
	}
	return some
}

// step executes the body for one element. It reports whether the loop goes on.
func (it *tmplRange) step(index, elem tmplValue) bool {
	s, decl := it.exec, it.node.Pipe.Decl
	if len(decl) > 0 {
		last := elem
		if it.node.Pipe.IsAssign {
			if len(decl) > 1 {
				last = index
			}
			*s.variable(decl[0].Ident[0]) = last
		} else {
			s.vars[len(s.vars)-1].value = elem
		}
	}
	if len(decl) > 1 {
		if it.node.Pipe.IsAssign {
			*s.variable(decl[1].Ident[0]) = elem
		} else {
			s.vars[len(s.vars)-2].value = index
		}
	}
	defer s.pop(it.mark)
	return s.walk(elem, it.node.List) != flowBreak
}
