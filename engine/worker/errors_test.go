package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// sent returns what the other side decodes.
func sent(t *testing.T, write func(*wire.Payload)) *wire.Decoder {
	t.Helper()
	var p wire.Payload
	write(&p)
	return wire.NewDecoder(p.AppendTo(nil))
}

func TestErrorsKeepWhatTheyAre(t *testing.T) {
	problems := runtime.Problems{{File: "a.go", Line: 1, Column: 2, Message: "m"}, {Message: "n"}}
	for name, err := range map[string]error{
		"none":        nil,
		"plain":       errors.New("plain"),
		"no text":     errors.New(""),
		"cancelled":   fmt.Errorf("x: %w", context.Canceled),
		"deadline":    fmt.Errorf("x: %w", context.DeadlineExceeded),
		"stopped":     runtime.ErrStopped,
		"stuck":       fmt.Errorf("p: %w", runtime.ErrStuck),
		"no file":     &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist},
		"invalid":     plugin.Invalid("no %d", 1),
		"retryable":   fmt.Errorf("x: %w", plugin.Retryable(errors.New("busy"))),
		"both":        plugin.Retryable(plugin.Invalid("no")),
		"several":     errors.Join(context.Canceled, plugin.Retryable(runtime.ErrStopped)),
		"problems":    problems,
		"in problems": fmt.Errorf("load: %w", problems),
		"no problems": runtime.Problems{},
		"crash":       &runtime.CrashError{Package: "p", Reason: "r"},
	} {
		t.Run(name, func(t *testing.T) {
			d := sent(t, func(p *wire.Payload) { appendError(p, err) })
			got := decodeError(d)
			if d.Err() != nil || d.Len() != 0 || fmt.Sprint(got) != fmt.Sprint(err) {
				t.Fatalf("got %v, %v, want %v", got, d.Err(), err)
			}
			for _, identity := range identities {
				if errors.Is(got, identity) != errors.Is(err, identity) {
					t.Errorf("is it %v? %t, want %t", identity, errors.Is(got, identity), errors.Is(err, identity))
				}
			}
			if plugin.IsInvalid(got) != plugin.IsInvalid(err) || plugin.IsRetryable(got) != plugin.IsRetryable(err) {
				t.Errorf("got invalid %t and retryable %t", plugin.IsInvalid(got), plugin.IsRetryable(got))
			}
			want, _ := errors.AsType[runtime.Problems](err)
			if have, _ := errors.AsType[runtime.Problems](got); len(want) > 0 && !reflect.DeepEqual(have, want) {
				t.Errorf("got the problems %v", have)
			}
		})
	}
}

func TestMalformedErrors(t *testing.T) {
	var p wire.Payload
	appendError(&p, fmt.Errorf("load: %w", runtime.Problems{{File: "a", Message: "m"}}))
	whole := p.AppendTo(nil)
	for n := range whole {
		if err := decodeError(wire.NewDecoder(whole[:n])); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
}
