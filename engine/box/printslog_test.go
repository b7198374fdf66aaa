package box_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"
)

// TestSlog holds what the handlers of slog write for values of the program.
func TestSlog(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	values := []any{
		fCode(1), fText("a b"),
		fPoint{1, 2},
		&fPoint{3, 4},
		fFault{"open"},
		fSecret("pw"), fLevel(3), fCoded(4), fCodedText(5), fShade(1),
		[]fSecret{"x"},
		7, io.EOF,
		fWrap{},
		fMany{io.EOF},
	}
	for _, json := range []bool{false, true} {
		logger := func(out io.Writer) *slog.Logger {
			options := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}
			if json {
				return slog.New(slog.NewJSONHandler(out, options))
			}
			return slog.New(slog.NewTextHandler(out, options))
		}
		for _, v := range values {
			var got, want bytes.Buffer
			boxed := w.box(v)
			ctx := context.Background()

			l := logger(&want)
			l.Info("m", "k", v, v)
			l.With("w", v).WarnContext(ctx, "n", slog.Group("g", "x", v))
			l.Log(ctx, slog.LevelDebug, "o", slog.Any("y", v), slog.Attr{Key: "z", Value: slog.AnyValue(v)})

			e := logger(&got)
			info := stand[func(*slog.Logger, string, ...any)](w, "(*log/slog.Logger).Info")
			with := stand[func(*slog.Logger, ...any) *slog.Logger](w, "(*log/slog.Logger).With")
			warn := stand[func(*slog.Logger, context.Context, string, ...any)](w, "(*log/slog.Logger).WarnContext")
			group := stand[func(string, ...any) slog.Attr](w, "log/slog.Group")
			logs := stand[func(*slog.Logger, context.Context, slog.Level, string, ...any)](w, "(*log/slog.Logger).Log")
			anyAttr := stand[func(string, any) slog.Attr](w, "log/slog.Any")
			anyValue := stand[func(any) slog.Value](w, "log/slog.AnyValue")
			info(e, "m", "k", boxed, boxed)
			warn(with(e, "w", boxed), ctx, "n", group("g", "x", boxed))
			logs(e, ctx, slog.LevelDebug, "o", anyAttr("y", boxed), slog.Attr{Key: "z", Value: anyValue(boxed)})

			if got, want := masked(got.String()), masked(want.String()); got != want {
				t.Errorf("%T\n got %s\nwant %s", v, got, want)
			}
		}
	}
}
