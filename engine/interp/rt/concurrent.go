package rt

import "reflect"

// goroutine is the go statement.
func (p *Program) goroutine(f func()) {
	p.goroutines.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				p.Escaped(Meant(v))
			}
		}()
		f()
	})
}

// Wait returns when no goroutine of the program's own is left.
func (p *Program) Wait() { p.goroutines.Wait() }

// operation is a case of a select statement.
type operation struct {
	dir  reflect.SelectDir
	ch   any
	send any
}

func send(ch, v any) operation { return operation{reflect.SelectSend, ch, v} }
func receive(ch any) operation { return operation{reflect.SelectRecv, ch, nil} }

// choose is the select statement. It returns the number of the operation that was done, -1 for the default clause or where
// the program was stopped, and what was received.
func (p *Program) choose(hasDefault bool, operations ...operation) (int, any, bool) {
	cases := make([]reflect.SelectCase, len(operations), len(operations)+1)
	for i, op := range operations {
		ch := reflect.ValueOf(op.ch)
		cases[i] = reflect.SelectCase{Dir: op.dir, Chan: ch}
		if op.dir == reflect.SelectSend {
			v := reflect.New(ch.Type().Elem()).Elem()
			if op.send != nil {
				v.Set(reflect.ValueOf(op.send))
			}
			cases[i].Send = v
		}
	}
	switch {
	case hasDefault:
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
	case p.Done != nil:
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(p.Done)})
	}
	chosen, v, ok := reflect.Select(cases)
	if chosen == len(operations) {
		return -1, nil, false
	}
	if !v.IsValid() {
		return chosen, nil, false
	}
	return chosen, v.Interface(), ok
}
