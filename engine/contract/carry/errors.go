package carry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/scriptd/scriptd/plugin"
)

// How an error crosses.
const (
	errorNil byte = iota
	errorVariable
	errorValue // of a type of the table
	errorText  // what is left of any other: its text, what it says of time, and what it wraps
	errorHome  // one that the side that gets it has itself: its number, and what is left of it
)

// How many errors an error wraps, as its type says.
const (
	wrapsNone byte = iota
	wrapsOne
	wrapsList
)

// The marks of package plugin.
const (
	markInvalid = 1 << iota
	markRetryable
)

// maxChain bounds how deep errors wrap each other. What is deeper is in the text only.
const maxChain = 64

// identities are the errors that are the same on both sides whatever the table holds: an error may say of itself that it is one of
// them. Their order is part of what is sent.
func (o *Options) identities() []error {
	return append([]error{
		context.Canceled, context.DeadlineExceeded, fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrInvalid, fs.ErrClosed,
		os.ErrDeadlineExceeded, errors.ErrUnsupported, ErrEnded, ErrClosed, ErrMissing, ErrTooLarge,
	}, o.Identities...)
}

func (y *dynamics) encodeErrorValue(e *encoder, v reflect.Value) {
	err, ok := reflect.TypeAssert[error](v)
	if !ok {
		e.byte(errorNil)
		return
	}
	y.appendError(e, err)
}

func (y *dynamics) decodeErrorValue(d *decoder, v reflect.Value) {
	if err := y.takeError(d); err != nil {
		v.Set(reflect.ValueOf(&err).Elem())
	}
}

// appendError appends an error with what is said of it as a whole: which marks and identities it has.
func (y *dynamics) appendError(e *encoder, err error) {
	y.appendChain(e, err, 0)
	if e.err != nil {
		return
	}
	var marks byte
	if marked(err, plugin.IsInvalid) {
		marks |= markInvalid
	}
	if marked(err, plugin.IsRetryable) {
		marks |= markRetryable
	}
	var identities uint64
	for i, identity := range y.opts.identities() {
		if is(err, identity) {
			identities |= 1 << i
		}
	}
	e.byte(marks)
	e.uint(identities)
	e.uint(y.lend(e, err))
}

// appendChain appends an error, and those that it wraps.
func (y *dynamics) appendChain(e *encoder, err error, depth int) {
	text, _ := textOf(err)
	if from := originOf(err); from != nil && from.link != nil && from.link == e.link {
		e.byte(errorHome)
		e.uint(from.id)
	}
	if name, ok := y.opts.Table.errorName(err); ok {
		e.byte(errorVariable)
		e.string(name)
		e.string(text)
		return
	}
	if y.appendTyped(e, err, text) {
		return
	}
	e.byte(errorText)
	e.string(text)
	e.byte(timingOf(err))
	wrapped, how := unwrap(err)
	if depth >= maxChain {
		wrapped, how = nil, wrapsNone
	}
	e.byte(how)
	if how == wrapsList {
		e.uint(uint64(len(wrapped)))
	}
	for _, err := range wrapped {
		y.appendChain(e, err, depth+1)
	}
}

// appendTyped appends an error of a type of the table as a value. It is false for one that cannot cross as such.
func (y *dynamics) appendTyped(e *encoder, err error, text string) bool {
	v := reflect.ValueOf(err)
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		if v.IsNil() {
			return false
		}
		t = t.Elem()
	}
	if _, ok := y.opts.Table.typeName(t); !ok {
		return false
	}
	known, notKnown := y.of(v.Type())
	if notKnown != nil || e.err != nil || !e.deeper() {
		return false
	}
	before := len(e.buf)
	e.byte(errorValue)
	e.string(text)
	e.buf = append(e.buf, known.name...)
	known.codec.enc(e, v)
	e.depth--
	if e.err == nil {
		return true
	}
	if !errors.Is(e.err, ErrTooLarge) {
		e.buf, e.err = e.buf[:before], nil
		return false
	}
	return true
}

// textOf returns the text of an error. It is false for one whose method panics.
func textOf(err error) (text string, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			text, ok = fmt.Sprintf("an error whose text panics: %v", v), false
		}
	}()
	return err.Error(), true
}

// is is errors.Is, of errors that may come from anywhere: their methods may panic.
func is(err, target error) bool {
	return marked(err, func(err error) bool { return errors.Is(err, target) })
}

func marked(err error, how func(error) bool) (has bool) {
	defer func() {
		if recover() != nil {
			has = false
		}
	}()
	return how(err)
}

// unwrap returns what an error wraps, and how.
func unwrap(err error) (wrapped []error, how byte) {
	defer func() {
		if recover() != nil {
			wrapped, how = nil, wrapsNone
		}
	}()
	switch err := err.(type) { //nolint:errorlint // one by one
	case interface{ Unwrap() error }:
		if one := err.Unwrap(); one != nil {
			return []error{one}, wrapsOne
		}
	case interface{ Unwrap() []error }:
		for _, e := range err.Unwrap() {
			if e != nil {
				wrapped = append(wrapped, e)
			}
		}
		if len(wrapped) > 0 && len(wrapped) <= maxChain {
			return wrapped, wrapsList
		}
	}
	return nil, wrapsNone
}

// takeError takes what appendError appended: nil for a nil error, and where it has failed.
func (y *dynamics) takeError(d *decoder) error {
	text := len(d.rest) > 0 && d.rest[0] == errorText
	err := y.takeChain(d, 0)
	if err == nil || d.err != nil {
		return nil //nolint:nilerr // the decoder has it
	}
	marks, identities, lent := d.byte(), d.uint(), d.uint()
	if d.err != nil {
		return nil //nolint:nilerr // the decoder has it
	}
	if from := originOf(err); text && from != nil && lent != 0 {
		*from = origin{d.link, lent}
	}
	var more []error
	for i, identity := range y.opts.identities() {
		if identities&(1<<i) != 0 && !is(err, identity) {
			more = append(more, identity)
		}
	}
	if len(more) > 0 {
		err = &foreignList{text: err.Error(), errs: append([]error{err}, more...)}
	}
	if marks&markInvalid != 0 && !marked(err, plugin.IsInvalid) {
		err = plugin.Invalid("%w", err)
	}
	if marks&markRetryable != 0 && !marked(err, plugin.IsRetryable) {
		err = plugin.Retryable(err)
	}
	return err
}

func (y *dynamics) takeChain(d *decoder, depth int) error {
	if depth > 2*maxChain {
		d.malformed("errors that wrap each other too deep")
		return nil
	}
	switch how := d.byte(); how {
	case errorNil:
		return nil
	case errorVariable:
		name, text := d.string(), d.string()
		if err, ok := y.opts.Table.errorOf(name); ok {
			return err
		}
		return &foreign{text: text} // it is of another version
	case errorValue:
		return y.takeTyped(d)
	case errorText:
		return y.takeText(d, depth)
	case errorHome:
		return y.takeHome(d, depth)
	default:
		d.malformed("an error of the form %d", how)
		return nil
	}
}

// takeTyped takes an error of a type of the table. One that says something else on this side keeps the text of the other.
func (y *dynamics) takeTyped(d *decoder) error {
	text := d.string()
	var held reflect.Value
	if d.deeper() {
		held = y.decodeHeld(d)
	}
	d.depth--
	if !held.IsValid() || d.err != nil {
		return nil //nolint:nilerr // the decoder has it
	}
	err, ok := reflect.TypeAssert[error](held)
	if !ok {
		d.malformed("a %s as an error", held.Type())
		return nil
	}
	switch said, ok := textOf(err); {
	case !ok:
		return &foreign{text: text}
	case said != text:
		return &foreignOne{text: text, err: err}
	default:
		return err
	}
}

func (y *dynamics) takeText(d *decoder, depth int) error {
	text, timing := d.string(), d.byte()
	err := y.takeWrapped(d, depth, text)
	if err == nil {
		return nil
	}
	return timed(err, timing)
}

func (y *dynamics) takeWrapped(d *decoder, depth int, text string) error {
	switch wraps := d.byte(); wraps {
	case wrapsNone:
		return &foreign{text: text}
	case wrapsOne:
		if one := y.takeChain(d, depth+1); one != nil {
			return &foreignOne{text: text, err: one}
		}
		return &foreign{text: text}
	case wrapsList:
		n := d.count(1)
		if n > maxChain {
			d.malformed("an error that wraps %d", n)
			return nil
		}
		list := make([]error, 0, n)
		for range n {
			if err := y.takeChain(d, depth+1); err != nil {
				list = append(list, err)
			}
		}
		return &foreignList{text: text, errs: list}
	default:
		d.malformed("an error that wraps %d", wraps)
		return nil
	}
}
