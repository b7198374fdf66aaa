package worker

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

// levelOff is a level that nothing is logged at.
const levelOff = slog.Level(127)

// levelOf is the lowest level at which a logger logs, out of those that have names and one below.
func levelOf(l *slog.Logger) slog.Level {
	if l == nil {
		return levelOff
	}
	for level := slog.LevelDebug - 4; level <= slog.LevelError; level += 4 {
		if l.Enabled(context.Background(), level) {
			return level
		}
	}
	return levelOff
}

// forward is a slog.Handler that gives records to another process.
type forward struct {
	min    slog.Level
	send   func(*wire.Payload)
	output *meter
	before []attrsOrGroup
}

// attrsOrGroup is what With and WithGroup have added: the one or the other.
type attrsOrGroup struct {
	attrs []slog.Attr
	group string
}

var _ slog.Handler = (*forward)(nil)

// Enabled implements slog.Handler.
func (f *forward) Enabled(_ context.Context, l slog.Level) bool { return l >= f.min }

// WithAttrs implements slog.Handler.
func (f *forward) WithAttrs(attrs []slog.Attr) slog.Handler {
	return f.with(attrsOrGroup{attrs: attrs})
}

// WithGroup implements slog.Handler.
func (f *forward) WithGroup(name string) slog.Handler {
	if name == "" {
		return f
	}
	return f.with(attrsOrGroup{group: name})
}

func (f *forward) with(b attrsOrGroup) *forward {
	return &forward{f.min, f.send, f.output, append(slices.Clip(f.before), b)}
}

// Handle implements slog.Handler.
func (f *forward) Handle(_ context.Context, r slog.Record) error {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for _, b := range slices.Backward(f.before) {
		if b.group != "" {
			attrs = []slog.Attr{{Key: b.group, Value: slog.GroupValue(attrs...)}}
		} else {
			attrs = slices.Concat(b.attrs, attrs)
		}
	}
	var p wire.Payload
	p.Int(int64(r.Level))
	appendTime(&p, r.Time)
	p.String(r.Message)
	appendAttrs(&p, attrs, 0)
	ok, notice := f.output.take(p.Len(), time.Now())
	if notice != "" {
		var n wire.Payload
		n.Int(int64(slog.LevelWarn))
		appendTime(&n, r.Time)
		n.String(notice)
		appendAttrs(&n, nil, 0)
		f.send(&n)
	}
	if ok {
		f.send(&p)
	}
	return nil
}

// logMetered gives a logger what Handle has sent, unless it is more than the process may send.
func logMetered(ctx context.Context, l *slog.Logger, d *wire.Decoder, output *meter) error {
	ok, notice := output.take(d.Len(), time.Now())
	if notice != "" && l != nil {
		l.WarnContext(ctx, notice)
	}
	if !ok {
		return nil
	}
	return logRecord(ctx, l, d)
}

// logRecord gives a logger what Handle has sent.
func logRecord(ctx context.Context, l *slog.Logger, d *wire.Decoder) error {
	level := slog.Level(d.Int())
	at, message := decodeTime(d), d.String()
	attrs := decodeAttrs(d, 0)
	if d.Err() != nil || l == nil || !l.Enabled(ctx, level) {
		return d.Err()
	}
	r := slog.NewRecord(at, level, message, 0)
	r.AddAttrs(attrs...)
	_ = l.Handler().Handle(ctx, r) // as slog.Logger does
	return nil
}

func appendTime(p *wire.Payload, t time.Time) {
	p.Bool(!t.IsZero())
	if !t.IsZero() {
		p.Int(t.Unix())
		p.Uint(uint64(t.Nanosecond()))
	}
}

func decodeTime(d *wire.Decoder) time.Time {
	if !d.Bool() {
		return time.Time{}
	}
	return time.Unix(d.Int(), int64(d.Uint()%1e9))
}

// maxGroups bounds how deep attributes are nested.
const maxGroups = 100

// The forms of an attribute's value. What is none of these is text.
const (
	attrValue byte = iota // as wire.Payload.Value
	attrGroup
	attrTime
	attrDuration
)

func appendAttrs(p *wire.Payload, attrs []slog.Attr, depth int) {
	if depth > maxGroups {
		attrs = nil
	}
	p.Uint(uint64(len(attrs)))
	for _, a := range attrs {
		p.String(a.Key)
		switch v := a.Value.Resolve(); v.Kind() {
		case slog.KindGroup:
			p.Byte(attrGroup)
			appendAttrs(p, v.Group(), depth+1)
		case slog.KindTime:
			p.Byte(attrTime)
			appendTime(p, v.Time())
		case slog.KindDuration:
			p.Byte(attrDuration)
			p.Int(int64(v.Duration()))
		default:
			p.Byte(attrValue)
			appendAny(p, v.Any())
		}
	}
}

// appendAny appends a JSON value as it is, and everything else as text.
func appendAny(p *wire.Payload, v any) {
	_, isStringer := v.(fmt.Stringer)
	_, isError := v.(error)
	var value wire.Payload
	if isStringer || isError || value.Value(v) != nil {
		value.Reset()
		_ = value.Value(fmt.Sprintf("%+v", v)) // text always is one
	}
	p.Join(&value)
}

func decodeAttrs(d *wire.Decoder, depth int) []slog.Attr {
	n := d.Count()
	if depth > maxGroups && n > 0 {
		d.Fail("attributes are nested too deep")
		return nil
	}
	attrs := make([]slog.Attr, n)
	for i := range attrs {
		attrs[i].Key = d.String()
		switch form := d.Byte(); form {
		case attrGroup:
			attrs[i].Value = slog.GroupValue(decodeAttrs(d, depth+1)...)
		case attrTime:
			attrs[i].Value = slog.TimeValue(decodeTime(d))
		case attrDuration:
			attrs[i].Value = slog.DurationValue(time.Duration(d.Int()))
		case attrValue:
			attrs[i].Value = slog.AnyValue(d.Value())
		default:
			d.Fail("an attribute of an unknown form")
		}
		if d.Err() != nil {
			return nil
		}
	}
	return attrs
}
