package worker

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

type stringer struct{ a int }

func (s stringer) String() string { return fmt.Sprint("stringer ", s.a) }

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.GroupValue(slog.Int("inner", 1)) }

// What is logged through the other process reads as what is logged here.
func TestRecordsAreTheSame(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for name, say := range map[string]func(*slog.Logger){
		"message": func(l *slog.Logger) { l.Info("a message") },
		"kinds": func(l *slog.Logger) {
			l.Warn("m", "s", "x y", "i", -1, "u", uint64(1)<<63, "f", 1.5, "b", true, "n", nil)
		},
		"times": func(l *slog.Logger) { l.Info("m", "t", at, "d", time.Second, "zero", time.Time{}) },
		"values": func(l *slog.Logger) {
			l.Info("m", "l", []any{"a", 1.0}, "e", errors.New("oops"), "st", stringer{1}, "x", struct{ A int }{1})
		},
		"log valuer":    func(l *slog.Logger) { l.Info("m", "v", valuer{}) },
		"with":          func(l *slog.Logger) { l.With("a", 1).With("b", 2).Debug("m", "c", 3) },
		"groups":        func(l *slog.Logger) { l.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").Error("m", "c", 3) },
		"empty groups":  func(l *slog.Logger) { l.WithGroup("g").WithGroup("").Info("m") },
		"group in attr": func(l *slog.Logger) { l.Info("m", slog.Group("g", "a", 1, slog.Group("h", "b", 2))) },
		"own level":     func(l *slog.Logger) { l.Log(t.Context(), slog.LevelInfo+2, "m") },
	} {
		t.Run(name, func(t *testing.T) {
			var direct, through bytes.Buffer
			handler := func(w *bytes.Buffer) *slog.Logger {
				return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					switch {
					case a.Key == slog.TimeKey:
						return slog.Attr{}
					case a.Value.Kind() == slog.KindTime && !a.Value.Time().IsZero():
						return slog.Time(a.Key, a.Value.Time().UTC())
					}
					return a
				}}))
			}
			say(handler(&direct))
			to := handler(&through)
			say(slog.New(&forward{min: levelOf(to), send: func(p *wire.Payload) {
				if err := logRecord(t.Context(), to, wire.NewDecoder(p.AppendTo(nil))); err != nil {
					t.Error(err)
				}
			}}))
			if through.String() != direct.String() {
				t.Errorf("got  %swant %s", &through, &direct)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if got := levelOf(slog.New(slog.NewTextHandler(&bytes.Buffer{}, &slog.HandlerOptions{Level: level}))); got != level {
			t.Errorf("got %v, want %v", got, level)
		}
	}
	for _, l := range []*slog.Logger{nil, slog.New(slog.DiscardHandler)} {
		f := &forward{min: levelOf(l), send: func(*wire.Payload) { t.Error("something was sent") }}
		slog.New(f).Error("x")
	}
}

func TestMalformedRecords(t *testing.T) {
	var whole []byte
	f := &forward{send: func(p *wire.Payload) { whole = p.AppendTo(nil) }}
	slog.New(f).Info("m", slog.Group("g", "a", 1, "t", time.Now(), "d", time.Second), "s", "x")
	for n := range whole {
		if err := logRecord(t.Context(), nil, wire.NewDecoder(whole[:n])); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
	attrs := []slog.Attr{slog.Int("a", 1)}
	for range 2 * maxGroups {
		attrs = []slog.Attr{slog.GroupAttrs("g", attrs...)}
	}
	slog.New(f).LogAttrs(t.Context(), slog.LevelInfo, "deep", attrs...)
	if err := logRecord(t.Context(), nil, wire.NewDecoder(whole)); err != nil {
		t.Error(err)
	}
}

func TestLogLines(t *testing.T) {
	var out bytes.Buffer
	logLines(strings.NewReader("one\ntwo\n\n"+strings.Repeat("x", maxLine+1)+"\nend"), slog.New(slog.NewTextHandler(&out, nil)), "stdout")
	if got := strings.Count(out.String(), "\n"); got != 6 || !strings.Contains(out.String(), "msg=end stream=stdout") {
		t.Errorf("got %d lines: %.300s", got, &out)
	}
}
